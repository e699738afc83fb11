"""What the tests of faults reached, beside the bars of docs/reliability.md, as one table; and seeds that replay a run.

A test takes `reached` and says a row; whichever process ran it, the table is printed in the end. A test takes `seed`
where chance has a part: quick tests play the same one each time, `make soak` a new one; it is said beside a failure,
with what plays it again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

ROW = "reached"
SEED = "seed"
STEADY = 20261127  # what quick tests play
Reached = Callable[..., None]


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """`WINWIN_SEED`, or one of its own for a long run."""
    given = os.environ.get("WINWIN_SEED")
    long = request.node.get_closest_marker("soak") is not None
    drawn = int(given) if given else time.time_ns() % 1_000_000 if long else STEADY
    request.node.user_properties.append((SEED, drawn))
    return drawn


@pytest.fixture
def reached(request: pytest.FixtureRequest) -> Reached:
    """`reached(area, where, bar, figure)`: one row. `where`: database and processes, as "SQLite, 1"."""

    def say(area: str, where: str, bar: str, figure: str) -> None:
        request.node.user_properties.append((ROW, [area, where, bar, figure]))

    return say


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    drawn = [value for name, value in item.user_properties if name == SEED]
    if report.failed and drawn:
        only = "-m soak " if item.get_closest_marker("soak") else ""
        again = f"WINWIN_SEED={drawn[0]} HF_HUB_OFFLINE=1 .venv/bin/pytest {only}'{item.nodeid}'"
        report.sections.append(("played again by", again))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The rows that were said, and those of tests that failed before they could say one."""
    rows, failed = [], []
    for report in (r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])):
        said = dict.fromkeys(tuple(value) for name, value in getattr(report, "user_properties", []) if name == ROW)
        seeds = [str(value) for name, value in getattr(report, "user_properties", []) if name == SEED]
        rows += [(*row, seeds[0] if seeds else "") for row in said]
        if report.failed and seeds:
            failed.append(f"FAILED with seed {seeds[0]}: {report.nodeid}")
    if not rows and not failed:
        return
    terminalreporter.section("what was reached")
    for line in _table([("area", "where", "bar", "reached", "seed"), *sorted(set(rows))]):
        terminalreporter.line(line)
    for line in failed:
        terminalreporter.line(line)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
