"""A small community for tests of the core, and the same on every storage (`anywhere`)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.storage.database import Database
from adapters.storage.memory import MemoryStore
from bot.ports import Store
from tests.fakes.community import Community, peopled
from tests.fakes.tables import tables


@pytest.fixture
async def home() -> AsyncIterator[Community]:
    community = await peopled(Community())
    await community.open()
    yield community
    await community.close()


@pytest.fixture
def made_ready(request: pytest.FixtureRequest) -> None:
    """The server, started outside any event loop."""
    if request.node.callspec.params["every_store"] == "postgresql":
        request.getfixturevalue("postgres")


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
async def every_store(request: pytest.FixtureRequest, tmp_path: Path, made_ready: None) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgres").emptied()
    else:
        url = f"sqlite+aiosqlite:///{tables(tmp_path / 'winwin.db')}"
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
