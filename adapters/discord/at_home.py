"""Somebody's own page, as a message that they alone see: drawn when they ask for it, turned, and drawn anew as soon as
what they pressed on it is handled."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace

from adapters.discord.outbound_panel import home_page, page_of
from adapters.discord.telling import Telling
from adapters.discord.wanted import Whence
from bot.cards import Card, Text
from bot.events import Member
from bot.ports import Messenger
from bot.showing.board import BEGINNING, Looking
from bot.showing.home import Part, board_title, home
from bot.showing.replies import too_late
from bot.surfaces.at_home import at_home
from bot.surfaces.house import House
from bot.wording import Say

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


@dataclass(frozen=True, slots=True)
class _Standing:
    page: int = 0
    looking: Looking = BEGINNING


class AtHomeOnDiscord:
    def __init__(self, house: House, telling: Telling, messenger: Messenger) -> None:
        self._house = house
        self._telling = telling
        self._messenger = messenger
        self._standing: OrderedDict[str, _Standing] = OrderedDict()  # what a message shows

    async def opened(self, whence: Whence) -> None:
        parts, say = await self._parts(BEGINNING, whence)
        shown = home_page(parts, 0, self._messenger.link, say)
        message = await self._telling.messages([shown], Card((Text(too_late(say)),)), whence)
        self._stands(message, _Standing())

    async def turned(self, page: int, whence: Whence) -> None:
        await self._redrawn(replace(self._standing.get(whence.message, _Standing()), page=page), whence)

    async def looked(self, looking: Looking, whence: Whence) -> None:
        """At another part of the open board: the page on which it begins."""
        parts, say = await self._parts(looking, whence)
        page = page_of(board_title(say), parts)
        self._stands(whence.message, _Standing(page, looking))
        await self._telling.redrawn(home_page(parts, page, self._messenger.link, say), whence)

    async def changed(self, whence: Whence) -> None:
        """They did something on their page, which is committed."""
        standing = self._standing.get(whence.message)
        if standing is not None:
            await handled(self._house, whence.member)
            await self._redrawn(standing, whence)

    async def _redrawn(self, standing: _Standing, whence: Whence) -> None:
        self._stands(whence.message, standing)
        parts, say = await self._parts(standing.looking, whence)
        await self._telling.redrawn(home_page(parts, standing.page, self._messenger.link, say), whence)

    async def _parts(self, looking: Looking, whence: Whence) -> tuple[tuple[Part, ...], Say]:
        reader = await self._house.reader(whence.member.key, whence.language)
        # in private Discord has no roles to choose from
        true = await at_home(self._house, reader, roles=bool(whence.guild), looking=looking)
        return home(true, reader.say), reader.say

    def _stands(self, message: str, standing: _Standing) -> None:
        if message:
            self._standing[message] = standing
            while len(self._standing) > REMEMBERED:
                self._standing.popitem(last=False)
