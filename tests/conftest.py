"""For all tests: properties are tried on the same examples every time, so that a red run can be repeated; files that
take longest come first, so that no worker is left alone with one at the end; what is costly to make is made once."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.postgres_server import Databases, postgres_server
from tests.reliability import pytest_runtest_makereport, pytest_terminal_summary, reached, seed

__all__ = ["pytest_runtest_makereport", "pytest_terminal_summary", "reached", "seed"]

LONG = ("browser", "process", "model")  # marks of tests that start something
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # where files are in memory, and bytes that have to be free there

# No clock decides: on a busy machine making an example may take seconds.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", parent=settings.get_profile("steady"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# Every commit waits for the disk, and no test pulls the plug: a killed process loses nothing in memory either.
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests first, each file whole and in its own order."""
    long = {item.path for item in items if any(item.get_closest_marker(mark) for mark in LONG)}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """Databases on a PostgreSQL of this test worker's own; started by the first test that asks for it."""
    with postgres_server() as server:
        yield Databases(server)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """What takes a while is made before the time of any test begins to run."""
    wanted = any("embedded" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        _first_start(session.config._tmp_path_factory)  # type: ignore[attr-defined]


def _first_start(paths: pytest.TempPathFactory) -> Path:
    """Once for a whole run: whichever worker comes first makes it, the others wait."""
    from tests.fakes.winwin_demo import Demo

    own = paths.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "first-start"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "over").exists():
            program = Demo(folder)
            try:
                program.start()
            finally:
                program.stop()
            (folder / "over").touch()
    return folder / "demo.db"


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration's database on which the first start, which embeds the samples, is over."""
    return _first_start(tmp_path_factory)


@pytest.fixture(scope="session")
def known_vectors(embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is empty but for the samples' vectors."""
    from tests.fakes.tables import vectors

    return vectors(tmp_path_factory.mktemp("vectors") / "winwin.db", embedded)


@pytest.fixture
def folder(tmp_path: Path, known_vectors: Path) -> Path:
    """Of its own, with such a database in it: what a program finds there that need not embed the samples again."""
    shutil.copy(known_vectors, tmp_path / "winwin.db")
    return tmp_path
