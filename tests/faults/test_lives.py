"""Random lives of questions, at one process and at two, which die and come back: what is promised holds after every
step."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.ground import Ground
from tests.fakes.lives import machine
from tests.fakes.postgres_server import Databases
from tests.fakes.workers import sqlite_url
from tests.reliability import Reached

LIVES = int(os.environ.get("WINWIN_LIVES", "500"))
BAR = "500 lives of 50 steps, two workers: every promise after every step"


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


def played(ground: Ground, lives: int, steps: int, seed: int) -> str:
    """The figure of the table."""
    how = settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seeded(seed)(machine(ground)), settings=how)
    return f"{ground.lives} lives, {ground.steps} steps, {ground.questions} questions: 0 broken"


def on_sqlite(runner: asyncio.Runner, folder: Path) -> Ground:
    """One process: a file takes no more."""

    async def empty() -> str:
        return sqlite_url(folder)

    return Ground(runner.run, empty, 1)


def on_postgresql(runner: asyncio.Runner, postgres: Databases) -> Ground:
    return Ground(runner.run, postgres.emptied, 2)


def test_some_lives_on_sqlite(runner: asyncio.Runner, tmp_path: Path, seed: int, reached: Reached):
    reached("property tests", "SQLite, 1", BAR, played(on_sqlite(runner, tmp_path), 5, 20, seed))


def test_some_lives_at_two_processes(runner: asyncio.Runner, postgres: Databases, seed: int, reached: Reached):
    reached("property tests", "PostgreSQL, 2", BAR, played(on_postgresql(runner, postgres), 4, 15, seed))


@pytest.mark.soak
def test_five_hundred_lives_on_sqlite(runner: asyncio.Runner, tmp_path: Path, seed: int, reached: Reached):
    ground = on_sqlite(runner, tmp_path)
    ground.to_the_end = True
    reached("property tests", "SQLite, 1", BAR, played(ground, LIVES, 50, seed))


@pytest.mark.soak
def test_five_hundred_lives_at_two_processes(runner: asyncio.Runner, postgres: Databases, seed: int, reached: Reached):
    ground = on_postgresql(runner, postgres)
    ground.to_the_end = True
    reached("property tests", "PostgreSQL, 2", BAR, played(ground, LIVES, 50, seed))
