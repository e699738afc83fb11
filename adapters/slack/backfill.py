"""Reading up on what no event told: at the start, after a gap, and every now and then, because events get lost.
Channels that the bot was invited to meanwhile are greeted (see `greeting`).

One step makes one call a method; new events never wait for it. What was said goes to the desk as the same facts that
events would have brought, and the inbox ends the repeats. A channel's mark moves only after the facts before it are
safe, so whoever is killed in between reads a page twice and skips none. Histories and threads are read side by side,
each at the pace that Slack allows its method, down to one call a minute with fifteen messages.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from adapters.slack.backfill_plan import (
    HISTORY,
    REPLIES,
    Found,
    Look,
    Pace,
    looks,
    missed,
    read,
    vanished,
)
from adapters.slack.backfill_rooms import LOST, PAGE, Rooms
from adapters.slack.backfill_talks import talks
from adapters.slack.client import SlackApi, SlackRefusal
from adapters.slack.figures import Figures
from adapters.slack.greeting import Greeting
from adapters.slack.installations import Installations, Installed
from adapters.slack.posting import messages_in
from bot.events import MessagePosted, PlatformEvent
from bot.policy import Mode
from bot.ports import Clock, DeliveryError, Store

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]

EVERY = timedelta(minutes=10)  # between two rounds when nothing seems to be missing
SETTLING = timedelta(seconds=30)  # an event may take so long: until then a message is not missed
AGAIN = 15.0  # seconds until a call is tried again that Slack did not answer
HEARD = 10_000  # facts remembered, to know what was missed

_log = structlog.get_logger("winwin.slack")


class Backfill:
    """`on_missed` is told when the line was open and yet did not bring everything."""

    def __init__(
        self,
        api: SlackApi,
        installations: Installations,
        store: Store,
        receive: Receive,
        clock: Clock,
        default_mode: Mode,
        *,
        figures: Figures | None = None,
        on_missed: Callable[[], None] = lambda: None,
        every: timedelta = EVERY,
    ) -> None:
        self._api = api
        self._installations = installations
        self._store = store
        self._receive = receive
        self._clock = clock
        self._figures = figures or Figures()
        self._on_missed = on_missed
        self._every = every
        self._greeting = Greeting(store, receive, clock)
        self._rooms = Rooms(api, store, clock, default_mode, self._greeting)
        self._due_at: datetime | None = None  # None: at once
        self._queues: dict[str, deque[tuple[Installed, Look]]] = {HISTORY: deque(), REPLIES: deque()}
        self._paces: dict[str, Pace] = {HISTORY: Pace(), REPLIES: Pace()}
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._listening_since = self._stepped_at = clock.now()

    def gap(self) -> None:
        """Nobody listened for a while: begin at once."""
        self._due_at = None
        self._listening_since = self._clock.now()

    async def heard(self, facts: Sequence[PlatformEvent]) -> None:
        """What events bring goes through here, so that it is known what they do not bring."""
        await self._receive(facts)
        for fact in facts:
            self._heard[fact.key] = None
            if isinstance(fact, MessagePosted):
                self._rooms.spoken_in(fact.place, direct=fact.direct)
        while len(self._heard) > HEARD:
            self._heard.popitem(last=False)

    @property
    def idle(self) -> bool:
        """Whether a round is over and the next is not due."""
        due = self._due_at is None or self._clock.now() >= self._due_at
        return not due and not any(self._queues.values()) and self._greeting.idle

    async def step(self) -> bool:
        """Make the calls whose time has come, one a method. Returns whether there was anything to do."""
        now = self._clock.now()
        if now < self._stepped_at:  # the clock was set back: what is waited for would be as far away
            self._due_at, self._paces = None, {HISTORY: Pace(), REPLIES: Pace()}
        self._stepped_at = now
        greeted = await self._greeting.step()
        if not any(self._queues.values()) and not await self._begun():
            return greeted
        return any([await self._next(method) for method in (HISTORY, REPLIES)]) or greeted

    # --- a round ----------------------------------------------------------------------------------------------

    async def _begun(self) -> bool:
        """Begin a round when it is time for one. Returns whether there is anything to read."""
        now = self._clock.now()
        if self._due_at is not None and now < self._due_at:
            return False
        self._due_at = now + self._every
        for installed in await self._installations.all():
            try:
                rooms = await self._rooms.of(installed)
            except DeliveryError as error:
                _log.warning("backfill_put_off", space=installed.workspace.space, error=str(error))
                self._due_at = now + timedelta(seconds=max(error.retry_after or 0.0, AGAIN))
                continue
            threads = await talks(installed.workspace.space, self._clock.now(), self._store)
            for look in looks(rooms, threads):
                self._queues[look.method].append((installed, look))
        if self._rooms.access:  # after the round is laid out: what is asked meanwhile is heard, and need not be read
            told, self._rooms.access = self._rooms.access, []
            await self._receive(told)
        return any(self._queues.values())

    # --- one call ---------------------------------------------------------------------------------------------

    async def _next(self, method: str) -> bool:
        queue, pace, now = self._queues[method], self._paces[method], self._clock.now().timestamp()
        if not queue or pace.wait(now) > 0:
            return False
        installed, look = queue[0]
        try:
            found = await self._look(installed, look)
        except SlackRefusal as refused:
            await self._refused(refused, installed, look, pace)
            return refused.permanent
        except DeliveryError as error:
            _log.info("backfill_waits", channel=look.room.channel, error=str(error))
            pace.later(AGAIN, now)
            return False
        pace.went(now)
        await self._keep(installed, look, found)
        queue.popleft()
        if found.next is not None:
            queue.append((installed, found.next))  # the others' newest first
        self._queues[REPLIES].extend((installed, Look(look.room, talk)) for talk in found.talks)
        return True

    async def _look(self, installed: Installed, look: Look) -> Found:
        page = await self._api.ask(
            look.method,
            installed.token,
            channel=look.room.channel,
            ts=look.talk.place.thread if look.talk else None,
            oldest=look.room.mark if look.talk is None else None,
            limit=PAGE,
            cursor=look.cursor or None,
        )
        messages, cursor = messages_in(page)
        return read(look, messages, cursor, installed.workspace, self._clock.now())

    async def _refused(self, refused: SlackRefusal, installed: Installed, look: Look, pace: Pace) -> None:
        queue, now = self._queues[look.method], self._clock.now()
        if refused.code == "ratelimited":
            pace.refused(refused.retry_after or 1.0, now.timestamp())
        elif refused.code == "invalid_cursor" and look.cursor:
            queue[0] = (installed, replace(look, cursor="", newest="", seen=frozenset()))
        elif refused.code == "thread_not_found" and look.talk is not None:
            await self._receive(vanished(look.talk, now))
            queue.popleft()
        elif refused.permanent or refused.code in LOST:
            _log.warning("backfill_left_out", channel=look.room.channel, code=refused.code)
            queue.popleft()
        else:
            pace.later(AGAIN * 4, now.timestamp())

    async def _keep(self, installed: Installed, look: Look, found: Found) -> None:
        """The facts first, the mark after them."""
        if found.facts:
            unheard = missed(found.facts, self._heard, self._listening_since, self._clock.now() - SETTLING)
            await self._receive(found.facts)
            self._figures.backfilled.inc(len(found.facts))
            if unheard:
                _log.warning("events_missed", channel=look.room.channel, count=unheard)
                self._listening_since = self._clock.now()
                self._on_missed()
        if found.mark:
            async with self._store.begin() as tx:
                await self._rooms.move(tx, installed.workspace.space, look.room.channel, found.mark)
