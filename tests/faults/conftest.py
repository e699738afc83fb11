"""One database after another: an SQLite file, PostgreSQL with one process, and with three. `quick`, for tests that
everybody runs, leaves out the one in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.postgres_server import Databases
from tests.fakes.workers import Home, sqlite_url

PLACES = {"sqlite": 1, "postgresql": 1, "three-on-postgresql": 3}


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Databases | None:
    """Where one is wanted, started outside any event loop."""
    wanted = set(request.node.callspec.params.values()) - {"sqlite"}
    return request.getfixturevalue("postgres") if wanted & set(PLACES) else None


async def _home(kind: str, server: Databases | None, folder: Path) -> Home:
    return Home(sqlite_url(folder) if server is None else await server.emptied(), PLACES[kind])


@pytest.fixture(params=PLACES)
async def place(request: pytest.FixtureRequest, server: Databases | None, tmp_path: Path) -> Home:
    return await _home(request.param, server, tmp_path)


@pytest.fixture(params=["sqlite", "three-on-postgresql"])
async def quick(request: pytest.FixtureRequest, server: Databases | None, tmp_path: Path) -> Home:
    return await _home(request.param, server, tmp_path)
