"""Is a confidence of 0.7 right in 7 of 10 cases? By tenths, as a table and as a picture (M. DeGroot and S. Fienberg,
The Comparison and Evaluation of Forecasters, 1983)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

from knowledge.evaluation import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 10
BLUE, INK, PALE = "#0072B2", "#22272E", "#C9CED6"
PANEL = 3.6  # inches, wide and high


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions whose first match is about equally sure: how many, how sure on average, what share was right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


def bins(outcomes: Sequence[Outcome]) -> list[Bin]:
    """Those that hold any question, the least sure first."""
    sure = np.array([outcome.confidence for outcome in outcomes])
    right = np.array([outcome.places[:1] == (0,) for outcome in outcomes], float)
    number = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        Bin(n / BINS, (n + 1) / BINS, int(mine.sum()), float(sure[mine].mean()), float(right[mine].mean()))
        for n, mine in ((n, number == n) for n in range(BINS))
        if mine.any()
    ]


def error(found: Sequence[Bin]) -> float:
    """How far confidence and share right are apart on average (expected calibration error)."""
    return sum(one.count * abs(one.confidence - one.right) for one in found) / sum(one.count for one in found)


def reliability_table(name: str, outcomes: Sequence[Outcome]) -> Table:
    """One row per tenth."""
    found = bins(outcomes)
    title = f"{name}: how sure winwin was of its first, how often right (apart by {error(found):.3f})"
    table = Table("confidence", "mean", "right", "questions", title=title, min_width=len(title))
    for one in found:
        row = f"{one.low:.1f}-{one.high:.1f}", f"{one.confidence:.3f}", f"{one.right:.3f}", str(one.count)
        table.add_row(*row)
    return table


def draw(sets: Mapping[str, Sequence[Outcome]], file: Path) -> None:
    """A panel for each set: a point for each tenth, its area the number of questions; honest is the diagonal."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(PANEL * len(sets), PANEL + 0.5), dpi=120, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(sets), squeeze=False, sharey=True)[0]
    for axes, (name, outcomes) in zip(panels, sets.items(), strict=True):
        _panel(axes, name, outcomes)
    panels[0].set_ylabel("share right", color=INK)
    figure.savefig(file, metadata={"Software": None} if file.suffix == ".png" else None)


def _panel(axes: Axes, name: str, outcomes: Sequence[Outcome]) -> None:
    found = bins(outcomes)
    axes.plot([0, 1], [0, 1], color=PALE, linewidth=1.5, zorder=1)
    sure, right = [one.confidence for one in found], [one.right for one in found]
    share = [1_200 * one.count / len(outcomes) for one in found]
    axes.plot(sure, right, color=BLUE, linewidth=1.5, zorder=2)
    axes.scatter(sure, right, s=[max(12.0, size) for size in share], color=BLUE, alpha=0.75, linewidths=0, zorder=3)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="confidence", aspect="equal")
    axes.set_title(f"{name}: {len(outcomes):,} questions", color=INK, size=11)
    axes.spines[["top", "right"]].set_visible(False)
