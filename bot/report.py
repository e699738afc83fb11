"""What the community gets out of it: the numbers of a report, as values, and their JSON.

bot.measures fills a report in; bot.small_cells takes out what is too small to show: such a number is None. How a
report looks is decided outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from bot.engagement import PChart, RunChart, Tier


@dataclass(frozen=True, slots=True)
class TierLine:
    """Unique people of a tier, ever and in the last 90 days, now and at the baseline date. Growth None: "n/a"."""

    tier: Tier
    cumulative: int | None
    active: int | None
    cumulative_at_baseline: int | None
    active_at_baseline: int | None
    cumulative_growth: float | None
    active_growth: float | None


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Active people of a tier by whole month, and the run chart's verdict once there are 12 months."""

    tier: Tier
    months: tuple[tuple[date, int | None], ...]
    chart: RunChart | None


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` things of `people` people; None stands for a number too small to show."""

    count: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class Promptness:
    """Of `due` questions (48 h old, not taken back before), `prompt` had a human answer or *helped* within 48 h."""

    due: Cell
    prompt: Cell
    late: Cell  # answered later, or not yet
    share: float | None
    weeks: PChart | None  # by the week of asking (Monday, UTC), once its 48 h have passed


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """Time from asking to the first human answer, in seconds, over the answered questions."""

    answered: Cell
    unanswered: Cell
    median: float | None
    ninetieth: float | None


@dataclass(frozen=True, slots=True)
class ByResource:
    """Share of all questions that a resource answered lies between `low` (helped, and no person had answered) and
    `high` (and those where a resource was shown and nobody can tell)."""

    helped: Cell
    unknown: Cell
    other: Cell  # no resource shown, taken back, or the asker said it was not it
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Load:
    """One volunteer: questions they were asked or took, accepted, answered. `person` is a key: give it a pseudonym."""

    person: str
    asked: int
    accepted: int
    answered: int


@dataclass(frozen=True, slots=True)
class LoadTotals:
    """Over all volunteers."""

    volunteers: int
    asked: int
    accepted: int
    answered: int


@dataclass(frozen=True, slots=True)
class GapLine:
    """A topic without a resource, in the askers' own words."""

    name: str
    questions: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """`hidden_below`: counts of fewer people are not in here; 0 when everything is shown."""

    now: datetime
    baseline_at: datetime
    hidden_below: int
    tiers: tuple[TierLine, ...]
    months: tuple[MonthLine, ...]
    asked: Cell
    statuses: Mapping[str, Cell]
    outcomes: Mapping[str, Cell]
    promptness: Promptness
    first_answer: FirstAnswer
    by_resource: ByResource
    volunteers: tuple[Load, ...] | None
    volunteer_totals: LoadTotals | None
    drafts: Mapping[str, Cell]
    gaps: tuple[GapLine, ...]


def to_json(report: Report, alias: Callable[[str], str]) -> dict[str, object]:
    """The report as JSON values; docs/operators.md names every field. `alias` turns a person's key into a pseudonym.

    Dates are ISO 8601, shares are between 0 and 1, waits are in seconds. null is a number too small to show, or one
    that does not exist (a growth from zero, a median of nothing).
    """
    found = _plain(report)
    assert isinstance(found, dict)
    if report.volunteers is not None:
        found["volunteers"] = [{**_fields(load), "person": alias(load.person)} for load in report.volunteers]
    found["months"] = {
        line.tier.value: {
            "people": [{"month": month.isoformat(), "active": people} for month, people in line.months],
            "chart": _plain(line.chart),
        }
        for line in report.months
    }
    found["tiers"] = {line.tier.value: _fields(line) for line in report.tiers}
    return found


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return _fields(value)
    return round(value, 4) if isinstance(value, float) else value


def _fields(value: object) -> dict[str, object]:
    assert is_dataclass(value)
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
