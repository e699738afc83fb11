"""Somebody's own page, as a message that they alone see: drawn when they ask for it, turned, and drawn anew as soon as
what they pressed on it is handled."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from adapters.discord.outbound import Rendered
from adapters.discord.outbound_panel import home_page
from adapters.discord.telling import Telling
from adapters.discord.wanted import Whence
from bot.cards import Card, Text
from bot.events import Member
from bot.ports import Messenger
from bot.showing.home import home
from bot.showing.replies import too_late
from bot.surfaces.at_home import at_home
from bot.surfaces.house import House

LOOKED = 0.05  # seconds between two looks whether what somebody did has been handled
PATIENCE = 5.0  # seconds after which their page is drawn all the same
REMEMBERED = 2_000  # pages that stand somewhere


async def handled(house: House, member: Member) -> None:
    """Wait until nothing of theirs waits to be handled."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < until:
        async with house.store.read() as tx:
            if not await tx.inbox.by(member.key):
                return
        await asyncio.sleep(LOOKED)


class AtHomeOnDiscord:
    def __init__(self, house: House, telling: Telling, messenger: Messenger) -> None:
        self._house = house
        self._telling = telling
        self._messenger = messenger
        self._standing: OrderedDict[str, int] = OrderedDict()  # which page a message shows

    async def opened(self, whence: Whence) -> None:
        shown = await self._drawn(0, whence)
        reader = await self._house.reader(whence.member.key, whence.language)
        message = await self._telling.messages([shown], Card((Text(too_late(reader.say)),)), whence)
        self._stands(message, 0)

    async def turned(self, page: int, whence: Whence) -> None:
        self._stands(whence.message, page)
        await self._telling.redrawn(await self._drawn(page, whence), whence)

    async def changed(self, whence: Whence) -> None:
        """They did something on their page, which is committed."""
        page = self._standing.get(whence.message)
        if page is not None:
            await handled(self._house, whence.member)
            await self._telling.redrawn(await self._drawn(page, whence), whence)

    async def _drawn(self, page: int, whence: Whence) -> Rendered:
        reader = await self._house.reader(whence.member.key, whence.language)
        # in private Discord has no roles to choose from
        parts = home(await at_home(self._house, reader, roles=bool(whence.guild)), reader.say)
        return home_page(parts, page, self._messenger.link, reader.say)

    def _stands(self, message: str, page: int) -> None:
        if message:
            self._standing[message] = page
            while len(self._standing) > REMEMBERED:
                self._standing.popitem(last=False)
