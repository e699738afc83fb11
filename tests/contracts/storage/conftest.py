"""The storages that have to keep the same promises. A further one joins by one more entry in FACTORIES."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from adapters.storage.database import Database
from adapters.storage.memory import MemoryStore
from bot.ports import Store
from tests.fakes.tables import tables

Opened = Callable[[], AbstractAsyncContextManager[Store]]
Factory = Callable[[Path], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[Store]:
    yield MemoryStore()


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Store]:
    database = await Database.open(f"sqlite+aiosqlite:///{tables(folder / 'winwin.db')}")
    yield database
    await database.close()


FACTORIES: dict[str, Factory] = {"memory": memory, "sqlite": sqlite}


@pytest.fixture(params=FACTORIES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with FACTORIES[request.param](tmp_path) as made:
        yield made


@pytest.fixture(params=FACTORIES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Store]]:
    """A fresh store each time it is called: for property tests."""
    count = iter(range(1_000_000))

    def fresh() -> AbstractAsyncContextManager[Store]:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        return FACTORIES[request.param](folder)

    return fresh
