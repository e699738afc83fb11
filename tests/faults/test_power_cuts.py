"""The power goes at random moments, and of what SQLite had not synced the disk has all, nothing or some sectors: the
file opens and is whole, nothing that was acknowledged is lost, and the core goes on to the end of every question.

What is simulated: see tests/fakes/power.py. A disk that lies about a sync is not.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapters.storage import sqlite_file
from tests.fakes import history
from tests.fakes.power import put
from tests.fakes.power_cuts import FILE, Recorded, a_life, after_a_cut
from tests.reliability import Reached

AREA = "crash: power cut"
BAR = "{} cuts, unsynced writes dropped or torn: none lost, the file is whole, nothing twice"
CUTS = int(os.environ.get("WINWIN_POWER_CUTS", "300"))
FEW, ACTS = 3, 30
LIVES, MANY = 6, 120  # of the long run: lives that are recorded, and what people do in each


async def cut(recorded: Recorded, chance: random.Random, folder: Path) -> list[str]:
    """What is wrong after one."""
    moment = chance.randint(0, recorded.disk.moment)
    files = put(recorded.disk.disk(moment, chance), folder)
    if (broken := whole(folder / FILE)) != ["ok"]:
        return [f"at {moment}: {broken}"]
    async with after_a_cut(recorded, moment, files, folder, chance) as here:
        at_once = await history.lost(here.rows, here.folk.acknowledged)
        await here.to_the_end()
        return at_once + [f"at {moment}: {what}" for what in await here.wrong()]


def whole(file: Path) -> Sequence[str]:
    with closing(sqlite3.connect(file)) as database:
        return [said for (said,) in database.execute("PRAGMA integrity_check")]


async def cuts(folder: Path, chance: random.Random, *, lives: int, acts: int, count: int) -> str:
    """So many, spread over some lives; what it came to, in a line."""
    acknowledged = written = 0
    for number in range(lives):
        place = folder / f"life{number}"
        place.mkdir()
        recorded = await a_life(place, chance, acts)
        acknowledged += len(recorded.folk.acknowledged)
        written += recorded.disk.moment
        for _ in range(count // lives):
            with TemporaryDirectory(dir=folder) as left:
                assert await cut(recorded, chance, Path(left)) == []
    total = count // lives * lives
    return f"{total} cuts in {written:,} writes and syncs, {acknowledged:,} acknowledged: 0 lost, all whole, 0 twice"


async def test_a_few_power_cuts(tmp_path: Path, seed: int, reached: Reached) -> None:
    said = await cuts(tmp_path, random.Random(seed), lives=1, acts=ACTS, count=FEW)
    reached(AREA, "SQLite, 1", BAR.format(FEW), said)


@pytest.mark.soak
async def test_power_cuts(tmp_path: Path, seed: int, reached: Reached) -> None:
    said = await cuts(tmp_path, random.Random(seed), lives=LIVES, acts=MANY, count=CUTS)
    reached(AREA, "SQLite, 1", BAR.format(CUTS), said)


@pytest.mark.parametrize("weaker", ["NORMAL", pytest.param("OFF", marks=pytest.mark.soak)])
async def test_a_weaker_setting_loses_what_was_acknowledged(
    weaker: str, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or these tests could not fail."""
    chance = random.Random(seed)
    safe = [pragma for pragma in sqlite_file.PRAGMAS if "synchronous" not in pragma]
    monkeypatch.setattr(sqlite_file, "PRAGMAS", (f"PRAGMA synchronous={weaker}", *safe))
    recorded = await a_life(tmp_path, chance, ACTS)
    monkeypatch.undo()
    for _ in range(20):
        moment = chance.randint(0, recorded.disk.moment)
        with TemporaryDirectory(dir=tmp_path) as left:
            put(recorded.disk.disk(moment, chance), Path(left))
            if await asyncio.to_thread(harmed, recorded, moment, Path(left) / FILE):
                return
    raise AssertionError(f"twenty cuts with synchronous={weaker} have lost nothing")


def harmed(recorded: Recorded, moment: int, file: Path) -> bool:
    """Whether the file is broken, or lacks what had been acknowledged."""
    known = list(recorded.folk.acknowledged)[: max(mark for mark in recorded.marks if mark[0] <= moment)[1]]
    try:
        with closing(sqlite3.connect(file)) as database:
            found = {key for (key,) in database.execute("SELECT key FROM inbox")}
            return not set(known) <= found or database.execute("PRAGMA integrity_check").fetchone() != ("ok",)
    except sqlite3.DatabaseError:
        return True
