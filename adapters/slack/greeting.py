"""Channels that the bot was invited to while nobody listened: each is greeted once, one after the other.

Greeting is the core's (it says hello and asks the moderators for a mode); this hands it the invitation that no event
told. After a kill the next round finds whoever is left, because a channel that was greeted says so in the store.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from adapters.slack.identity import PLATFORM
from bot.community import Channel
from bot.events import BotInvited, Place, PlatformEvent
from bot.ports import Clock, Store

SPACING = timedelta(seconds=5)  # between two greetings: moderators are asked something about each

_log = structlog.get_logger("winwin.slack")


@dataclass(frozen=True, slots=True)
class Ungreeted:
    """`gone`: the bot had been there before, and was removed."""

    place: Place
    name: str
    gone: bool
    public: bool | None = None


class Greeting:
    def __init__(
        self, store: Store, receive: Callable[[Sequence[PlatformEvent]], Awaitable[None]], clock: Clock
    ) -> None:
        self._store = store
        self._receive = receive
        self._clock = clock
        self._waiting: dict[str, Ungreeted] = {}
        self._free_at: datetime | None = None

    @property
    def idle(self) -> bool:
        return not self._waiting

    def found(self, space: str, rooms: Iterable[tuple[str, str, bool | None]], known: Mapping[str, Channel]) -> None:
        """The bot is in these channels (id, name, whether everybody may read it) now, and in no others of the space."""
        self._waiting = {k: u for k, u in self._waiting.items() if u.place.space != space}
        for channel, name, public in rooms:
            place = Place(PLATFORM, space, channel, "", "")
            record = known.get(place.channel_key)
            if record is None or record.gone or not record.welcomed:
                self._waiting[place.channel_key] = Ungreeted(place, name, record is not None and record.gone, public)

    async def step(self) -> bool:
        """Greet the next channel when it is time. Returns whether one was greeted."""
        now = self._clock.now()
        if not self._waiting or (self._free_at is not None and now < self._free_at):
            return False
        key, ungreeted = next(iter(self._waiting.items()))
        if await self._still(key, ungreeted):
            await self._receive([BotInvited(ungreeted.place, ungreeted.name, None, now, ungreeted.public)])
            self._free_at = now + SPACING
            _log.info("greeted_later", channel=ungreeted.place.channel)
        self._waiting.pop(key, None)
        return True

    async def _still(self, key: str, ungreeted: Ungreeted) -> bool:
        """An event may have told of an invitation or of a removal meanwhile."""
        async with self._store.read() as tx:
            record = await tx.channels.get(key)
        if record is None:
            return True
        return record.gone if ungreeted.gone else not (record.gone or record.welcomed)
