"""Three processes on one PostgreSQL are one bot: what one knows the others know, and any of them may die."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fakes import history
from tests.fakes.postgres_server import Databases
from tests.fakes.rehearsal import ANSWERED, PAGED, rehearse
from tests.fakes.trio import Trio, trio
from tests.reliability import Reached

pytestmark = [pytest.mark.process, pytest.mark.model]

DRILLS = 8
PASTIMES = ("lego", "chess", "drawing", "music", "puzzles", "films", "stories", "origami")
SHOWN = "SELECT count(*) FROM outbox WHERE kind = 'ShowSuggestions' AND delivered_at IS NOT NULL"


async def test_three_processes_are_one_bot(postgres: Databases, tmp_path: Path, reached: Reached):
    async with trio(postgres, tmp_path) as here:
        await what_one_publishes_another_suggests(here)
        await one_is_killed_and_the_others_go_on(here)
        await drills_are_paged_and_followed_though_another_is_killed(here, tmp_path, reached)


async def what_one_publishes_another_suggests(here: Trio) -> None:
    """And who has the page open at the third sees it come."""
    moderator, parent, onlooker = here.be("sol", 0), here.be("dana", 1), here.be("grace", 2)
    await onlooker.page("/c/hospital-days")
    async with onlooker.listening("hospital-days", 0) as lines:
        values = {
            "title": "Llamas at the clinic",
            "text": "The clinic's llamas Paco and Lola visit on Fridays, ward 3.",
        }
        [(changed, *_)] = await here.rows("SELECT id FROM resource ORDER BY id LIMIT 1")
        edited = await moderator.send(f"/resources/{changed}/edit", **values, topics="first-weeks")
        assert edited.status_code == 303, edited.text[-2000:]
        await here.until("SELECT count(*) FROM resource WHERE payload LIKE '%Llamas%'", [(1,)])
        assert await parent.says("When do the clinic's llamas Paco and Lola visit ward 3?")
        await here.until(SHOWN, [(1,)])
        async with asyncio.timeout(10):
            while "Paco and Lola visit ward 3" not in await lines.get():
                pass


async def one_is_killed_and_the_others_go_on(here: Trio) -> None:
    """While people write at all three; what was acknowledged is never lost and nothing is said twice."""
    people = [here.be(person, at) for at, person in enumerate(("dana", "marcus", "noor"))]
    acknowledged: list[str] = []

    async def write(at: int) -> None:
        for pastime in PASTIMES:  # each is a question of its own
            text = f"How do you keep a child busy with {pastime} during infusion {at}?"
            if await people[at].says(text):
                acknowledged.append(text)

    writing = [asyncio.create_task(write(at)) for at in range(3)]
    await asyncio.sleep(0.3)
    await here.processes[1].kill()
    await asyncio.gather(*writing)
    assert len(acknowledged) >= 16
    await here.until(history.LEFT, [(0, 0)])
    asked = [text for (text,) in await here.rows("SELECT text FROM question")]
    lost = [text for text in acknowledged if not any(text in question for question in asked)]
    assert not lost  # by itself, or in one with what the same person asked right before
    assert await history.now_wrong(here.rows) == []


async def drills_are_paged_and_followed_though_another_is_killed(here: Trio, folder: Path, reached: Reached) -> None:
    """Two processes are left, and one of them is killed in the middle: a short form of test_drill_soak."""
    figures = await rehearse(here, folder, DRILLS, kill=0, at=2, after=2)
    await here.until(history.LEFT, [(0, 0)])
    paged, had = len(await here.rows(PAGED)), figures["acknowledged"]
    said = f"{paged} paged to two people or more, {had} acknowledged"
    reached("drill", "PostgreSQL, 2, one killed", f"{DRILLS} of {DRILLS} paged and followed", said)
    assert (paged, had, await here.rows(ANSWERED)) == (DRILLS, DRILLS, [(0,)])
