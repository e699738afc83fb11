"""Ten minutes with three processes on one PostgreSQL, one of them killed with kill -9 every few seconds while people
write and press at all three. A checker from outside reads the database all the while.

`WINWIN_SOAK_SECONDS` makes it shorter.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.fakes import history
from tests.fakes.postgres_server import Databases
from tests.fakes.trio import Trio, trio
from tests.fakes.visitor import Visitor
from tests.reliability import Reached

pytestmark = [pytest.mark.soak, pytest.mark.process, pytest.mark.model]

SECONDS = float(os.environ.get("WINWIN_SOAK_SECONDS", "600"))
PEOPLE = ("dana", "marcus", "noor", "grace", "lucia", "tess")
DONE = "SELECT count(*) FROM question WHERE status = 'closed'"


async def test_any_process_may_die_at_any_moment(
    postgres: Databases, tmp_path: Path, seed: int, reached: Reached
) -> None:
    chance = random.Random(seed)
    async with trio(postgres, tmp_path) as here:
        acknowledged: list[str] = []
        over = asyncio.Event()
        lives = [
            _lives(here, person, number % 3, acknowledged, random.Random(seed + number), over)
            for number, person in enumerate(PEOPLE)
        ]
        meanwhile = asyncio.gather(*lives, _checks(here, over))
        kills = await _kill(here, chance, meanwhile)
        over.set()
        await meanwhile
        await here.until(history.LEFT, [(0, 0)], within=120)
        asked = [text for (text,) in await here.rows("SELECT text FROM question")]
        closed = (await here.rows(DONE))[0][0]
        assert set(acknowledged) <= set(asked)
        assert len(asked) == len(set(asked))
        assert await history.now_wrong(here.rows) == []
        assert await history.burdened(here.rows) == []
        said = f"{kills} kills, {len(acknowledged):,} acknowledged, {len(asked):,} questions, {closed:,} closed: 0 lost"
        reached("crash: kill -9", "winwin run, PostgreSQL, 3", f"{SECONDS / 60:g} minutes of kills: none lost", said)


async def _kill(here: Trio, chance: random.Random, meanwhile: asyncio.Future[list[None]]) -> int:
    end, kills = asyncio.get_running_loop().time() + SECONDS, 0
    while asyncio.get_running_loop().time() < end and not meanwhile.done():
        await asyncio.sleep(chance.uniform(1.0, 5.0))
        process = chance.choice(here.processes)
        await process.kill()
        kills += 1
        await process.start()
    return kills


async def _lives(
    here: Trio, person: str, at: int, acknowledged: list[str], chance: random.Random, over: asyncio.Event
) -> None:
    """Somebody asks, and says of some of their questions that it helped. Where a process is away they try again."""
    visitor: Visitor = here.be(person, at)
    number = 0
    while not over.is_set():
        number += 1
        text = f"How do you keep a child of {person} busy during infusion number {number}?"
        if await visitor.says(text):
            acknowledged.append(text)
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        mine = f"SELECT id FROM question WHERE asker = 'web:local:{person}' AND status <> 'closed' ORDER BY id LIMIT 1"
        for (question,) in await here.rows(mine) if chance.random() < 0.5 else []:
            await visitor.presses("helped", question)


async def _checks(here: Trio, over: asyncio.Event) -> None:
    """At every moment, not only in the end."""
    while not over.is_set():
        assert await history.now_wrong(here.rows) == []
        await asyncio.sleep(0.5)
