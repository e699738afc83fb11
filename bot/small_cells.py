"""Which numbers of a report are too small to show: in a group of few, a count can give a person away.

A count of 1 to 10 people (policy.small_cell - 1) is hidden, and so is every other count from which it could be worked
out: the rest of a total, the part of a whole. Zero is nobody and is shown. The topics of gaps stay, their counts go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.engagement import PChart, Proportion, growth
from bot.report import (
    ByResource,
    Cell,
    FirstAnswer,
    GapLine,
    MonthLine,
    Promptness,
    Report,
    TierLine,
)

HIDDEN = Cell(None, None)


def without_small_cells(report: Report, small_cell: int) -> Report:
    """The report with every count of fewer than `small_cell` people taken out (None), complementary ones too."""
    small = _Small(small_cell)
    totals = report.volunteer_totals
    few_volunteers = totals is not None and small(totals.volunteers)
    few_rows = totals is None or totals.volunteers < small_cell
    return replace(
        report,
        hidden_below=small_cell,
        tiers=tuple(_tier(line, small) for line in report.tiers),
        months=tuple(_months(line, small) for line in report.months),
        asked=small.cell(report.asked),
        statuses=small.parts(report.statuses, report.asked),
        outcomes=small.parts(report.outcomes, report.statuses["closed"]),
        promptness=_promptness(report.promptness, small),
        first_answer=_first_answer(report.first_answer, small),
        by_resource=_by_resource(report.by_resource, small),
        volunteers=None if few_rows else report.volunteers,
        volunteer_totals=None if few_volunteers else totals,
        drafts=small.parts(report.drafts, None),
        gaps=tuple(_gap(line, small) for line in report.gaps),
    )


class _Small:
    """Whether a number of people is too small, and what follows for its neighbours."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def __call__(self, people: int | None) -> bool:
        return people is not None and 0 < people < self._limit

    def cell(self, cell: Cell) -> Cell:
        return HIDDEN if self(cell.people) else cell

    def any(self, *cells: Cell) -> bool:
        return any(self(cell.people) for cell in cells)

    def parts(self, cells: Mapping[str, Cell], whole: Cell | None) -> dict[str, Cell]:
        """Cells that add up to a whole: hide small ones, then the next smallest until the hidden ones together are
        too many to be worked out from the whole."""
        order = sorted((name for name in cells if cells[name].people), key=lambda name: cells[name].people or 0)
        hidden = {name for name in order if self(cells[name].people)}
        if whole is not None and self(whole.people):
            hidden = set(order)
        for name in order:
            together = sum(cells[other].people or 0 for other in hidden)
            if hidden and together < self._limit:
                hidden.add(name)
        return {name: HIDDEN if name in hidden else cell for name, cell in cells.items()}


def _tier(line: TierLine, small: _Small) -> TierLine:
    """Hide what is small, the active ones when few are not active, the baseline when few came since."""
    now = _ever_and_lately(line.cumulative, line.active, small)
    then: tuple[int | None, int | None] = (None, None)
    if not small((line.cumulative or 0) - (line.cumulative_at_baseline or 0)):
        then = _ever_and_lately(line.cumulative_at_baseline, line.active_at_baseline, small)
    return TierLine(line.tier, *now, *then, _grown(now[0], then[0]), _grown(now[1], then[1]))


def _ever_and_lately(ever: int | None, lately: int | None, small: _Small) -> tuple[int | None, int | None]:
    if ever is None or lately is None or small(ever):
        return None, None
    return ever, None if small(lately) or small(ever - lately) else lately


def _grown(now: int | None, then: int | None) -> float | None:
    return None if now is None or then is None else growth(now, then)


def _months(line: MonthLine, small: _Small) -> MonthLine:
    """A month with few people goes, and with it the chart, whose median would tell of it."""
    months = tuple((month, None if small(people) else people) for month, people in line.months)
    return MonthLine(line.tier, months, line.chart if months == line.months else None)


def _promptness(found: Promptness, small: _Small) -> Promptness:
    weeks = _weeks(found.weeks, small) if found.weeks else None
    if small.any(found.prompt, found.late):
        return Promptness(small.cell(found.due), HIDDEN, HIDDEN, None, weeks)
    return replace(found, weeks=weeks)


def _weeks(chart: PChart, small: _Small) -> PChart | None:
    """Weeks are shown together or not at all: a hidden one could be worked out from the centre line.

    A week's number of people is at most its number of questions, so that is what has to be large.
    """
    shown = all(not _few(week, small) for week in chart.points)
    return chart if shown else None


def _few(week: Proportion, small: _Small) -> bool:
    return small(week.total) or small(week.hits) or small(week.total - week.hits)


def _first_answer(found: FirstAnswer, small: _Small) -> FirstAnswer:
    if small(found.answered.people):
        return FirstAnswer(HIDDEN, HIDDEN, None, None)
    if small(found.unanswered.people):
        return replace(found, answered=HIDDEN, unanswered=HIDDEN)
    return found


def _by_resource(found: ByResource, small: _Small) -> ByResource:
    if small.any(found.helped, found.unknown, found.other):
        return ByResource(HIDDEN, HIDDEN, HIDDEN, None, None)
    return found


def _gap(line: GapLine, small: _Small) -> GapLine:
    return GapLine(line.name, None, None) if small(line.people) else line
