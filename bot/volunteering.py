"""A volunteer's form, read: topics, time zone, quiet hours, how often they may be asked."""

from __future__ import annotations

import re
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.community import VolunteerSettings
from bot.quiet import Away, Quiet
from bot.routing import Kind
from bot.typed import InvalidForm
from bot.wording import Say

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


def unknown_topic(topic: str, say: Say) -> str:
    return say("I don't know the topic “{topic}”. Please choose from the list.").format(topic=topic[:60])


def volunteer_settings(
    member: str, values: dict[str, str], topics: frozenset[str], say: Say = str
) -> VolunteerSettings:
    """A volunteer's form as settings; InvalidForm says what to do."""
    chosen = frozenset(t.strip() for t in values.get("topics", "").split(",") if t.strip())
    if topics and chosen - topics:
        raise InvalidForm(unknown_topic(min(chosen - topics), say))
    zone = values.get("time_zone", "UTC").strip()
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        unknown = say("I don't know the time zone “{zone}”. Please write it like Europe/Madrid.")
        raise InvalidForm(unknown.format(zone=zone[:60])) from error
    cap = values.get("weekly_cap", "5").strip()
    if not cap.isdecimal() or not 1 <= int(cap) <= 50:
        raise InvalidForm(say("Please choose a number between 1 and 50 a week."))
    languages = frozenset(v.strip() for v in values.get("languages", "en").split(",") if v.strip())
    return VolunteerSettings(
        member=member,
        kind=Kind.CLINICIAN if values.get("kind") == "clinician" else Kind.PARENT,
        topics=chosen,
        languages=languages or frozenset({"en"}),
        time_zone=zone,
        quiet=_quiet(values.get("quiet", ""), say),
        weekly_cap=int(cap),
        paused=values.get("paused") == "yes",
        away=_away(values.get("away", ""), say),
        learns=values.get("learns") == "yes",
        thanks=values.get("thanks", "yes") == "yes",
    )


def _away(typed: str, say: Say) -> Away | None:
    """`2026-12-20 2027-01-03`, or one day; anything may stand between the two."""
    if not typed.strip():
        return None
    days = _DAY.findall(typed)
    try:
        first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    except (IndexError, ValueError) as error:
        raise InvalidForm(say("Please write the days you are away like: 2026-12-20 to 2027-01-03")) from error
    if len(days) > 2 or last < first:
        raise InvalidForm(say("Please write the first day you are away, and then the last one."))
    return Away(first, last)


def _quiet(spec: str, say: Say) -> tuple[Quiet, ...]:
    """`mon 22:00-07:00;tue 22:00-07:00` as spans."""
    spans = []
    for part in filter(None, (p.strip() for p in spec.split(";"))):
        day, _, hours = part.partition(" ")
        start, _, last = hours.partition("-")
        try:
            spans.append(Quiet(_DAYS[day.lower()], _clock(start), _clock(last)))
        except (KeyError, ValueError) as error:
            raise InvalidForm(say("Please write quiet hours like: mon 22:00-07:00")) from error
    return tuple(spans)


def _clock(text: str) -> time:
    """A wall-clock time: one with an offset could not be compared with the others."""
    clock = time.fromisoformat(text.strip())
    if clock.tzinfo is not None:
        raise ValueError("quiet hours are in the volunteer's own time zone")
    return clock
