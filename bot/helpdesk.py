"""The imperative shell: `receive`, `handle_one`, `fire_deadline`, `deliver_one`, and the hand-over between them.

Each step is one transaction and safe to run twice. What was just committed is handed on in memory, so a question is
answered in milliseconds; the ticks only find what was left behind by a crash, a lease that ran out or a pause.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeGuard

import structlog

from bot.alarming import alarm, page
from bot.appointing import let_end, rights_due
from bot.around import Judged
from bot.asking import Asking, is_ask
from bot.backstage import Backstage
from bot.channels import channel_fact
from bot.community import Audit
from bot.delivery import HELD, POISON, Delivery, pause
from bot.digesting import Digests
from bot.drills import NOBODY
from bot.effects import Notice, Notify
from bot.events import (
    ButtonPressed,
    ChannelFact,
    DeadlinePassed,
    FormSubmitted,
    Member,
    MemberChanged,
    MemberJoined,
    Place,
    PlatformEvent,
    RoleChanged,
    RolesHeld,
)
from bot.forms import Forms
from bot.hearing import Hearing
from bot.introducing import Introducing, Said
from bot.judging import Judge
from bot.librarian import Librarian
from bot.past import Recalling
from bot.people import member_changed
from bot.policy import Mode, Policy
from bot.ports import Clock, Conflict, Directory, Messenger, Reader, Store, StoreAway, Transaction
from bot.post import Arrival, InboxRow, OutboxRow
from bot.pressing import SEARCHING, Pressing
from bot.publishing import After
from bot.question import Engaged
from bot.reception import LEASE, Reception
from bot.recollection import Recollection
from bot.rereading import Rereading
from bot.retention import retain
from bot.safety.helplines import Helpline
from bot.safety.notes import from_strings
from bot.safety.triage import Triage
from bot.showing.scene import Scene
from bot.skills import Skills
from bot.steps import Steps, new_id
from bot.trusting import role_changed, roles_held
from bot.turns import in_turn, lanes_of
from bot.unmasking import let_pass, seconds_due
from knowledge.resources import Resource

BATCH = 32  # messages judged together
AHEAD = 256  # rows that a batch may pass over, because they have to wait for others in it
PRESSING = frozenset({"AnswerCrisis", "PageSafety", "ClosePage", "FoldPage"})  # wishes of a crisis
ABREAST = 16  # deliveries under way at once
IN_FRONT = 64  # and of a crisis, beside them
AWAY = 1.0  # seconds until a store that was away is tried again
FIRING = timedelta(seconds=20)  # so long what is due is left to the process that took it
PUT_OFF = timedelta(minutes=5)  # until a deadline that could not be handled is looked at again

_log = structlog.get_logger("winwin.desk")


@dataclass(frozen=True, slots=True)
class Outside:
    """What the desk needs from outside."""

    store: Store
    clock: Clock
    messengers: Mapping[str, Messenger]
    triage: Triage
    judge: Judge
    librarian: Librarian
    helplines: tuple[Helpline, ...]
    digests: Digests | None = None
    directories: Mapping[str, Directory] = field(default_factory=dict)
    readers: Mapping[str, Reader] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class House:
    """What a community has set."""

    policy: Policy
    default_mode: Mode = Mode.THREAD
    topics: frozenset[str] = frozenset()
    community: str = "local"
    country: str = ""  # two letters: where members live of whom nothing is known
    scan_opted_out: bool = True  # whether a crisis is looked for in what members who opted out write among people


class HelpDesk:
    def __init__(self, outside: Outside, house: House) -> None:
        self._outside = outside
        self._house = house
        self._store, self._clock = outside.store, outside.clock
        self._arrived: asyncio.Queue[list[InboxRow]] = asyncio.Queue()
        self._fresh: deque[InboxRow] = deque()
        self._held: set[int] = set()  # inbox rows that this process has in its hands
        self._sending: set[int] = set()  # outbox rows that it has: a lease may run out while they wait for their turn
        self._unindexed: list[Resource] = []
        self._reception = Reception(
            self._store,
            self._clock,
            outside.triage,
            outside.judge,
            self._arrived,
            scan_opted_out=house.scan_opted_out,
        )
        self._introducing = Introducing(outside.directories, self.receive)
        self._hearing = Hearing(outside.judge, house.default_mode, house.community)
        self._asking = Asking(self._hearing, house.default_mode, house.community)
        self._pressing = Pressing(outside.triage)
        self._forms = Forms(outside.triage, house.topics, house.default_mode)
        backstage = Backstage(self._store, self._clock, outside.librarian, outside.judge, outside.digests)
        self._delivery = Delivery(
            self._store,
            self._clock,
            house.policy,
            outside.messengers,
            outside.helplines,
            house.default_mode,
            backstage,
            Rereading(self._store, outside.readers, self.receive, self.triaged),
            house.country,
        )
        self._known = Recollection()
        self._skills = Skills(self._store, self._clock, outside.judge, self._known)
        self._recalling = Recalling(self._store, self._clock, outside.judge, self._known.past, house.policy)
        self._room = asyncio.Semaphore(ABREAST)
        self._front = asyncio.Semaphore(IN_FRONT)  # what is said in a crisis stands in no line behind other things
        self._under_way: set[asyncio.Task[None]] = set()
        self._worker: asyncio.Task[None] | None = None
        self._busy = False
        self._handling = asyncio.Lock()

    # --- the four steps -----------------------------------------------------------------------------------

    async def receive(self, events: Sequence[PlatformEvent]) -> None:
        """Returns when the facts are safe; the platform may be told so then."""
        await self._reception.receive(events)

    async def triaged(self, event: PlatformEvent) -> Arrival:
        """What the front door makes of a fact, for whoever keeps it in the inbox by themselves."""
        return await self._reception.triaged(event)

    async def handle_one(self) -> bool:
        """Handle what was left behind in the inbox. Returns whether there was work."""
        now = self._clock.now()
        async with self._store.post() as tx:
            rows = await tx.inbox.claim(BATCH, now, now + LEASE)
        rows = [row for row in rows if row.id not in self._held]
        dire = [row for row in rows if row.arrival.crisis]
        for some in (dire, *in_turn([row for row in rows if not row.arrival.crisis])):
            if some:
                await self._handle(some)
        return bool(rows)

    async def fire_deadline(self) -> bool:
        """Let the oldest due deadlines pass: of questions, and of alerts nobody has taken."""
        now = self._clock.now()
        async with self._store.read() as tx:
            due = await tx.questions.due(now, BATCH)
            alerts = await tx.alerts.due(now, BATCH)
            rights = await rights_due(tx, now) or await seconds_due(tx, now)
        if due:
            async with self._store.post() as tx:
                due = await tx.questions.claim_due(BATCH, now, now + FIRING)
        passed = [await self._page_again(alert.id, alert.deadline) for alert in alerts]
        passed += [await self._pass_deadline(question_id, deadline) for question_id, deadline in due]
        if rights:
            passed.append(await self._step(_let_rights_end))
        return any(passed)

    async def deliver_one(self) -> bool:
        """Deliver what waits in the outbox. Returns whether there was work."""
        now = self._clock.now()
        async with self._store.post() as tx:
            rows = await tx.outbox.claim(BATCH, now, now + HELD)
        self._send_off(rows)
        if rows:
            await self._landed()
        return bool(rows)

    async def keep_hold(self) -> bool:
        """Longer leases on what we have in our hands, and an end to those of processes that are gone."""
        now = self._clock.now()
        async with self._store.post() as tx:
            await tx.inbox.recover()
            await tx.outbox.recover()
            await tx.inbox.keep(sorted(self._held), now + LEASE)
            await tx.outbox.keep(sorted(self._sending), now + HELD)
        return False  # one look is enough for a tick

    async def remember(self) -> bool:
        """Who volunteers, read anew before it is too old, so that no choice waits for it; and what answered questions
        were about, a few at a time."""
        await self._known.roster.refresh(self._store, self._clock)
        self._known.lead.let_go(self._clock.now())
        return await self._recalling.recall_some()

    async def retain(self) -> bool:
        """See bot.retention."""
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            dropped = await retain(steps)
        self._send_off(steps.outgoing)
        return dropped

    # --- in the background --------------------------------------------------------------------------------

    async def open(self) -> None:
        """Begin: let go of what a process before this one had in its hands, and start handing on."""
        async with self._store.begin() as tx:
            await tx.inbox.release()
            await tx.outbox.release()
        self._worker = asyncio.create_task(self._work(), name="winwin-desk")

    async def close(self) -> None:
        """Stop handing on; what is under way is finished, the rest lies safe in inbox and outbox."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        await self._introducing.close()
        await self._landed()

    async def settle(self) -> None:
        """Wait until there is nothing left to do now: everything handled, delivered and fired."""
        while True:
            while self._busy or self._fresh or not self._arrived.empty() or self._under_way:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            if not (await self.handle_one() or await self.fire_deadline() or await self.deliver_one()):
                return

    async def _work(self) -> None:
        while True:
            if not self._fresh:
                self._take_in(await self._arrived.get())
            self._busy = True
            while not self._arrived.empty():
                self._take_in(self._arrived.get_nowait())
            try:
                rows = self._next_batch()
                await self._handle(rows)
            except Exception:  # the rows stay in the inbox and the tick finds them
                _log.exception("handling_broke")
            finally:
                self._busy = False

    def _take_in(self, rows: Iterable[InboxRow]) -> None:
        """Crises overtake the queue."""
        for row in rows:
            self._held.add(row.id)
            if row.arrival.crisis:
                self._fresh.appendleft(row)
            else:
                self._fresh.append(row)

    def _next_batch(self) -> list[InboxRow]:
        """The next rows, at most one of a thread, and one of what one person writes into a channel: later ones wait for
        the batch after. Crises go by themselves: no model need be waited for then."""
        batch: list[InboxRow] = []
        later: list[InboxRow] = []
        taken: set[str] = set()
        dire = self._fresh[0].arrival.crisis if self._fresh else False
        while self._fresh and len(batch) < BATCH and len(later) < AHEAD and self._fresh[0].arrival.crisis == dire:
            row = self._fresh.popleft()
            lanes = lanes_of(row)
            (later if taken & lanes else batch).append(row)
            taken |= lanes
        self._fresh.extendleft(reversed(later))
        return batch

    # --- handling -----------------------------------------------------------------------------------------

    async def _handle(self, rows: Sequence[InboxRow]) -> None:
        """Judge together, apply in one transaction; when that fails, one by one, so that neighbours go on."""
        async with self._handling:
            try:
                await self._meet_through_platforms(rows)
                judged = await self._judge(rows)
                await self._apply(judged)
            except StoreAway as away:
                await self._wait_for_store(rows, away)
            except Exception as error:
                try:
                    if len(rows) == 1 and not isinstance(error, Conflict):  # then it is judged anew
                        await self._not_handled(rows[0], error)
                    else:
                        for row in rows:
                            await self._handle_alone(row)
                except StoreAway as away:
                    await self._wait_for_store(rows, away)
            finally:
                self._held -= {row.id for row in rows} - {row.id for row in self._fresh}

    async def _wait_for_store(self, rows: Sequence[InboxRow], away: StoreAway) -> None:
        """Nothing is wrong with the rows: they come next once more, in a moment. One that was handled is ours no longer
        and does nothing."""
        _log.warning("store_away", reason=str(away), rows=len(rows))
        await asyncio.sleep(AWAY)
        self._fresh.extendleft(reversed(rows))
        self._arrived.put_nowait([])  # whoever waits for something to do looks again

    async def _meet_through_platforms(self, rows: Sequence[InboxRow]) -> None:
        """Names and languages of those who are new, before what they wrote is handled; what can't be kept now comes
        again as a fact of its own."""
        said = await self._introducing.of(row.arrival.event for row in rows)
        if said and not await self._step(partial(self._learn, said)):
            await self.receive(said)

    async def _learn(self, said: Sequence[Said], steps: Steps) -> None:
        for fact in said:
            if isinstance(fact, MemberChanged):
                await member_changed(fact, steps)
            else:
                await channel_fact(fact, steps, self._house.default_mode)

    async def _handle_alone(self, row: InboxRow) -> None:
        try:
            await self._apply(await self._judge([row]))
        except StoreAway:
            raise
        except Exception as error:  # recorded, tried again later, parked in the end
            await self._not_handled(row, error)

    async def _judge(self, rows: Sequence[InboxRow]) -> list[Judged]:
        async with self._store.read() as tx:
            contexts = await self._hearing.look(tx, rows, self._known.lead)
        await self._skills.recall(e.subject for e in (row.arrival.event for row in rows) if _may_search(e))
        return await self._hearing.judge(rows, contexts)

    async def _apply(self, judged: Sequence[Judged]) -> None:
        after = After()
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            ours = await tx.inbox.still_ours([one.row.id for one in judged])  # or another process has handled them
            judged = [one for one in judged if one.row.id in ours]
            await self._meet(judged, steps)
            for one in judged:
                await self._apply_one(one, steps, after)
            await tx.inbox.finish([one.row.id for one in judged], steps.now)
        steps.committed()
        await self._index(after.index)
        self._delivery.give_back(steps.returned)
        self._send_off(steps.outgoing, steps.fresh)
        if after.helped:
            self._in_background(self._skills.learn(after.helped), "winwin-learn")

    async def _index(self, changed: Sequence[Resource]) -> None:
        """The facts are handled by now: a model that fails here must not have them handled again."""
        self._unindexed += changed
        if not self._unindexed:
            return
        try:
            await self._outside.librarian.put(self._unindexed)
            self._unindexed = []
        except Exception:  # tried again with the next rows, and at the next start
            _log.exception("indexing_broke", resources=[r.id for r in self._unindexed])

    async def _apply_one(self, one: Judged, steps: Steps, after: After) -> None:
        event = one.row.arrival.event
        if isinstance(event, ButtonPressed):
            await self._pressing.button(event, steps, after)
        elif isinstance(event, FormSubmitted):
            if one.row.arrival.crisis:  # written to the bot alone: seen by nobody, linked nowhere
                nowhere = Place(event.by.platform, event.by.space, "", event.submission, event.submission)
                findings = from_strings(one.row.arrival.findings)
                await alarm(nowhere, event.by.key, findings, event.key, steps, private=True)
                named = Audit(steps.now, "winwin", "named_in_crisis", new_id("a", event.key), event.form)
                await steps.tx.audit.append([named])  # what was meant without a name names its author to those paged
                return
            if is_ask(event):
                await self._asking.form(event, one.judgement, from_strings(one.row.arrival.findings), steps)
                return
            await self._forms.form(event, steps, after)
        elif isinstance(event, MemberJoined):
            joined = (Engaged("joined:community", event.member.key),)
            await steps.engaged(joined, event.channel, "", f"joined:{event.member.key}")
        elif isinstance(event, MemberChanged):
            await member_changed(event, steps)
        elif isinstance(event, RolesHeld):
            await roles_held(event, steps)
        elif isinstance(event, RoleChanged):
            await role_changed(event, steps)
        elif isinstance(event, ChannelFact):
            await channel_fact(event, steps, self._house.default_mode)
        else:
            await self._hearing.apply(one, steps, self._house.policy.answer_at)

    async def _meet(self, judged: Sequence[Judged], steps: Steps) -> None:
        """Members seen for the first time become known."""
        seen: list[tuple[Member, str]] = []
        for one in judged:
            event = one.row.arrival.event
            match event:
                case MemberJoined():
                    seen.append((event.member, event.name))
                case ButtonPressed() | FormSubmitted():
                    seen.append((event.by, ""))
                case _:
                    if one.context is not None and one.context.author is None:
                        author = getattr(event, "author", None)
                        if author is not None and author != NOBODY and not getattr(event, "by_bot", False):
                            seen.append((author, ""))
        if seen:
            await steps.tx.members.seen(seen, steps.now)

    async def _not_handled(self, row: InboxRow, error: Exception) -> None:
        """Tried again with a pause; after five tries parked, with an alert."""
        _log.warning("row_not_handled", row=row.id, attempts=row.attempts, error=type(error).__name__, exc_info=error)
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            if row.attempts < POISON:
                due = steps.now + timedelta(seconds=pause(row.attempts))
                await tx.inbox.retry(row.id, due, type(error).__name__)
            else:
                await tx.inbox.park(row.id, steps.now, type(error).__name__)
                notices = tuple(Notify(m, Notice.UNHANDLED) for m in await steps.moderators())
                await steps.say(notices, f"inbox:{row.id}:parked")
                await tx.audit.append([Audit(steps.now, "winwin", "parked", f"inbox:{row.id}", type(error).__name__)])
        self._send_off(steps.outgoing)

    # --- deadlines ----------------------------------------------------------------------------------------

    async def _pass_deadline(self, question_id: str, deadline: datetime) -> bool:
        async def pass_it(steps: Steps) -> None:
            question = await steps.tx.questions.get(question_id)
            if question is not None:
                await steps.befall(question, DeadlinePassed(deadline), "winwin")

        async def put_off(steps: Steps) -> None:
            """What can't be handled now must not stand before the others: looked at again later, and people know."""
            question = await steps.tx.questions.get(question_id)
            if question is not None and question.deadline == deadline:
                later = replace(question, deadline=steps.now + PUT_OFF, version=question.version + 1)
                await steps.tx.questions.save(later)
                notices = tuple(Notify(m, Notice.UNHANDLED) for m in await steps.moderators())
                await steps.say(notices, f"{question_id}:put_off")

        await self._skills.recall([question_id])
        try:
            return await self._step(pass_it)
        except Exception:
            _log.exception("deadline_broke", question=question_id)
            return await self._step(put_off)

    async def _page_again(self, alert_id: str, deadline: datetime | None) -> bool:
        return await self._step(partial(page, alert_id, deadline))

    async def _step(self, step: Callable[[Steps], Awaitable[None]]) -> bool:
        """One transaction; when somebody else was faster, nothing: the deadline is looked at again at the next tick."""
        try:
            async with self._store.begin() as tx:
                steps = self._steps(tx)
                await step(steps)
        except Conflict:
            return False
        self._send_off(steps.outgoing)
        return True

    # --- delivering ---------------------------------------------------------------------------------------

    def _send_off(self, rows: Sequence[OutboxRow], fresh: Mapping[str, Scene] | None = None) -> None:
        """`fresh`: what was committed just now, by question; of no use to a row that has to wait for its turn."""
        for row in rows:
            if row.id in self._sending:
                continue
            self._sending.add(row.id)
            scene = None if fresh is None or self._room.locked() else fresh.get(row.wish.about)
            self._in_background(self._deliver(row, scene), f"winwin-deliver-{row.id}")

    def _in_background(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, row: OutboxRow, scene: Scene | None) -> None:
        """One row, and then what waited behind it in its lane."""
        async with self._front if row.wish.kind in PRESSING else self._room:
            try:
                more = await self._delivery.deliver(row, scene)
            except Conflict:
                more = []  # the lease ends and the row is looked at again
            except Exception:
                _log.exception("delivery_step_broke", row=row.id)
                more = []
            finally:
                self._sending.discard(row.id)
        self._send_off(more)

    async def _landed(self) -> None:
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def _steps(self, tx: Transaction) -> Steps:
        return Steps(tx, self._clock, self._house.policy, self._clock.now() + HELD, self._known)


async def _let_rights_end(steps: Steps) -> None:
    """Appointments whose time is over, and what two people have seen or nobody agreed to."""
    await let_end(steps)
    await let_pass(steps)


def _may_search(event: PlatformEvent) -> TypeGuard[ButtonPressed]:
    """Whether it is a press after which somebody may be looked for."""
    return isinstance(event, ButtonPressed) and event.action in SEARCHING
