"""From actions to people: who is aware, who uses, who produces, and whether that grows. Pure; `now` is given.

People are counted, not clicks: whoever has done one behaviour of a tier is engaged at that tier. The tiers and the
growth factor follow the measurement of a learning health network (doi 10.1002/lrh2.10225, 10.1002/lrh2.10268); the
run chart follows Anhøj & Olesen (doi 10.1371/journal.pone.0113825), the p-chart Shewhart's three-sigma limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import groupby, pairwise
from math import comb, log2, sqrt
from statistics import median

import yaml

from bot.community import Engagement, MemberRecord

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one written in C, where it was built

ACTIVE = timedelta(days=90)  # a person is active this long after a behaviour
BASELINE_POINTS = 12  # a median of fewer points is no baseline

_BEHAVIOUR = re.compile(r"[a-z_]+:[a-z_]+")


class Tier(StrEnum):
    AWARE = "aware"
    USING = "using"
    PRODUCING = "producing"


class VocabularyError(ValueError):
    """The vocabulary cannot be used; the message is one line that says what to change."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`name` is `verb:object`. `automatic`: the bot logs it; otherwise it comes in by hand."""

    name: str
    tier: Tier
    automatic: bool


# --- the vocabulary -------------------------------------------------------------------------------------


def read_vocabulary(text: str) -> dict[str, Behaviour]:
    """The behaviours of an engagement.yaml, by name. Raises VocabularyError."""
    try:
        found = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise VocabularyError("engagement.yaml is not YAML; compare it with the one that ships") from error
    behaviours = found.get("behaviours") if isinstance(found, dict) else None
    if not isinstance(behaviours, dict) or not behaviours:
        raise VocabularyError("engagement.yaml has no 'behaviours'; list them as `verb:object: {tier: ...}`")
    return {str(name): _behaviour(str(name), facts) for name, facts in behaviours.items()}


def _behaviour(name: str, facts: object) -> Behaviour:
    if not _BEHAVIOUR.fullmatch(name):
        raise VocabularyError(f"behaviour '{name}' is not of the form verb:object")
    known = facts if isinstance(facts, dict) else {}
    tier, recorded = known.get("tier"), known.get("recorded", "automatic")
    if tier not in list(Tier):
        raise VocabularyError(f"behaviour '{name}': tier is '{tier}'; use one of {', '.join(Tier)}")
    if recorded not in ("automatic", "by_hand"):
        raise VocabularyError(f"behaviour '{name}': recorded is '{recorded}'; use automatic or by_hand")
    return Behaviour(name, Tier(tier), recorded == "automatic")


@cache
def shipped_vocabulary() -> Mapping[str, Behaviour]:
    """The vocabulary that comes with the package, read once."""
    return read_vocabulary(files("bot").joinpath("engagement.yaml").read_text("utf-8"))


# --- people ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deed:
    """A qualifying behaviour of one person. What is counted from here on."""

    person: str
    tier: Tier
    at: datetime


def deeds(
    rows: Iterable[Engagement], members: Iterable[MemberRecord], vocabulary: Mapping[str, Behaviour]
) -> tuple[Deed, ...]:
    """The rows that count, oldest first: behaviours of the vocabulary, by people who are neither staff nor bots.

    A person is who the member is *now* (members, else the row's `person`, else the member alone), so linking two
    accounts makes them one person and unlinking makes them two again. One staff account makes the person staff.
    """
    known = {member.key: member for member in members}
    staff = {member.person for member in known.values() if member.staff}
    found = []
    for row in rows:
        behaviour = vocabulary.get(row.behaviour)
        member = known.get(row.member)
        person = member.person if member else row.person or row.member
        if behaviour and person not in staff:
            found.append(Deed(person, behaviour.tier, row.at))
    return tuple(sorted(found, key=lambda deed: deed.at))


def cumulative(done: Iterable[Deed], tier: Tier, at: datetime) -> frozenset[str]:
    """Everybody who was engaged at the tier at least once until `at`, included."""
    return frozenset(deed.person for deed in done if deed.tier is tier and deed.at <= at)


def active(done: Iterable[Deed], tier: Tier, at: datetime) -> frozenset[str]:
    """Everybody who was engaged at the tier in the 90 days before `at` (after at - 90 days, until at included)."""
    return frozenset(deed.person for deed in done if deed.tier is tier and at - ACTIVE < deed.at <= at)


def growth(now: int, baseline: int) -> float | None:
    """How many times the baseline: now / baseline; None ("n/a") when the baseline is zero."""
    return now / baseline if baseline else None


def monthly(done: Iterable[Deed], tier: Tier, now: datetime) -> tuple[tuple[date, int], ...]:
    """Unique people active at the tier in each whole calendar month (UTC) from the first deed on: (first day, people).

    The month of `now` is not over and left out.
    """
    done = tuple(done)
    by_month: dict[date, set[str]] = {}
    for deed in done:
        if deed.tier is tier:
            by_month.setdefault(_month(deed.at), set()).add(deed.person)
    if not done:
        return ()
    month, end, points = _month(min(deed.at for deed in done)), _month(now), []
    while month < end:
        points.append((month, len(by_month.get(month, ()))))
        month = (month + timedelta(days=32)).replace(day=1)
    return tuple(points)


def _month(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


# --- run chart ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunChart:
    """`useful` is the number of points not on the median; `signal` means more than chance is at work."""

    values: tuple[float, ...]
    median: float
    useful: int
    longest_run: int
    longest_run_limit: int
    crossings: int
    crossings_limit: int
    signal: bool


def run_limits(useful: int) -> tuple[int, int]:
    """(longest run, fewest crossings) that chance still explains, for n useful points.

    round(log2 n) + 3, and the 5th percentile of Binomial(n - 1, 0.5) (Anhøj & Olesen 2014). 12 -> (7, 3),
    24 -> (8, 8), 36 -> (8, 13). Raises ValueError below one point.
    """
    if useful < 1:
        raise ValueError("a run chart needs at least one point off the median")
    trials, total = useful - 1, 0
    for crossings in range(useful):
        total += comb(trials, crossings)
        if 20 * total >= 2**trials:
            return round(log2(useful)) + 3, crossings
    raise AssertionError("a distribution adds up to one")


def run_chart(values: Sequence[float], baseline: int = BASELINE_POINTS) -> RunChart | None:
    """The chart of `values` in order of time around the median of the first `baseline` points, which stays frozen.

    Not for cumulative counts. None while there are fewer points than the baseline needs, or none off the median.
    Raises ValueError for a baseline under 12 points.
    """
    if baseline < BASELINE_POINTS:
        raise ValueError(f"a baseline needs {BASELINE_POINTS} points or more, not {baseline}")
    if len(values) < baseline:
        return None
    middle = median(values[:baseline])
    sides = [value > middle for value in values if value != middle]
    if not sides:
        return None
    longest = max(len(list(run)) for _, run in groupby(sides))
    crossings = sum(before != after for before, after in pairwise(sides))
    most, fewest = run_limits(len(sides))
    signal = longest > most or crossings < fewest
    return RunChart(tuple(values), middle, len(sides), longest, most, crossings, fewest, signal)


# --- p-chart --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` of `total` in the period that begins at `start`. Shares and limits are None without any."""

    start: date
    hits: int
    total: int
    share: float | None
    low: float | None
    high: float | None
    signal: bool


@dataclass(frozen=True, slots=True)
class PChart:
    """`centre` is p: all hits over all totals."""

    centre: float
    points: tuple[Proportion, ...]

    @property
    def signal(self) -> bool:
        return any(point.signal for point in self.points)


def p_chart(periods: Sequence[tuple[date, int, int]]) -> PChart | None:
    """The chart of (start, hits, total) per period: p = sum x / sum n, limits p ± 3 sqrt(p(1-p)/n) cut to [0, 1].

    A point outside its limits is a signal. None when nothing was counted at all.
    """
    everything = sum(total for _, _, total in periods)
    if not everything:
        return None
    centre = sum(hits for _, hits, _ in periods) / everything
    return PChart(centre, tuple(_proportion(centre, *period) for period in periods))


def _proportion(centre: float, start: date, hits: int, total: int) -> Proportion:
    if not total:
        return Proportion(start, hits, total, None, None, None, signal=False)
    spread = 3 * sqrt(centre * (1 - centre) / total)
    low, high, share = max(0.0, centre - spread), min(1.0, centre + spread), hits / total
    return Proportion(start, hits, total, share, low, high, signal=not low <= share <= high)
