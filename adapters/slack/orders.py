"""Slash commands that are answered with something to read: the library, one's own data, help."""

from __future__ import annotations

from adapters.slack.telling import Telling
from adapters.slack.wanted import Whence
from bot.cards import Card, Text
from bot.question import Refused
from bot.showing.replies import forget_card, found_card, help_card, my_data_line, sent_in_private
from bot.showing.show import notice_text
from bot.surfaces.house import House, Reader
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
                await self._telling.card(await self._found(order.words, reader), whence)
            case "my-data":
                await self._my_data(reader, whence)
            case "forget-me":
                await self._telling.card(forget_card(reader.key, reader.say), whence)
            case _:
                await self._telling.card(help_card(reader.say), whence)

    async def _found(self, words: str, reader: Reader) -> Card:
        try:
            found = await self._house.lookups.search(reader.key, words, SHOWN)
        except Refused as refused:
            return Card((Text(notice_text(refused.notice, "", reader.say)),))
        return found_card(words, [resource for resource, _ in found], reader.say)

    async def _my_data(self, reader: Reader, whence: Whence) -> None:
        say = reader.say
        data = await self._house.lookups.my_data_file(reader.key)
        words = my_data_line(say)
        if await self._telling.file(data, "winwin-my-data.json", words, whence):
            await self._telling.line(sent_in_private(say), whence)
            return
        text = data.decode()
        await self._telling.line(f"{words}\n{text[:LONGEST]}", whence)
