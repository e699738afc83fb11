"""A thousand deadlines through clocks that jump a day ahead and a day back, the nights when clocks change, and three
days without anybody at work: each passes once, when its time has come by the clock as it is shown, and soon after."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from time import monotonic
from zoneinfo import ZoneInfo

import pytest

from adapters.scheduler import Scheduler, Tick
from adapters.wiring.running import desk_ticks
from bot.cards import Action
from bot.policy import Policy
from bot.quiet import Quiet
from tests.fakes.community import volunteering
from tests.fakes.lookers import Looker, moment
from tests.fakes.story import LONE, SHOWN, Talk, settle_in
from tests.fakes.workers import Home, Workers, open_all, workers
from tests.reliability import Reached

UP, RESTARTED = 5.0, 60.0  # seconds late at most
BAR = f"none lost, none early, {UP:g} s late at most when up, {RESTARTED:g} s after a restart"
SPRING, AUTUMN = datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)
NIGHT_ZONES = {"vera": "Europe/Madrid", "hugo": "Europe/Dublin", "mia": "America/New_York", "kai": "Australia/Sydney"}
START, END = time(22), time(7)
NIGHTS = {name: (zone, START, END, 50) for name, zone in NIGHT_ZONES.items()}
PASSED = "SELECT question, at FROM journal WHERE event = 'DeadlinePassed' AND id > {}"


class Clockwork:
    """The scheduler's own ticks, by the fake clock: each when its time has come, and only when something is due."""

    def __init__(self, made: Workers, chance: random.Random) -> None:
        self.made = made
        self.looker = Looker(made, NIGHTS)
        self.chance = chance
        self.passed = 0
        self.late = 0.0  # seconds, the most
        self._last = 0
        self._begun = made.clock.now()
        self._shown = self._begun  # since when the clock has gone evenly
        self._open()

    def _open(self) -> None:
        self.schedulers = [Scheduler(desk_ticks(one.desk)) for one in self.made.here]
        self.phases = [self.chance.random() for _ in self.made.here]

    async def until(self, end: datetime) -> None:
        while (due := await self.looker.next_due()) is not None and due <= end:
            await self._idle(min(due, end))
            await self.tick(max(due, self.made.clock.now()))
        self.made.clock.move(max(end - self.made.clock.now(), timedelta(0)))

    async def jump(self, by: timedelta) -> None:
        self.made.clock.move(by)
        self._shown = self.made.clock.now()

    async def restart(self, after: timedelta) -> float:
        """All are gone for so long. Returns the seconds, real ones, until what had come due meanwhile was done."""
        for number in range(len(self.made.here)):
            await self.made.die(number)
        await self.jump(after)
        begun = monotonic()
        for number in range(len(self.made.here)):
            await self.made.revive(number)
        self._open()
        await self.tick(self.made.clock.now())
        return monotonic() - begun

    async def _idle(self, due: datetime) -> None:
        """Ticks long before anything is due change nothing."""
        now = self.made.clock.now()
        if due - now > timedelta(seconds=10):
            self.made.clock.move((due - now) * self.chance.uniform(0.5, 0.99))
            await self.tick(self.made.clock.now())

    async def tick(self, due: datetime) -> None:
        """The first of every kind of tick, of every process, from `due` on."""
        before = await self._due_by(due + timedelta(seconds=4))
        ticked = None
        for name in ("deadlines", "outbox", "inbox"):
            for scheduler, phase in zip(self.schedulers, self.phases, strict=True):
                at = max(_next(due, scheduler._ticks[name], phase, self._begun), self.made.clock.now())
                self.made.clock.move(at - self.made.clock.now())
                ticked = ticked or self.made.clock.now()
                await scheduler.wake(name)
        await self.made.calm()
        await self._check(before, ticked or due)

    async def _due_by(self, moment_: datetime) -> dict[str, datetime]:
        rows = await self.made.rows("SELECT id, deadline FROM question WHERE deadline IS NOT NULL")
        return {row[0]: moment(row[1]) for row in rows if moment(row[1]) <= moment_}

    async def _check(self, before: dict[str, datetime], ticked: datetime) -> None:
        after = await self._due_by(ticked)
        left = {q: due for q, due in before.items() if after.get(q) == due}
        assert left == {}, "due, and nothing was done"
        for question, at in await self.made.rows(PASSED.format(self._last)):
            due = before.get(question)
            assert due is not None, f"{question}: no deadline of it had come"
            assert due <= moment(at), f"{question} passed early: {due}, at {at}"
            self.late = max(self.late, (moment(at) - max(due, self._shown)).total_seconds())
            self.passed += 1
        [(self._last,)] = await self.made.rows("SELECT coalesce(max(id), 0) FROM journal")


def _next(due: datetime, tick: Tick, phase: float, begun: datetime) -> datetime:
    every = tick.every.total_seconds()
    gone = (due - begun).total_seconds()
    return begun + timedelta(seconds=(math.ceil(gone / every - phase) + phase) * every)


async def timed(home: Home, start: datetime, questions: int, seed: int) -> str:
    chance = random.Random(seed)
    async with workers(home.url, home.processes, policy=Policy(offers_per_question=4, reminders=2)) as made:
        made.clock.move(start - made.clock.now())
        await settle_in(made.here[0], volunteers=("early",))
        for name, zone in NIGHT_ZONES.items():
            quiet = tuple(Quiet(day, START, END) for day in range(7))
            await made.here[0].enter(name, volunteer=volunteering(name, time_zone=zone, quiet=quiet, weekly_cap=50))
        await open_all(made)
        works = Clockwork(made, chance)
        asked = iter([ask(made, n) for n in range(questions)])
        quarter = questions // 4
        await day(works, asked, quarter, timedelta(hours=20), chance)
        await works.jump(timedelta(hours=24))
        await day(works, asked, quarter, timedelta(hours=2), chance)
        await works.jump(timedelta(hours=-24))
        await day(works, asked, quarter, timedelta(hours=30), chance)  # through the night when the clocks change
        up, works.late = works.late, 0.0
        took = await works.restart(timedelta(hours=72))
        await day(works, asked, questions - 3 * quarter, timedelta(hours=2), chance)
        await works.until(made.clock.now() + timedelta(days=6))
        await everybody_slept(made)
        await nothing_waits(made)
        assert up <= UP
        assert works.late <= RESTARTED
        return (
            f"{works.passed} deadlines of {questions} questions: 0 lost, 0 early, {up:.1f} s late when up, "
            f"{works.late:.1f} s after a restart (which took {took:.1f} s)"
        )


def ask(made: Workers, number: int) -> Talk:
    return Talk(number, f"{SHOWN if number % 3 else LONE} ({number})")


async def day(
    works: Clockwork, asked: Sequence[Talk] | object, count: int, length: timedelta, chance: random.Random
) -> None:
    """So many questions at moments of it; every fourth is taken by somebody."""
    made, begin = works.made, works.made.clock.now()
    for share in sorted(chance.random() for _ in range(count)):
        await works.until(begin + length * share)
        talk = next(asked)  # type: ignore[call-overload]
        talk.begun()
        if chance.random() < 0.25:
            talk.pressed("early", Action.TAKE)
        for fact in talk.facts:
            await made.receive(fact, at=chance.randrange(len(made.here)))
            await made.calm()
    await works.until(begin + length)


async def everybody_slept(made: Workers) -> None:
    """Nobody was asked at night where they live; and who waited for somebody to wake did not wait longer than that."""
    sent = await made.rows("SELECT to_member, created_at FROM outbox WHERE kind = 'OfferQuestion'")
    for to, created in sent:
        zone = NIGHT_ZONES.get(to.rpartition(":")[2])
        if zone is not None:
            local = moment(created).astimezone(ZoneInfo(zone)).time()
            assert END <= local < START, f"{to} was asked at {local}"


async def nothing_waits(made: Workers) -> None:
    overdue = await made.rows("SELECT id, status, deadline FROM question WHERE deadline IS NOT NULL")
    assert [row for row in overdue if moment(row[2]) <= made.clock.now()] == []
    told = f"status = 'escalated' AND reminders >= {made.policy.reminders}"
    assert (
        await made.rows(f"SELECT id FROM question WHERE status <> 'closed' AND deadline IS NULL AND NOT ({told})") == []
    )
    steps = await made.rows("SELECT question, before, after FROM journal ORDER BY question, id")
    for (question, _, after), (same, before, _) in pairwise(steps):
        assert question != same or after == before


async def test_some_deadlines(quick: Home, seed: int, reached: Reached):
    start, questions = (SPRING, 8) if quick.processes == 1 else (AUTUMN, 4)
    reached("timers", quick.where, BAR, await timed(quick, start, questions, seed))


@pytest.mark.soak
@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
async def test_a_thousand_deadlines(place: Home, start: datetime, seed: int, reached: Reached):
    reached("timers", place.where, BAR, await timed(place, start, 300, seed))
