"""The imperative shell: `receive`, `handle_one`, `fire_deadline`, `deliver_one`, and the hand-over between them.

Each step is one transaction and safe to run twice. What was just committed is handed on in memory, so a question is
answered in milliseconds; the ticks only find what was left behind by a crash, a lease that ran out or a pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.alarming import page
from bot.applying import Applying
from bot.appointing import let_end, rights_due
from bot.asking import Asking
from bot.backstage import Backstage
from bot.delivery import HELD, Delivery
from bot.digesting import Digests
from bot.effects import Notify
from bot.events import DeadlinePassed, PlatformEvent
from bot.forms import Forms
from bot.handling import Handling
from bot.hearing import Hearing
from bot.introducing import Introducing
from bot.judging import Judge
from bot.librarian import Librarian
from bot.line import BATCH, Line
from bot.meeting import Meeting
from bot.news import Notice
from bot.past import Recalling
from bot.policy import Mode, Policy
from bot.ports import Clock, Directory, Messenger, Reader, Store
from bot.post import Arrival
from bot.pressing import Pressing
from bot.reception import LEASE, Reception
from bot.recollection import Recollection
from bot.rereading import Rereading
from bot.retention import retain
from bot.safety.helplines import Helpline
from bot.safety.triage import Triage
from bot.sending_off import SendingOff
from bot.skills import Skills
from bot.stepping import Stepping
from bot.steps import Steps
from bot.turns import in_turn
from bot.unmasking import let_pass, seconds_due

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
        self._line = Line()
        self._reception = Reception(
            self._store,
            self._clock,
            outside.triage,
            outside.judge,
            self._line.arrived,
            scan_opted_out=house.scan_opted_out,
        )
        self._introducing = Introducing(outside.directories, self.receive)
        self._hearing = Hearing(outside.judge, house.default_mode, house.community)
        self._known = Recollection()
        self._skills = Skills(self._store, self._clock, outside.judge, self._known)
        self._recalling = Recalling(self._store, self._clock, outside.judge, self._known.past, house.policy)
        self._delivery = self._made_delivery()
        self._sending = SendingOff(self._delivery)
        self._stepping = Stepping(self._store, self._clock, house.policy, self._known, self._sending)
        self._handling = self._made_handling()
        self._worker: asyncio.Task[None] | None = None
        self._busy = False

    def _made_delivery(self) -> Delivery:
        outside, house = self._outside, self._house
        return Delivery(
            self._store,
            self._clock,
            house.policy,
            outside.messengers,
            outside.helplines,
            house.default_mode,
            Backstage(self._store, self._clock, outside.librarian, outside.judge, outside.digests),
            Rereading(self._store, outside.readers, self.receive, self.triaged),
            house.country,
        )

    def _made_handling(self) -> Handling:
        outside, house = self._outside, self._house
        applying = Applying(
            self._store,
            self._hearing,
            Asking(self._hearing, house.default_mode, house.community),
            Pressing(outside.triage),
            Forms(outside.triage, house.topics, house.default_mode),
            self._skills,
            self._known.lead,
            house.default_mode,
            house.policy.answer_at,
        )
        return Handling(
            self._store,
            self._line,
            Meeting(self._introducing, self._stepping, house.default_mode, self.receive),
            applying,
            self._stepping,
            self._sending,
            self._delivery,
            outside.librarian,
            self._skills,
        )

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
        rows = [row for row in rows if row.id not in self._line.held]
        dire = [row for row in rows if row.arrival.crisis]
        for some in (dire, *in_turn([row for row in rows if not row.arrival.crisis])):
            if some:
                await self._handling.handle(some)
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
            passed.append(await self._stepping.take(_let_rights_end))
        return any(passed)

    async def deliver_one(self) -> bool:
        """Deliver what waits in the outbox. Returns whether there was work."""
        now = self._clock.now()
        async with self._store.post() as tx:
            rows = await tx.outbox.claim(BATCH, now, now + HELD)
        self._sending.send_off(rows)
        if rows:
            await self._sending.landed()
        return bool(rows)

    async def keep_hold(self) -> bool:
        """Longer leases on what we have in our hands, and an end to those of processes that are gone."""
        now = self._clock.now()
        async with self._store.post() as tx:
            await tx.inbox.recover()
            await tx.outbox.recover()
            await tx.inbox.keep(sorted(self._line.held), now + LEASE)
            await tx.outbox.keep(sorted(self._sending.sending), now + HELD)
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
            steps = self._stepping.steps(tx)
            dropped = await retain(steps)
        self._sending.send_off(steps.outgoing)
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
        await self._sending.landed()

    async def settle(self) -> None:
        """Wait until there is nothing left to do now: everything handled, delivered and fired."""
        while True:
            while self._busy or not self._line.empty or self._sending.under_way:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            if not (await self.handle_one() or await self.fire_deadline() or await self.deliver_one()):
                return

    async def _work(self) -> None:
        while True:
            await self._line.wait()
            self._busy = True
            self._line.take_in_all()
            try:
                rows = self._line.next_batch()
                await self._handling.handle(rows)
            except Exception:  # the rows stay in the inbox and the tick finds them
                _log.exception("handling_broke")
            finally:
                self._busy = False

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
            return await self._stepping.take(pass_it)
        except Exception:
            _log.exception("deadline_broke", question=question_id)
            return await self._stepping.take(put_off)

    async def _page_again(self, alert_id: str, deadline: datetime | None) -> bool:
        return await self._stepping.take(partial(page, alert_id, deadline))


async def _let_rights_end(steps: Steps) -> None:
    """Appointments whose time is over, and what two people have seen or nobody agreed to."""
    await let_end(steps)
    await let_pass(steps)
