"""Who is asked next: one person at a time, awake where they live, under their cap, fit for the topic.

Pure. `choose` gives the person and, in words, why; when everybody is asleep it says when the first one wakes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
OPEN_CLAIMS = 2  # somebody who holds this many unanswered questions is not asked for another


class Kind(StrEnum):
    PARENT = "parent"
    CLINICIAN = "clinician"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours that begin on a weekday (0 is Monday) in the volunteer's own time zone; may pass midnight."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Volunteer:
    """What a volunteer declared, and how much they were asked lately. `member` and `person` are keys."""

    member: str
    person: str
    name: str
    kind: Kind = Kind.PARENT
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    time_zone: str = "UTC"
    quiet: tuple[Quiet, ...] = ()
    weekly_cap: int = 5
    paused: bool = False
    asked_this_week: int = 0
    open_claims: int = 0
    last_asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """The part of a question that routing looks at. `excluded` are members not to ask (now) for this question."""

    id: str
    asker_person: str
    topics: tuple[str, ...]
    language: str
    medical: bool
    excluded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """Either somebody to ask now, or the time at which somebody wakes, or neither."""

    volunteer: Volunteer | None
    why: str
    wakes_at: datetime | None = None


def choose(need: Need, volunteers: Iterable[Volunteer], now: datetime) -> Choice:
    """The volunteer to ask for `need` at `now` (aware UTC)."""
    able = [v for v in volunteers if _able(v, need)]
    if not able:
        return Choice(None, "nobody who could answer this has room at the moment")
    awake = [v for v in able if awake_at(v, now)]
    if not awake:
        first = min(wakes_at(v, now) for v in able)
        if first >= now + WEEK:  # quiet hours around the clock: nobody to wait for
            return Choice(None, "everybody who could answer is in quiet hours all week")
        return Choice(None, "everybody who could answer is in quiet hours", first)
    best = min(awake, key=lambda v: _rank(v, need))
    return Choice(best, _why(best, need))


def _able(v: Volunteer, need: Need) -> bool:
    return (
        v.member not in need.excluded
        and v.person != need.asker_person
        and not v.paused
        and v.asked_this_week < v.weekly_cap
        and v.open_claims < OPEN_CLAIMS
        and need.language in v.languages
        and (v.kind is Kind.CLINICIAN or not need.medical)
    )


def _rank(v: Volunteer, need: Need) -> tuple[int, int, float, float, str]:
    """Smallest first: topic fit, generalists before other topics, least loaded, longest unasked, then a fair draw."""
    fit = len(v.topics & set(need.topics))
    spare_clinician = 0 if need.medical or v.kind is Kind.PARENT else 1
    last = v.last_asked_at.timestamp() if v.last_asked_at else 0.0
    draw = hashlib.sha256(f"{need.id}|{v.member}".encode()).hexdigest()
    misfit = 0 if fit else (1 if not v.topics else 2)
    return (misfit, spare_clinician, v.asked_this_week / v.weekly_cap, last, draw)


def _why(v: Volunteer, need: Need) -> str:
    shared = sorted(v.topics & set(need.topics))
    reasons = [f"knows about {', '.join(shared)}" if shared else "is free and speaks the language"]
    if need.medical:
        reasons.append("is a clinician, as a medical question needs")
    reasons.append(f"asked {v.asked_this_week} of {v.weekly_cap} times this week")
    return "; ".join(reasons)


# --- quiet hours ----------------------------------------------------------------------------------------


def awake_at(v: Volunteer, now: datetime) -> bool:
    return not any(start <= now < end for start, end in _quiet_spans(v, now))


def wakes_at(v: Volunteer, now: datetime) -> datetime:
    """The first moment at or after `now` outside quiet hours; `now` plus a week when there is none."""
    moment, limit = now, now + WEEK
    while moment < limit:
        ends = [end for start, end in _quiet_spans(v, moment) if start <= moment < end]
        if not ends:
            return moment
        moment = max(ends)
    return limit


def _quiet_spans(v: Volunteer, now: datetime) -> list[tuple[datetime, datetime]]:
    """Quiet spans around `now` in UTC: wall-clock times of the volunteer's zone, so both DST changes are right."""
    zone = ZoneInfo(v.time_zone)
    today = now.astimezone(zone).date()
    spans = []
    for offset in (-1, 0, 1):
        day = today + timedelta(days=offset)
        for quiet in v.quiet:
            if quiet.weekday == day.weekday():
                last = day if quiet.end > quiet.start else day + timedelta(days=1)
                spans.append((min(_utc(day, quiet.start, zone)), max(_utc(last, quiet.end, zone))))
    return spans


def _utc(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both readings of a wall-clock time. They differ only where a DST change skips or repeats it; the longer quiet
    is taken, so that nobody is woken."""
    first = datetime.combine(day, clock, tzinfo=zone)
    return first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)
