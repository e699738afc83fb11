"""Slash commands that are answered with something to read: the library, one's own data, help."""

from __future__ import annotations

from adapters.slack.telling import Telling
from adapters.slack.wanted import Whence
from bot.cards import Form
from bot.permissions import allowed
from bot.question import Refused
from bot.showing.replies import forget_card, found_card, found_items, help_card, my_data_line, sent_in_private
from bot.showing.short_lines import notice_text
from bot.surfaces.house import House, Reader
from bot.surfaces.pages import pages_card
from bot.surfaces.wanted import Ordered

SHOWN = 5  # resources of a search
LONGEST = 2_500  # characters of one's data where no file can be sent


class Orders:
    def __init__(self, house: House, telling: Telling) -> None:
        self._house = house
        self._telling = telling

    async def carry_out(self, order: Ordered, whence: Whence) -> None:
        reader = await self._house.reader(whence.member.key)
        match order.what:
            case "resources":
                await self._resources(order.words, reader, whence)
            case "web":
                await self._telling.card(await pages_card(self._house, reader), whence)
            case "my-data":
                await self._my_data(reader, whence)
            case "forget-me":
                await self._telling.card(forget_card(reader.key, reader.say), whence)
            case _:
                await self._telling.card(help_card(reader.say), whence)

    async def _resources(self, words: str, reader: Reader, whence: Whence) -> None:
        """Who looks after the library can put right and retire what is found."""
        try:
            found = [r for r, _ in await self._house.lookups.search(reader.key, words, SHOWN)]
        except Refused as refused:
            await self._telling.line(notice_text(refused.notice, "", reader.say), whence)
            return
        if found and allowed(Form.EDIT_RESOURCE, reader.record):
            await self._telling.items(found_items(found, reader.record, reader.say), whence)
        else:
            await self._telling.card(found_card(words, found, reader.say), whence)

    async def _my_data(self, reader: Reader, whence: Whence) -> None:
        say = reader.say
        data = await self._house.lookups.my_data_file(reader.key)
        words = my_data_line(say)
        if await self._telling.file(data, "winwin-my-data.json", words, whence):
            await self._telling.line(sent_in_private(say), whence)
            return
        text = data.decode()
        await self._telling.line(f"{words}\n{text[:LONGEST]}", whence)
