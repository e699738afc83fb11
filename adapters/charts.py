"""Draws the picture of a report with matplotlib, which is loaded when the first one is drawn.

One panel for each group of people, under each other, with a scale of its own: who knows is many times who gives, and
on one scale nobody would see the smaller one grow. Each panel is labelled in its own colour, so there is no legend to
look up and nothing depends on telling colours apart (they are Okabe and Ito's, which most eyes can).
"""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

from bot.chart import Chart, Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (10.0, 9.0)  # inches at DPI: 1,000 by 900 pixels
DPI = 100
COLOURS = ("#0072B2", "#B34700", "#00755A")  # blue, vermillion and green, dark enough for text on white
INK, PALE = "#22272E", "#C9CED6"
TICKS = 7  # months named below at most


class Charts:
    """See bot.ports.Painter."""

    async def paint(self, chart: Chart) -> bytes:
        """See Painter."""
        return await asyncio.to_thread(png, chart)


def png(chart: Chart) -> bytes:
    """The picture, 1,000 by 900 pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(0.06, 0.955, chart.title, size=19, weight="bold", color=INK, va="center")
    figure.text(0.06, 0.025, chart.note, size=11, color=INK, va="center")
    panels = figure.subplots(len(chart.curves) or 1, 1, squeeze=False, sharex=True)
    figure.subplots_adjust(left=0.06, right=0.93, top=0.86, bottom=0.1, hspace=0.62)
    for number, curve in enumerate(chart.curves):
        _panel(panels[number][0], curve, COLOURS[number % len(COLOURS)], chart)
    if not chart.curves:
        _nothing(panels[0][0], chart.empty)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
    return drawn.getvalue()


def _panel(axes: Axes, curve: Curve, colour: str, chart: Chart) -> None:
    axes.text(0, 1.2, curve.name, size=15, weight="bold", color=colour, transform=axes.transAxes)
    axes.text(1, 1.2, curve.growth, size=15, weight="bold", color=colour, ha="right", transform=axes.transAxes)
    axes.text(0, 1.06, curve.headline, size=12, color=INK, transform=axes.transAxes)
    shown = [(n, people) for n, people in enumerate(curve.people) if people is not None]
    if not shown:
        _nothing(axes, chart.empty)
        return
    heights = [float("nan") if people is None else people for people in curve.people]
    axes.plot(range(len(heights)), heights, color=colour, linewidth=2.5, marker="o", markersize=5, clip_on=False)
    axes.fill_between(range(len(heights)), heights, color=colour, alpha=0.12, linewidth=0)
    last, people = shown[-1]
    axes.annotate(
        f"{people:,}", (last, people), (9, 0), textcoords="offset points", va="center", size=14, weight="bold",
        color=colour, annotation_clip=False,
    )  # fmt: skip
    _scale(axes, chart, chart.most or max(people for _, people in shown))


def _scale(axes: Axes, chart: Chart, most: int) -> None:
    """From zero, with few lines, and a month's name now and then."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(0, most * 1.12 or 1)
    axes.set_xlim(-0.2, max(len(chart.months) - 1, 1) + 0.1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    step = max(1, -(-len(chart.months) // TICKS))
    named = list(range(len(chart.months) - 1, -1, -step))[::-1]
    axes.set_xticks(named, [chart.months[n] for n in named])
    axes.tick_params(colors=INK, labelsize=11, length=0, labelbottom=True)
    axes.grid(axis="y", color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(PALE)


def _nothing(axes: Axes, words: str) -> None:
    axes.set_axis_off()
    axes.text(0, 0.6, words, size=13, style="italic", color=INK, va="center", transform=axes.transAxes)
