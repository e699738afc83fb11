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
Factory = Callable[[Path, pytest.FixtureRequest], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def memory(_folder: Path, _request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    yield MemoryStore()


@asynccontextmanager
async def sqlite(folder: Path, _request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    database = await Database.open(f"sqlite+aiosqlite:///{tables(folder / 'winwin.db')}")
    yield database
    await database.close()


@asynccontextmanager
async def postgresql(_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    database = await Database.open(await request.getfixturevalue("postgres").emptied())
    yield database
    await database.close()


FACTORIES: dict[str, Factory] = {"memory": memory, "sqlite": sqlite, "postgresql": postgresql}


@pytest.fixture(params=FACTORIES)
async def store(request: pytest.FixtureRequest, tmp_path: Path, made_ready: None) -> AsyncIterator[Store]:
    async with FACTORIES[request.param](tmp_path, request) as made:
        yield made


@pytest.fixture(params=FACTORIES)
def opened(
    request: pytest.FixtureRequest, tmp_path: Path, made_ready: None
) -> Callable[[], AbstractAsyncContextManager[Store]]:
    """A fresh store each time it is called: for property tests."""
    count = iter(range(1_000_000))

    def fresh() -> AbstractAsyncContextManager[Store]:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        return FACTORIES[request.param](folder, request)

    return fresh


@pytest.fixture
def made_ready(request: pytest.FixtureRequest) -> None:
    """The server, started outside any event loop."""
    if "postgresql" in request.node.callspec.params.values():
        request.getfixturevalue("postgres")
