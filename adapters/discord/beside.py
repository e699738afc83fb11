"""What is said to somebody because of what they just pressed or sent: shown beside it, to them alone.

A private message would ring, and would never come to somebody who takes none. Only words that nothing is done with
later go this way: a message that only one person sees stands in no history and is gone when they restart Discord.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

import structlog

from adapters.discord.client import DiscordApi
from adapters.discord.outbound import rendered
from adapters.discord.telling import body_of, changes
from adapters.discord.wanted import Whence
from bot.cards import Card
from bot.events import Member
from bot.ports import DeliveryError, Messenger

REMEMBERED = 2_000  # facts of which it is known what they were pressed on
FIRST = 2.5  # seconds in which an interaction has had its first answer

_log = structlog.get_logger("winwin.discord")


class Beside:
    def __init__(self, api: DiscordApi, messenger: Messenger) -> None:
        self._api = api
        self._messenger = messenger
        self._whence: OrderedDict[str, tuple[Whence, asyncio.Event]] = OrderedDict()
        self._thanked: set[str] = set()  # whose first answer says no more than that it came

    def expect(self, facts: Iterable[str], whence: Whence) -> None:
        """Before they are committed: what follows from these facts may be said beside them once they are answered."""
        answered = asyncio.Event()
        for key in facts:
            self._whence[key] = (whence, answered)
        while len(self._whence) > REMEMBERED:
            _, (old, _) = self._whence.popitem(last=False)
            self._thanked.discard(old.interaction)

    def answered(self, facts: Iterable[str], *, thanked: bool) -> None:
        """The first answer has been given. One that only thanks is replaced by whatever is said afterwards."""
        for key in facts:
            if key in self._whence:
                whence, answered = self._whence[key]
                if thanked:
                    self._thanked.add(whence.interaction)
                answered.set()

    async def said(self, member: Member, card: Card, wish: str) -> str:
        """The message's id; empty when it has to be said in private. A wish's key begins with its fact's."""
        known = self._whence.get(wish.rpartition(":")[0])
        if known is None or not card.quiet or card.buttons:
            return ""
        whence, answered = known
        if whence.member != member or not whence.guild:  # in private, a message is where they are
            return ""
        try:
            async with asyncio.timeout(FIRST):
                await answered.wait()
            return await self._tell(card, whence) or whence.interaction
        except (DeliveryError, TimeoutError) as error:
            _log.info("not_said_beside", error=str(error))
            return ""

    async def _tell(self, card: Card, whence: Whence) -> str:
        message = body_of(rendered(card, self._messenger.link))
        if whence.interaction in self._thanked:
            self._thanked.discard(whence.interaction)
            said = await self._api.revise_answer(whence.token, changes(message))
        else:
            said = await self._api.follow_up(whence.token, message)
        return str(said.get("id") or "")
