"""Every fact comes one to five times, shuffled: nothing is done, said or counted twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from bot.events import PlatformEvent
from tests.fakes.story import in_turns, kinds_of, repeated, settle_in, story
from tests.fakes.workers import LEFT, Home, Workers, open_all, sqlite_url, workers
from tests.reliability import Reached

ABREAST = 40  # talks at once
LATE = 0.3  # of the facts of earlier turns come once more in a later one
BAR = "each 1 to 5 times, shuffled: no effect twice"

ENDS = (  # what is the same whoever was asked in between
    "SELECT id, status, outcome, claimed_by, text, answered_by FROM question",
    "SELECT place_key, question, member, text FROM answer",
    "SELECT id, state FROM alert",
    "SELECT id, state FROM draft",
    "SELECT key, roles FROM member",
    "SELECT key, behaviour, member FROM engagement_event",
    "SELECT actor, action, subject FROM audit",
    "SELECT question, event, \"by\" FROM journal WHERE \"by\" <> 'winwin' AND event NOT LIKE 'Offer%'",
    "SELECT kind, about, to_member FROM outbox WHERE kind IN ('AskConsent', 'AnswerCrisis', 'PageSafety', 'ClosePage')",
)
TWICE = {  # rows that no look may ever find
    "a wish said under two keys": (
        "SELECT kind, about, to_member, payload FROM outbox WHERE kind IN "
        "('OfferQuestion', 'AnswerCrisis', 'PageSafety', 'WarnClaimant') "
        "GROUP BY kind, about, to_member, payload HAVING count(*) > 1"
    ),
    "a question begun twice": (
        "SELECT question FROM journal WHERE event = 'Asked' GROUP BY question HAVING count(*) > 1"
    ),
    "an engagement twice": (
        "SELECT behaviour, member, question FROM engagement_event WHERE behaviour IN ('joined:community', "
        "'asked:question', 'pressed:helped', 'opened:resource') "
        "GROUP BY behaviour, member, question HAVING count(*) > 1"
    ),
    "an act noted twice": (
        "SELECT actor, action, subject FROM audit GROUP BY actor, action, subject HAVING count(*) > 1"
    ),
    "anything given up": "SELECT key, error FROM outbox WHERE parked_at IS NOT NULL",
    "anything not understood": "SELECT key, error FROM inbox WHERE parked_at IS NOT NULL",
}


async def ends_of(made: Workers) -> list[Counter[tuple[object, ...]]]:
    return [Counter(await made.rows(query)) for query in ENDS]


async def deliver(made: Workers, facts: Sequence[PlatformEvent], chance: random.Random) -> None:
    """To whichever process, some together, all at the same time."""
    heaps, left = [], list(facts)
    while left:
        size = chance.randint(1, 20)
        heaps.append(left[:size])
        left = left[size:]
    at = [chance.randrange(len(made.here)) for _ in heaps]
    await asyncio.gather(*(made.receive(*heap, at=n) for heap, n in zip(heaps, at, strict=True)))
    await made.settle()


async def check(made: Workers, facts: Iterable[PlatformEvent]) -> None:
    """From outside: the database, and what the platform was told."""
    assert await made.rows(LEFT) == [(0, 0)]
    for what, query in TWICE.items():
        assert await made.rows(query) == [], what
    sends = Counter(made.platform.sends)
    assert [key for key, times in sends.items() if times > 1] == []
    [(keys,)] = await made.rows("SELECT count(*) FROM inbox")
    assert keys == len({fact.key for fact in facts})
    [(kept,)] = await made.rows("SELECT count(*) FROM outbox WHERE posted_message IS NOT NULL")
    assert kept >= len(made.platform.shown)


async def once_each(folder: Path, talks: Sequence[Sequence[PlatformEvent]]) -> list[Counter[tuple[object, ...]]]:
    """How it ends when each comes once and in order."""
    async with workers(sqlite_url(folder, "once")) as made:
        await begin(made)
        for turn in in_turns(talks, ABREAST):
            await made.receive(*turn)
            await made.settle()
        return await ends_of(made)


async def begin(made: Workers) -> None:
    await settle_in(made.here[0])
    await open_all(made)


async def turn_by_turn(place: Home, folder: Path, events: int, seed: int) -> str:
    """What happened before comes again later; what happens at the same time in any order: it ends as if once each."""
    chance = random.Random(seed)
    talks = story(events, chance)
    expected = await once_each(folder, talks)
    async with workers(place.url, place.processes) as made:
        await begin(made)
        past: list[PlatformEvent] = []
        came = 0
        for turn in in_turns(talks, ABREAST):
            again = chance.sample(past, int(LATE * min(len(past), len(turn))))
            now = repeated([*turn, *again], chance)
            await deliver(made, now, chance)
            past += turn
            came += len(now)
        await check(made, past)
        for found, wanted, query in zip(await ends_of(made), expected, ENDS, strict=True):
            assert (found - wanted, wanted - found) == (Counter(), Counter()), query
        return f"{len(past)} facts, {came} deliveries: as once each; 0 twice, {len(made.platform.shown)} cards"


async def in_any_order(place: Home, events: int, seed: int) -> str:
    """Replies before their question, presses before there is a card: then too, nothing twice."""
    chance = random.Random(seed)
    facts = [fact for talk in story(events, chance) for fact in talk]
    now = repeated(facts, chance)
    async with workers(place.url, place.processes) as made:
        await begin(made)
        for first in range(0, len(now), 500):
            await deliver(made, now[first : first + 500], chance)
        await check(made, facts)
        await no_more_than_there_were_facts(made, facts)
        return f"{len(facts)} facts, {len(now)} deliveries in any order: 0 twice"


async def no_more_than_there_were_facts(made: Workers, facts: Sequence[PlatformEvent]) -> None:
    """Steps of a question that people are behind: as many as they did something."""
    kinds = kinds_of(facts)
    steps = dict(await made.rows("SELECT event, count(*) FROM journal GROUP BY event"))
    pressed = Counter(str(getattr(fact, "action", "")) for fact in facts)
    most = {
        "QuestionTaken": pressed["take"],
        "MarkedHelpful": pressed["helped"],
        "PersonRequested": pressed["ask_person"],
        "ClaimExtended": pressed["extend"],
        "Reworded": kinds["MessageEdited"],
        "Replied": kinds["MessagePosted"] + kinds["MessageEdited"] + kinds["FormSubmitted"],
        "AnswerRetracted": kinds["MessageDeleted"] + kinds["MessageEdited"],
    }
    assert {e: n for e, n in steps.items() if n > most.get(e, len(facts))} == {}


async def test_what_comes_again_is_as_if_it_had_come_once(quick: Home, tmp_path: Path, seed: int, reached: Reached):
    reached("repeats", quick.where, BAR, await turn_by_turn(quick, tmp_path, 80, seed))


async def test_nothing_twice_in_whatever_order(quick: Home, seed: int, reached: Reached):
    reached("repeats", quick.where, BAR, await in_any_order(quick, 80, seed))


@pytest.mark.soak
async def test_ten_thousand_facts_come_again(place: Home, tmp_path: Path, seed: int, reached: Reached):
    reached("repeats", place.where, BAR, await turn_by_turn(place, tmp_path, 10_000, seed))


@pytest.mark.soak
async def test_ten_thousand_facts_in_whatever_order(place: Home, seed: int, reached: Reached):
    reached("repeats", place.where, BAR, await in_any_order(place, 10_000, seed))
