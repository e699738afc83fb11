"""Thousands of messages at once, as after an hour away: all are found, and a crisis among them waits for none."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import monotonic

import pytest

from adapters.storage.database import Database
from bot.cards import Address, Card, Posted
from bot.line import BATCH
from bot.steps import new_id
from tests.fakes.mind import CANARY
from tests.fakes.postgres_server import Databases
from tests.fakes.story import LONE, SHOWN, Talk, settle_in
from tests.fakes.workers import LEFT, Home, Platform, Workers, open_all, workers
from tests.reliability import Reached

PAGE = 200  # messages that reading up brings together
SECONDS = 5.0
BAR = f"all found; a crisis overtakes the queue, p99 {SECONDS:g} s"
OVERTAKEN = BATCH * 3  # what is said of the batch under way, at most three wishes a question


@dataclass
class Timed(Platform):
    """Knows when the first page of an alert was shown, and how much had been said by then."""

    paged: dict[str, tuple[float, int]] = field(default_factory=dict)

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        posted = await super().send(to, card, key, tried=tried)
        if key.startswith("a"):
            self.paged.setdefault(key.split(":")[0], (monotonic(), len(self.sends)))
        return posted


async def caught_up(made: Workers, platform: Timed, messages: int, crises: int, chance: random.Random) -> list[Wait]:
    dire = set(chance.sample(range(messages), crises))
    talks = [Talk(n, text_of(n, n in dire, chance)).begun() for n in range(messages)]
    came: dict[str, tuple[float, int]] = {}
    for first in range(0, messages, PAGE):
        page = talks[first : first + PAGE]
        now = (monotonic(), len(platform.sends))
        came |= {new_id("a", talk.facts[0].key): now for talk in page if talk.number in dire}
        await made.receive(*(fact for talk in page for fact in talk.facts), at=first // PAGE % len(made.here))
    await made.settle()
    asked = {row[0] for row in await made.rows("SELECT id FROM question")}
    assert {talk.question for talk in talks if "?" in talk._text} == asked
    assert await made.rows(LEFT) == [(0, 0)]
    assert {alert for (alert,) in await made.rows("SELECT id FROM alert")} == set(came) <= set(platform.paged)
    return [Wait(platform.paged[a][0] - at, platform.paged[a][1] - said) for a, (at, said) in came.items()]


@dataclass(frozen=True)
class Wait:
    """From when a crisis was read to its page: seconds, and how much else was said meanwhile."""

    seconds: float
    overtaken: int


def text_of(number: int, dire: bool, chance: random.Random) -> str:
    if dire:
        return f"My son says he wants to die {CANARY}"
    return chance.choice([f"Good morning {number}", f"Same here {number}", f"{LONE} ({number})", f"{SHOWN} ({number})"])


async def backlog(home: Home, messages: int, crises: int, seed: int) -> tuple[float, int, str]:
    async with workers(home.url, home.processes) as made:
        platform = Timed(made.clock)
        made.speak_on(platform)
        await settle_in(made.here[0])
        await open_all(made)
        waits = await caught_up(made, platform, messages, crises, random.Random(seed))
    waited = sorted(wait.seconds for wait in waits)
    p99 = waited[min(len(waited) - 1, int(0.99 * len(waited)))]
    overtaken = max(wait.overtaken for wait in waits)
    figure = (
        f"{messages} found, {crises} crises paged, p99 {p99:.2f} s from being read, at most {overtaken} said meanwhile"
    )
    return p99, overtaken, figure


async def test_a_crisis_waits_for_none_of_some_hundred_messages(quick: Home, seed: int, reached: Reached):
    _, overtaken, figure = await backlog(quick, 240, 6, seed)
    assert overtaken <= OVERTAKEN, "others were served while a crisis waited"
    reached("backlog", quick.where, BAR, figure)


@dataclass
class TurnTaken(Platform):
    """While the first card is shown, somebody else begins to decide, and does not end."""

    take_turn: Callable[[], Awaitable[object]] | None = None

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        if (take := self.take_turn) is not None:
            self.take_turn = None
            await take()
        return await super().send(to, card, key, tried=tried)


async def test_a_page_is_shown_and_noted_while_others_decide(postgres: Databases):
    home = Home(await postgres.emptied())
    async with workers(home.url) as made, AsyncExitStack() as turn:
        platform = TurnTaken(made.clock)
        made.speak_on(platform)
        await settle_in(made.here[0])
        await open_all(made)
        other = await Database.open(home.url)
        turn.push_async_callback(other.close)
        platform.take_turn = lambda: turn.enter_async_context(other.begin())
        await made.receive(*Talk(0, text_of(0, True, random.Random(1))).begun().facts)
        await asyncio.wait_for(made.calm(), 10)
        assert len([key for key in platform.sends if key.startswith("a")]) == 3  # the author, and two who are paged
        assert await made.rows(LEFT) == [(0, 0)]


@pytest.mark.soak
async def test_a_crisis_waits_for_none_of_five_thousand(place: Home, seed: int, reached: Reached):
    p99, _, figure = await backlog(place, 5_000, 200, seed)
    reached("backlog", place.where, BAR, figure)
    assert p99 <= SECONDS
