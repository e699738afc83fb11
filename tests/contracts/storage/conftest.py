"""The storages that have to keep the same promises. A further one joins by one more entry in FACTORIES."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from adapters.storage.database import Database
from adapters.storage.memory import MemoryStore
from bot.ports import Store

Opened = Callable[[], AbstractAsyncContextManager[Store]]
Factory = Callable[[Path, pytest.FixtureRequest], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def memory(_folder: Path, _request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    yield MemoryStore()


@asynccontextmanager
async def sqlite(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    ready = request.getfixturevalue("ready")
    shutil.copy(ready, folder / "winwin.db")  # migrated once: a start that finds nothing to do is the common one
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/winwin.db")
    yield database
    await database.close()


@asynccontextmanager
async def postgresql(_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    database = await Database.open(await request.getfixturevalue("postgres").emptied())
    yield database
    await database.close()


FACTORIES: dict[str, Factory] = {"memory": memory, "sqlite": sqlite, "postgresql": postgresql}


async def _migrated(path: Path) -> None:
    await (await Database.open(f"sqlite+aiosqlite:///{path}")).close()


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables."""
    path = tmp_path_factory.mktemp("ready") / "winwin.db"
    asyncio.run(_migrated(path))
    return path


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
    """What the storage of this test needs, made outside any event loop."""
    kind = request.node.callspec.params.get("store") or request.node.callspec.params.get("opened")
    if kind == "sqlite":
        request.getfixturevalue("ready")
    if kind == "postgresql":
        request.getfixturevalue("postgres")
