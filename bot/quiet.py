"""When a volunteer is left in peace: quiet hours by weekday, and days away, on the clock of where they live. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours that begin on a weekday (0 is Monday) in the volunteer's own time zone; may pass midnight."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Away:
    """Days away, both included, in the volunteer's own time zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Hours:
    """What decides whether somebody is awake. Many volunteers have the same."""

    time_zone: str = "UTC"
    quiet: tuple[Quiet, ...] = ()
    away: Away | None = None


def awake(hours: Hours, now: datetime) -> bool:
    return not any(start <= now < end for start, end in _spans(hours, now))


def wakes(hours: Hours, now: datetime) -> datetime:
    """The first moment at or after `now` outside quiet hours; `now` plus a week when there is none before."""
    moment, limit = now, now + WEEK
    while moment < limit:
        ends = [end for start, end in _spans(hours, moment) if start <= moment < end]
        if not ends:
            return moment
        moment = max(ends)
    return limit


def state(hours: Hours, now: datetime) -> tuple[bool, datetime]:
    """Whether they are awake, and until when that is so at least: at most a day, and never too long."""
    spans = _spans(hours, now)
    edges = [edge for span in spans for edge in span if edge > now]
    return not any(start <= now < end for start, end in spans), min([*edges, now + _DAY])


def _spans(hours: Hours, now: datetime) -> list[tuple[datetime, datetime]]:
    """Quiet spans around `now` in UTC: wall-clock times of the volunteer's zone, so both DST changes are right."""
    zone = ZoneInfo(hours.time_zone)
    today = now.astimezone(zone).date()
    spans = []
    for offset in (-1, 0, 1):
        day = today + timedelta(days=offset)
        for quiet in hours.quiet:
            if quiet.weekday == day.weekday():
                last = day if quiet.end > quiet.start else day + _DAY
                spans.append((min(_utc(day, quiet.start, zone)), max(_utc(last, quiet.end, zone))))
    if hours.away is not None:
        midnight = time()
        spans.append((min(_utc(hours.away.first, midnight, zone)), max(_utc(hours.away.last + _DAY, midnight, zone))))
    return spans


def _utc(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both readings of a wall-clock time. They differ only where a DST change skips or repeats it; the longer quiet
    is taken, so that nobody is woken."""
    first = datetime.combine(day, clock, tzinfo=zone)
    return first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)
