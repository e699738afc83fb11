"""For all tests: properties are tried on the same examples every time, so that a red run can be repeated; files that
start programs come first, so that no worker is left alone with them at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.postgres_server import Databases, postgres_server

LONG = ("browser", "process", "model")  # marks of tests that start something

# No clock decides: on a busy machine making an example may take seconds.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", parent=settings.get_profile("steady"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests first, each file whole and in its own order."""
    long = {item.path for item in items if any(item.get_closest_marker(mark) for mark in LONG)}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """Databases on a PostgreSQL of this test worker's own; started by the first test that asks for it."""
    with postgres_server() as server:
        yield Databases(server)
