"""Reading up on what no event told: at the start, after a gap, and every now and then, because events get lost.

New events never wait for it. What was said goes to the desk as the same facts that events would have brought, and the
inbox ends the repeats. Channels are read in turn, one page each, so that somebody in need waits for no long channel to
end; within one, the oldest first, because an answer has to come after its question. A channel's mark moves only after
all its facts are safe. Discord allows fifty calls a second; reading takes less than half of that, and no channel is
asked more than once a second, so limits are never run into.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from adapters.discord.backfill_kept import Kept
from adapters.discord.backfill_plan import (
    FORUM,
    PAGE,
    TEXT,
    Found,
    Kind,
    Look,
    Posted,
    Room,
    id_at,
    later,
    looks,
    read,
    without,
)
from adapters.discord.client import CHANNEL_GONE, MESSAGE_GONE, DiscordApi, DiscordRefusal
from adapters.discord.figures import Figures
from bot.events import MessagePosted, PlatformEvent
from bot.policy import Mode
from bot.ports import Clock, DeliveryError, Store

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]
Learn = Callable[[Mapping[str, Any], str], None]  # a channel or thread that Discord describes, and its server
Befriend = Callable[[str, str, str], None]  # whose private conversation it is, and the server we know them from
Met = Callable[[str, str], Awaitable[None]]  # the same by their ids, before its messages are read

EVERY = timedelta(minutes=10)  # between two rounds when nothing seems to be missing
PRIVATE = timedelta(days=1)  # how far back private conversations are read after a gap
SETTLING = timedelta(seconds=30)  # an event may take so long: until then a message is not missed
AGAIN = timedelta(seconds=15)  # until a call is tried again that Discord did not answer
AT_ONCE = 10  # calls side by side, each in another channel
SPACING = timedelta(seconds=1.0)  # between two calls in one channel
BREATH = timedelta(seconds=0.5)  # between two steps: twenty calls a second at most
HEARD = 10_000  # facts remembered, to know what was missed
GONE = frozenset({CHANNEL_GONE, MESSAGE_GONE})

_log = structlog.get_logger("winwin.discord")


@dataclass(eq=False)
class _Reading:
    """A channel that is being read. When nothing is left, all before `mark` has been."""

    room: Room
    left: deque[Look]
    mark: str
    free_at: datetime


class Backfill:
    """`guilds` names the servers the bot is in; `posted` makes a fact of a message. `on_missed` is told when the line
    was open and yet did not bring everything."""

    def __init__(
        self,
        api: DiscordApi,
        guilds: Callable[[], Sequence[str]],
        posted: Posted,
        store: Store,
        receive: Receive,
        clock: Clock,
        default_mode: Mode,
        *,
        figures: Figures | None = None,
        on_missed: Callable[[], None] = lambda: None,
        every: timedelta = EVERY,
        learn: Learn = lambda _row, _guild: None,
        met: Met | None = None,
        befriend: Befriend = lambda _user, _channel, _guild: None,
        sees: Callable[[str], bool] = lambda _channel: True,
        barred: Callable[[DiscordRefusal, str, str], object] = lambda _refused, _guild, _channel: None,
    ) -> None:
        self._api = api
        self._guilds = guilds
        self._posted = posted
        self._kept = Kept(store, default_mode)
        self._receive = receive
        self._clock = clock
        self._figures = figures or Figures()
        self._on_missed = on_missed
        self._every = every
        self._learn = learn
        self._met = met
        self._befriend = befriend
        self._sees = sees
        self._barred = barred
        self._due_at: datetime | None = None  # None: at once
        self._gap = True  # nobody listened before
        self._turn: deque[_Reading] = deque()
        self._free_at = self._stepped_at = clock.now()
        self._known: frozenset[str] = frozenset()
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._listening_since = clock.now()

    def gap(self) -> None:
        """Nobody listened for a while: begin at once, or as soon as the round under way is over."""
        self._due_at, self._gap = None, True
        self._listening_since = self._clock.now()

    async def heard(self, facts: Sequence[PlatformEvent]) -> None:
        """What events bring goes through here, so that it is known what they do not bring."""
        await self._receive(facts)
        for fact in facts:
            self._heard[fact.key] = None
        while len(self._heard) > HEARD:
            self._heard.popitem(last=False)

    @property
    def idle(self) -> bool:
        """Whether a round is over and the next is not due."""
        return not self._turn and self._due_at is not None and self._clock.now() < self._due_at

    async def step(self) -> bool:
        """Make the calls whose time has come. Returns whether there was one."""
        now = self._clock.now()
        if now < self._stepped_at:  # the clock was set back: what is waited for would be as far away
            self._free_at, self._due_at = now, None
            for one in self._turn:
                one.free_at = now
        self._stepped_at = now
        if now < self._free_at or (not self._turn and not await self._begun(now)):
            return False
        ready = [one for one in self._turn if one.free_at <= now][:AT_ONCE]
        if not ready:
            return False
        self._free_at = now + BREATH
        for one in ready:
            self._turn.remove(one)
            one.free_at = now + SPACING
        answers = await asyncio.gather(*(self._ask(one.left[0]) for one in ready))
        for one, answer in zip(ready, answers, strict=True):
            await self._answered(one, answer)
        return True

    # --- a round ----------------------------------------------------------------------------------------------

    async def _begun(self, now: datetime) -> bool:
        """Begin a round when it is time for one. Returns whether there is anything to read."""
        if not self._api.ready or (self._due_at is not None and now < self._due_at):
            return False
        guilds = self._guilds()
        if not guilds:  # Discord has not said yet where the bot is
            return False
        self._due_at = now + self._every
        self._known = frozenset()
        after_gap, self._gap = self._gap, False
        for guild in guilds:
            try:
                if after_gap:
                    await self._plan_private(guild, now)
                await self._plan(guild, now)
            except DeliveryError as error:
                _log.warning("backfill_put_off", guild=guild, error=str(error))
                self._due_at = now + max(timedelta(seconds=error.retry_after or 0.0), AGAIN)
                self._gap = after_gap
        return bool(self._turn)

    async def _plan_private(self, guild: str, now: datetime) -> None:
        """Discord does not say which private conversations there are: those that we know of are read once more after
        a gap, and the inbox ends the repeats. They come first, because a cry for help comes there."""
        since = id_at(now - PRIVATE)
        for user, channel in await self._kept.conversations(guild, now):
            self._befriend(user, channel, guild)
            room = Room(guild, channel, since)
            look = Look(Kind.CHANNEL, room, channel, since)
            self._turn.append(_Reading(room, deque([look]), since, now))

    async def _plan(self, guild: str, now: datetime) -> None:
        channels = _rows(await self._api.call("GET", "/guilds/{guild_id}/channels", guild_id=guild))
        active = await self._api.call("GET", "/guilds/{guild_id}/threads/active", guild_id=guild)
        threads = _rows(active.get("threads") if isinstance(active, dict) else None)
        for row in (*channels, *threads):
            self._learn(row, guild)
        heard = [c for c in channels if c.get("type") in TEXT | FORUM and self._sees(str(c.get("id")))]
        marks = await self._kept.marks(guild, [str(c.get("id")) for c in heard], id_at(now))
        talks = await self._kept.talks(guild, now)
        self._known |= {talk.place.message for talk in talks}
        newest = sorted(heard, key=lambda c: int(str(c.get("last_message_id") or 0)), reverse=True)
        for channel in newest:
            own, forum = str(channel.get("id")), channel.get("type") in FORUM
            room = Room(guild, own, marks[own], forum)
            if forum and later(channel.get("last_message_id"), room.mark):
                archived = await self._archived(own)
                threads += archived
                for row in archived:
                    self._learn(row, guild)
            found = looks(room, channel, threads, talks)
            if found:
                self._turn.append(_Reading(room, deque(found), id_at(now - SETTLING), now))

    async def _archived(self, forum: str) -> list[dict[str, Any]]:
        """Posts that were made and put away while nobody listened."""
        path = "/channels/{channel_id}/threads/archived/public"
        try:
            found = await self._api.call("GET", path, params={"limit": PAGE}, channel_id=forum)
        except DiscordRefusal as refused:
            if not refused.permanent:
                raise
            return []
        return _rows(found.get("threads") if isinstance(found, dict) else None)

    # --- one call ---------------------------------------------------------------------------------------------

    async def _ask(self, look: Look) -> Found | DeliveryError:
        now = self._clock.now()
        try:
            if look.kind is Kind.ONE and look.place is not None:
                path, message = "/channels/{channel_id}/messages/{message_id}", look.place.message
                page = [await self._api.call("GET", path, channel_id=look.source, message_id=message)]
            else:
                if look.kind is Kind.THREAD and self._met is not None:
                    await self._met(look.source, look.room.guild)
                path, params = "/channels/{channel_id}/messages", {"after": look.after, "limit": PAGE}
                page = await self._api.call("GET", path, params=params, channel_id=look.source)
        except DeliveryError as error:
            if isinstance(error, DiscordRefusal) and error.code in GONE:
                return without(look, now)
            return error
        for thread in _rows([row.get("thread") for row in _rows(page)]):
            self._learn(thread, look.room.guild)
        return read(look, _rows(page), self._posted, self._known, now)

    async def _answered(self, one: _Reading, answer: Found | DeliveryError) -> None:
        if isinstance(answer, DeliveryError):
            if answer.permanent:  # this cannot be read now; the rest of the channel can
                one.mark = one.room.mark
                _log.warning("backfill_left_out", channel=one.left[0].source, error=str(answer))
                if isinstance(answer, DiscordRefusal):
                    self._barred(answer, one.room.guild, one.room.channel)
                answer = Found()
            else:
                wait = max(timedelta(seconds=answer.retry_after or 0.0), AGAIN)
                _log.info("backfill_waits", channel=one.room.channel, error=str(answer))
                one.free_at = self._clock.now() + wait
                self._turn.append(one)
                return
        look = one.left[0]
        try:
            await self._facts(look, answer.facts)
        except BaseException:
            self._turn.append(one)  # the same page again
            raise
        one.left.popleft()
        one.left.extendleft(reversed([n for n in answer.then if n.kind is look.kind]))
        one.left.extend(n for n in answer.then if n.kind is not look.kind)
        if one.left:
            self._turn.append(one)
        elif later(one.mark, one.room.mark):
            await self._kept.move(one.room.guild, one.room.channel, one.mark)

    async def _facts(self, look: Look, facts: Sequence[PlatformEvent]) -> None:
        if not facts:
            return
        since, until = self._listening_since, self._clock.now() - SETTLING
        unheard = [f for f in facts if isinstance(f, MessagePosted) and since < f.at < until]
        unheard = [f for f in unheard if f.key not in self._heard]
        await self._receive(facts)
        self._figures.backfilled.inc(len(facts))
        if unheard:
            _log.warning("events_missed", channel=look.room.channel, count=len(unheard))
            self._listening_since = self._clock.now()
            self._on_missed()


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
