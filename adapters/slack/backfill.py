"""Reading up on what no event told: at the start, after a gap, and every now and then, because events get lost.
Channels that the bot was invited to meanwhile are greeted (see `greeting`).

One step makes one call a method; new events never wait for it. What was said goes to the desk as the same facts that
events would have brought, and the inbox ends the repeats. A channel's mark moves only after the facts before it are
safe, so whoever is killed in between reads a page twice and skips none. Histories and threads are read side by side,
each at the pace that Slack allows its method, down to one call a minute with fifteen messages.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from adapters.slack.backfill_plan import (
    HISTORY,
    REPLIES,
    Found,
    Look,
    Pace,
    Room,
    Talk,
    looks,
    missed,
    read,
    vanished,
)
from adapters.slack.client import SlackApi, SlackRefusal
from adapters.slack.figures import Figures
from adapters.slack.greeting import Greeting
from adapters.slack.identity import PLATFORM, part, word
from adapters.slack.inbound import is_direct, is_public
from adapters.slack.installations import Installations, Installed
from adapters.slack.posting import messages_in
from bot.community import Channel, Part, QuestionFilter
from bot.events import ChannelRenamed, MessagePosted, PlatformEvent
from bot.policy import Mode
from bot.ports import Clock, DeliveryError, Store, Transaction
from bot.question import Question, Status

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]

EVERY = timedelta(minutes=10)  # between two rounds when nothing seems to be missing
LIVE = timedelta(days=60)  # a question older than that is not looked after any more
JUST_CLOSED = timedelta(days=2)  # a question closed lately may still be deleted
SETTLING = timedelta(seconds=30)  # an event may take so long: until then a message is not missed
PAGE = 200
AGAIN = 15.0  # seconds until a call is tried again that Slack did not answer
HEARD = 10_000  # facts remembered, to know what was missed
LOST = frozenset({"channel_not_found", "not_in_channel", "is_archived", "missing_scope", "no_permission"})
LISTS = ("users.conversations", "conversations.list")  # where the bot is; a small server may know one, or neither
OPEN = frozenset(set(Status) - {Status.CLOSED})

_log = structlog.get_logger("winwin.slack")


@dataclass(frozen=True, slots=True)
class Where:
    """A conversation the bot is in now."""

    channel: str
    name: str
    direct: bool
    public: bool | None = None  # None: Slack does not say


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
        self._default_mode = default_mode
        self._figures = figures or Figures()
        self._on_missed = on_missed
        self._every = every
        self._greeting = Greeting(store, receive, clock)
        self._access: list[ChannelRenamed] = []
        self._due_at: datetime | None = None  # None: at once
        self._queues: dict[str, deque[tuple[Installed, Look]]] = {HISTORY: deque(), REPLIES: deque()}
        self._paces: dict[str, Pace] = {HISTORY: Pace(), REPLIES: Pace()}
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._spoken_in: dict[tuple[str, str], bool] = {}  # (space, channel): whether it is a private conversation
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
                self._spoken_in[fact.place.space, fact.place.channel] = fact.direct
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
                rooms = await self._rooms(installed)
            except DeliveryError as error:
                _log.warning("backfill_put_off", space=installed.workspace.space, error=str(error))
                self._due_at = now + timedelta(seconds=max(error.retry_after or 0.0, AGAIN))
                continue
            talks = await self._talks(installed)
            for look in looks(rooms, talks):
                self._queues[look.method].append((installed, look))
        if self._access:  # after the round is laid out: what is asked meanwhile is heard, and need not be read
            told, self._access = self._access, []
            await self._receive(told)
        return any(self._queues.values())

    async def _rooms(self, installed: Installed) -> list[Room]:
        """Where the bot is. A channel seen for the first time is read from now on; a private conversation that was
        begun while nobody listened, from where the last round was."""
        for method in LISTS:
            try:
                return await self._marked(installed, await self._listed(installed, method))
            except SlackRefusal as refused:
                if not (refused.permanent or refused.code in LOST):
                    raise
                _log.info("channels_not_listed", method=method, code=refused.code)
        return await self._marked(installed, await self._known(installed.workspace.space))

    async def _listed(self, installed: Installed, method: str) -> list[Where]:
        found: list[Where] = []
        cursor = ""
        while True:
            page = await self._api.ask(
                method,
                installed.token,
                types="public_channel,private_channel,im",
                exclude_archived="true",
                limit=PAGE,
                cursor=cursor or None,
            )
            rows = page.get("channels")
            for row in rows if isinstance(rows, list) else []:
                channel = word(part(row).get("id"))
                direct = part(row).get("is_im") is True or is_direct(channel, "")
                if channel and part(row).get("is_member") is not False:
                    found.append(Where(channel, word(part(row).get("name")), direct, is_public(part(row))))
            cursor = word(part(page.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return found

    async def _known(self, space: str) -> list[Where]:
        """Where it has been: what the store knows, and where somebody has spoken since the start."""
        async with self._store.read() as tx:
            stored = [c for c in await tx.channels.all() if c.key.startswith(f"{PLATFORM}:{space}:") and not c.gone]
        names = {c.key.rpartition(":")[2]: c.name for c in stored}
        spoken = {channel: direct for (where, channel), direct in self._spoken_in.items() if where == space}
        found = {channel: is_direct(channel, "") for channel in names} | spoken
        return [Where(channel, names.get(channel, ""), direct) for channel, direct in found.items()]

    async def _marked(self, installed: Installed, found: Sequence[Where]) -> list[Room]:
        space = installed.workspace.space
        async with self._store.read() as tx:
            known = {c.key: c for c in await tx.channels.all() if c.key.startswith(f"{PLATFORM}:{space}:")}
        rooms_there = [w for w in found if not w.direct]
        self._greeting.found(space, [(w.channel, w.name, w.public) for w in rooms_there], known)
        self._access += self._opened_or_closed(space, rooms_there, known)
        here = f"{self._clock.now().timestamp():.6f}"
        last = max((c.seen_to for c in known.values() if c.seen_to), key=float, default="")
        rooms, fresh = [], {}
        for where in found:
            record = known.get(f"{PLATFORM}:{space}:{where.channel}")
            mark = record.seen_to if record is not None else ""
            if not mark:
                mark = last if where.direct and last else here
                fresh[where.channel] = mark
            rooms.append(Room(where.channel, where.direct, mark))
        if fresh:
            async with self._store.begin() as tx:
                for channel, mark in fresh.items():
                    await self._move(tx, space, channel, mark)
        return [room for room in rooms if room.mark != here]

    def _opened_or_closed(
        self, space: str, found: Sequence[Where], known: Mapping[str, Channel]
    ) -> list[ChannelRenamed]:
        """Who may read a channel, where that is not what is known."""
        now, keys = self._clock.now(), {f"{PLATFORM}:{space}:{w.channel}": w for w in found}
        return [
            ChannelRenamed(key, where.name, now, where.public)
            for key, where in keys.items()
            if where.public is not None and where.public != (known[key].public if key in known else False)
        ]

    async def _talks(self, installed: Installed) -> list[Talk]:
        now, space = self._clock.now(), installed.workspace.space
        async with self._store.read() as tx:
            live = await tx.questions.find(QuestionFilter(statuses=OPEN, asked_from=now - LIVE))
            closed = await tx.questions.find(
                QuestionFilter(statuses=frozenset({Status.CLOSED}), asked_from=now - JUST_CLOSED)
            )
            ours = [q for q in (*live, *closed) if (q.place.platform, q.place.space) == (PLATFORM, space)]
            there = {q.id: q for q in ours if q.place.message and (q.text or q.status in OPEN)}
            parts = await tx.parts.of(list(there))
            talks = {q.place: await self._talk(tx, q, [p for p in parts if p.question == q.id]) for q in there.values()}
        more = {p.place: Talk(p.place, p.at, there[p.question].private) for p in parts if p.place.opens_thread}
        return list((more | talks).values())

    async def _talk(self, tx: Transaction, question: Question, parts: Sequence[Part]) -> Talk:
        place = question.place
        added = [p.place for p in parts if p.place.thread_key == place.thread_key and p.place != place]
        answers = tuple(
            a.place
            for a in await tx.answers.of(question.id)
            if a.place.thread_key == place.thread_key and not a.on_its_way
        )
        by_bot = await tx.outbox.by_message(PLATFORM, place.channel, place.message) is not None
        return Talk(place, question.asked_at, question.private, (*answers, *added), by_bot)

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
                await self._move(tx, installed.workspace.space, look.room.channel, found.mark)

    async def _move(self, tx: Transaction, space: str, channel: str, mark: str) -> None:
        key = f"{PLATFORM}:{space}:{channel}"
        known = await tx.channels.get(key) or Channel(key, channel, self._default_mode)
        if not known.seen_to or float(mark) > float(known.seen_to):
            await tx.channels.save(replace(known, seen_to=mark))
