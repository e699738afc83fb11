"""The table of what a question costs in large libraries (bench/large.py measures it)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

QUESTIONS, TOGETHER = 200, 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one library in one place: milliseconds, seconds, megabytes, shares."""

    place: str
    passages: int
    resources: int
    filled: float
    settled: float
    edit: float
    alone: tuple[float, float]  # p50, p95
    together: tuple[float, float]  # p50, p95 of one of twenty
    process: float
    server: float
    recall: float
    first: float
    embedding: float


def tables(costs: Sequence[Cost]) -> list[Table]:
    """One for each place, a column for each size: they fit on a terminal. A question's own embedding, in the same
    process, is what its finding is compared with."""
    places = list(dict.fromkeys(c.place for c in costs))
    return [_table(place, [c for c in costs if c.place == place]) for place in places]


def _table(place: str, costs: Sequence[Cost]) -> Table:
    shown = Table(title=f"{QUESTIONS} questions to a library in {place}")
    shown.add_column("passages")
    for c in costs:
        shown.add_column(f"{c.passages:,}", justify="right")
    lines: dict[str, Callable[[Cost], str]] = {
        "resources": lambda c: f"{c.resources:,}",
        "alone, p50 ms": lambda c: f"{c.alone[0]:.1f}",
        "alone, p95 ms": lambda c: f"{c.alone[1]:.1f}",
        "p50, of its embedding": lambda c: f"× {c.alone[0] / c.embedding:.2f}",
        f"{TOGETHER} at once, p50 ms": lambda c: f"{c.together[0]:.0f}",
        f"{TOGETHER} at once, p95 ms": lambda c: f"{c.together[1]:.0f}",
        "p50, of one alone": lambda c: f"× {c.together[0] / c.alone[0]:.1f}",
        "recall@10": lambda c: f"{c.recall:.3f}",
        "first the same": lambda c: f"{c.first:.3f}",
        "resident, process MB": lambda c: f"{c.process:.0f}",
        "resident, server MB": lambda c: f"{c.server:.0f}" if c.server else "",
        "filled in s": lambda c: f"{c.filled:.1f}",
        "made quick in s": lambda c: f"{c.settled:.1f}" if c.settled else "",
        "an edit, ms": lambda c: f"{c.edit:.1f}",
    }
    for name, told in lines.items():
        shown.add_row(name, *map(told, costs))
    return shown
