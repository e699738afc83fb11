"""A small community for tests of the core, and the same on every storage (`anywhere`)."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.storage.database import Database
from adapters.storage.memory import MemoryStore
from bot.ports import Store
from tests.fakes.community import Community, peopled


@pytest.fixture
async def home() -> AsyncIterator[Community]:
    community = await peopled(Community())
    await community.open()
    yield community
    await community.close()


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables."""
    path = tmp_path_factory.mktemp("ready") / "winwin.db"

    async def make() -> None:
        await (await Database.open(f"sqlite+aiosqlite:///{path}")).close()

    asyncio.run(make())
    return path


@pytest.fixture
def made_ready(request: pytest.FixtureRequest) -> None:
    """What the storage of this test needs, made outside any event loop."""
    kind = request.node.callspec.params["every_store"]
    if kind != "memory":
        request.getfixturevalue("ready" if kind == "sqlite" else "postgres")


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
async def every_store(request: pytest.FixtureRequest, tmp_path: Path, made_ready: None) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgres").emptied()
    else:
        shutil.copy(request.getfixturevalue("ready"), tmp_path / "winwin.db")
        url = f"sqlite+aiosqlite:///{tmp_path}/winwin.db"
    database = await Database.open(url)
    yield database
    await database.close()


@pytest.fixture
async def anywhere(every_store: Store) -> AsyncIterator[Community]:
    """The community on each storage in turn."""
    community = await peopled(Community(every_store))
    await community.open()
    yield community
    await community.close()
