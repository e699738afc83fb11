"""kill -9 at random moments while people ask, press, accept and answer: nothing that was acknowledged is lost, every
question comes to one end, nothing happens twice, nobody is asked when they sleep or above their limit.

The desk and the storage are the real ones, in processes of their own (tests/fakes/lean.py); the whole program is
killed in test_kills.py and test_processes_soak.py.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.fakes.crashes import Town, town
from tests.fakes.history import file_rows
from tests.fakes.nest import Nest, nest
from tests.fakes.postgres_server import Databases
from tests.fakes.tables import tables
from tests.reliability import Reached

pytestmark = pytest.mark.process

AREA = "crash: kill -9"
KILLS = int(os.environ.get("WINWIN_LEAN_KILLS", "500"))
FEW = 5
BAR = "{} kills: none lost, each ends in one state, nothing twice, nobody woken or over their cap"


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nest]:
    """What the processes are forked from: it takes a second or two to load."""
    with nest(tmp_path_factory.mktemp("nest")) as one:
        yield one


@asynccontextmanager
async def on_sqlite(forks: Nest, folder: Path, seed: int) -> AsyncIterator[Town]:
    file = tables(folder / "winwin.db")
    async with town(forks, folder, f"sqlite+aiosqlite:///{file}", file_rows(file), random.Random(seed)) as here:
        yield here


@asynccontextmanager
async def on_postgres(
    forks: Nest, databases: Databases, folder: Path, seed: int, processes: int
) -> AsyncIterator[Town]:
    url = await databases.fresh()
    reader = await asyncpg.connect(url.replace("+asyncpg", ""))

    async def rows(query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await reader.fetch(query)]

    try:
        async with town(forks, folder, url, rows, random.Random(seed), processes=processes) as here:
            yield here
    finally:
        await reader.close()


async def survives(here: Town, kills: int) -> str:
    await here.live(kills, here.kill_one)
    await here.to_the_end()
    assert await here.wrong() == []
    assert here.kills == kills
    return await here.said()


async def test_a_few_kills_on_sqlite(forks: Nest, tmp_path: Path, seed: int, reached: Reached) -> None:
    async with on_sqlite(forks, tmp_path, seed) as here:
        reached(AREA, "SQLite, 1", BAR.format(FEW), await survives(here, FEW))


async def test_a_few_kills_of_three_processes_on_postgresql(
    forks: Nest, tmp_path: Path, postgres: Databases, seed: int, reached: Reached
) -> None:
    async with on_postgres(forks, postgres, tmp_path, seed, 3) as here:
        reached(AREA, "PostgreSQL, 3", BAR.format(FEW), await survives(here, FEW))


@pytest.mark.soak
async def test_kills_on_sqlite(forks: Nest, tmp_path: Path, seed: int, reached: Reached) -> None:
    async with on_sqlite(forks, tmp_path, seed) as here:
        reached(AREA, "SQLite, 1", BAR.format(KILLS), await survives(here, KILLS))


@pytest.mark.soak
@pytest.mark.parametrize("processes", [1, 3])
async def test_kills_on_postgresql(
    forks: Nest, tmp_path: Path, postgres: Databases, seed: int, reached: Reached, processes: int
) -> None:
    async with on_postgres(forks, postgres, tmp_path, seed, processes) as here:
        reached(AREA, f"PostgreSQL, {processes}", BAR.format(KILLS), await survives(here, KILLS))
