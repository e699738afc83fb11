"""Facts and wishes that raise, many among many others: five tries, then parked with an alert; the others go on."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from structlog.testing import capture_logs

from bot.judging import Judge
from tests.fakes.story import LONE, SHOWN, Talk, settle_in
from tests.fakes.workers import LEFT, Home, Workers, open_all, workers
from tests.reliability import Reached

TRIES = 5
BAR = f"{TRIES} tries, then parked with an alert; the neighbours go on"
TRIED = "SELECT key, attempts FROM {} WHERE parked_at IS NOT NULL"
TOLD = "SELECT count(*) FROM outbox WHERE kind = 'Notify' AND payload LIKE '%{}%' AND delivered_at IS NOT NULL"


class ChokingJudge(Judge):
    async def judge(self, heard):
        if any("poison" in one.text for one in heard):
            raise ValueError("a bug")
        return await super().judge(heard)


async def poisoned(home: Home, poisons: int, neighbours: int, seed: int) -> str:
    """`poisons` facts that cannot be judged, and as many questions whose suggestions cannot be shown."""
    chance = random.Random(seed)
    heard = [Talk(n, f"What is this poison? ({n})").begun() for n in range(poisons)]
    unsaid = [Talk(n, f"{SHOWN} ({n})").begun() for n in range(poisons, 2 * poisons)]
    fine = [Talk(n, f"{LONE} ({n})").begun() for n in range(2 * poisons, 2 * poisons + neighbours)]
    broken = tuple(talk.question for talk in unsaid)
    everything = [*heard, *unsaid, *fine]
    chance.shuffle(everything)
    with capture_logs():  # a traceback for each is drawn for seconds
        return await _poisoned(home, everything, heard, broken, fine)


async def _poisoned(
    home: Home, everything: list[Talk], heard: list[Talk], broken: tuple[str, ...], fine: list[Talk]
) -> str:
    async with workers(home.url, home.processes, judge_class=ChokingJudge) as made:
        made.platform.trouble = lambda wish: (
            ValueError("a bug") if wish.startswith(broken) and "Asked" in wish else None
        )
        await settle_in(made.here[0])
        await open_all(made)
        for number, talk in enumerate(everything):
            await made.receive(*talk.facts, at=number % len(made.here))
        await made.settle()
        await the_others_are_done(made, fine)
        for seconds in (2, 5, 17, 65, 300):  # the pauses between the tries, and a little
            await made.wait(seconds=seconds)
        await parked(made, {talk.facts[0].key for talk in heard}, broken)
        [(unhandled,)], [(undelivered,)] = [await made.rows(TOLD.format(word)) for word in ("unhandled", "undelivered")]
        assert (unhandled, undelivered) == (2 * len(heard), 2 * len(broken)), "both moderators, once for each"
        return f"{len(heard)} facts, {len(broken)} wishes parked after {TRIES} tries; {len(fine)} neighbours at once"


async def the_others_are_done(made: Workers, fine: list[Talk]) -> None:
    """While no time has gone by."""
    asked = {row[0] for row in await made.rows("SELECT id FROM question WHERE status IN ('offered', 'escalated')")}
    assert {talk.question for talk in fine} <= asked
    shown = {wish.split(":")[0] for (wish,) in await made.rows("SELECT key FROM outbox WHERE delivered_at IS NOT NULL")}
    assert {talk.question for talk in fine} <= shown


async def parked(made: Workers, facts: set[str], broken: tuple[str, ...]) -> None:
    assert dict(await made.rows(TRIED.format("inbox"))) == dict.fromkeys(facts, TRIES)
    wishes = dict(await made.rows(TRIED.format("outbox")))
    assert {wish.split(":")[0] for wish in wishes} == set(broken)
    tries = Counter(made.platform.sends)
    assert {wish: tries[wish] for wish in wishes} == dict.fromkeys(wishes, TRIES)
    assert max(times for wish, times in tries.items() if wish not in wishes) == 1
    assert await made.rows(LEFT) == [(0, 0)]
    parked = await made.rows("SELECT subject FROM audit WHERE action = 'parked'")
    assert len(parked) == len(facts) + len(wishes)


async def test_some_poison_among_neighbours(quick: Home, seed: int, reached: Reached):
    reached("poison", quick.where, BAR, await poisoned(quick, 3, 12, seed))


@pytest.mark.soak
async def test_much_poison_among_many_neighbours(place: Home, seed: int, reached: Reached):
    reached("poison", place.where, BAR, await poisoned(place, 100, 2_000, seed))
