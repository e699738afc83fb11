"""One run: the real core in a made-up community, from one moment at which something happens to the next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.simulator.arrivals import Dice, arrivals
from adapters.simulator.diary import Diary
from adapters.simulator.habits import Habits, Town
from adapters.simulator.judge import KnowingJudge, NoModel
from adapters.simulator.life import Life
from adapters.simulator.people import settle
from adapters.simulator.timing import DAY, JumpingClock, TimelessLoop, seconds_of
from adapters.simulator.ways import Way, move_in
from bot.community import QuestionFilter
from bot.helpdesk import HelpDesk, House, Outside
from bot.librarian import Librarian
from bot.policy import Policy
from bot.ports import Store
from bot.question import Question
from bot.safety.triage import Triage
from knowledge.search import Library

FAR = datetime(9999, 1, 1, tzinfo=UTC)
SEEN_OUT = 14 * DAY  # how long the last question is followed
AWAY = 60.0  # seconds after which what lies in the outbox is looked at again
DIMENSION = 4  # of a library that stays empty


@dataclass(frozen=True, slots=True)
class Ended:
    """What is left of a run: what happened, seen from outside, and the questions as the core has them."""

    diary: Diary
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    town: Town
    habits: Habits
    policy: Policy
    seed: int


def simulate(setting: Setting, way: Way, store: Store, triage: Triage) -> Ended:
    """`store` is empty. The same setting gives the same people, questions and dice, whatever the way."""
    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        return runner.run(_simulate(setting, way, store, triage))


async def _simulate(setting: Setting, way: Way, store: Store, triage: Triage) -> Ended:
    people = settle(setting.town, setting.habits, setting.seed)
    asked = arrivals(setting.town, setting.habits.same_here, setting.seed)
    clock = JumpingClock()
    diary = Diary(asked, people)
    life = Life(diary, Dice(setting.seed, len(people)), setting.habits, way, clock)
    await move_in(people, way, store)
    librarian = Librarian(Library(DIMENSION), NoModel(), "none", store)
    judge = KnowingJudge(triage, librarian, setting.policy, {q.text: q for q in asked})
    outside = Outside(store, clock, {"web": life.platform}, triage, judge, librarian, ())
    desk = HelpDesk(outside, House(setting.policy, community="sim"))
    await desk.open()
    end = (asked[-1].at if asked else 0.0) + SEEN_OUT
    while (moment := min(life.next_at, await _core_next(store, clock))) <= end:
        clock.jump(moment)
        if life.next_at <= moment and (facts := life.go_on()):
            await desk.receive(facts)
        await desk.settle()
    await desk.close()
    async with store.read() as tx:
        questions = await tx.questions.find(QuestionFilter(limit=len(asked) + 1))
    return Ended(diary, tuple(questions))


async def _core_next(store: Store, clock: JumpingClock) -> float:
    """When the core has something to do by itself."""
    async with store.read() as tx:
        due = await tx.questions.due(FAR, 1)
        waiting = await tx.outbox.waiting()
    moments = [seconds_of(deadline) for _, deadline in due]
    if waiting:
        moments.append(clock.seconds + AWAY)
    return min(moments, default=float("inf"))
