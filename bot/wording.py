"""The reader's language: every sentence people read goes through a catalogue (gettext), English is the source."""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

Say = Callable[[str], str]

LANGUAGES = ("en", "es")


def say_in(language: str) -> Say:
    """The function that puts a sentence into `language`; English where it is not translated."""
    return _catalogue(language).gettext if language in LANGUAGES and language != "en" else _as_it_is


def _as_it_is(sentence: str) -> str:
    return sentence


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> gettext.GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = resources.files("bot").joinpath("locale", f"{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source)))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def in_words(topic: str) -> str:
    """A topic's id as people read it."""
    return topic.replace("_", " ").replace("-", " ")


def month_name(day: date, language: str) -> str:
    """A month as people write it: "Mar 2025"."""
    from babel.dates import format_date

    return str(format_date(day, "LLL yyyy", locale=language if language in LANGUAGES else "en"))


def day_name(day: date, language: str) -> str:
    """A day as people write it: "3 Mar"."""
    from babel.dates import format_date

    return str(format_date(day, "d LLL", locale=language if language in LANGUAGES else "en"))


def day_of(day: date, language: str) -> str:
    """A day that may be in another year: "3 Mar 2025"."""
    from babel.dates import format_date

    return str(format_date(day, "d LLL yyyy", locale=language if language in LANGUAGES else "en"))


def clock_time(moment: datetime, now: datetime, time_zone: str, say: Say) -> str:
    """A moment as a person would say it: "at 7:00", "tomorrow at 7:00", "on Friday at 7:00", in their own time zone."""
    zone = ZoneInfo(time_zone)
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    if days == 0:
        return _clock(local, say)
    if days == 1:
        return say("tomorrow {at_time}").format(at_time=_clock(local, say))
    return say("on {day} {at_time}").format(day=_weekdays(say)[local.weekday()], at_time=_clock(local, say))


def past_time(moment: datetime, now: datetime, time_zone: str, language: str, say: Say) -> str:
    """A moment that has been: by its weekday as long as there is only one it can mean, then by its date."""
    if (now - moment).days < 6:
        return clock_time(moment, now, time_zone, say)
    return say("on {date}").format(date=day_name(moment.astimezone(ZoneInfo(time_zone)).date(), language))


def asked_ago(age: timedelta, say: Say) -> str:
    """How long ago something was asked, in whole minutes, hours or days."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return say("asked just now")
    if minutes < 60:
        return say("asked 1 minute ago") if minutes == 1 else say("asked {count} minutes ago").format(count=minutes)
    hours = minutes // 60
    if hours < 48:
        return say("asked 1 hour ago") if hours == 1 else say("asked {count} hours ago").format(count=hours)
    return say("asked {count} days ago").format(count=hours // 24)


def _clock(local: datetime, say: Say) -> str:
    if local.hour == 1:  # one o.clock is singular: in Spanish "a la 1:30", but "a las 2:30"
        return say("at 1:{minutes}").format(minutes=f"{local.minute:02d}")
    return say("at {time}").format(time=f"{local.hour}:{local.minute:02d}")


def _weekdays(say: Say) -> tuple[str, ...]:
    return (
        say("Monday"),
        say("Tuesday"),
        say("Wednesday"),
        say("Thursday"),
        say("Friday"),
        say("Saturday"),
        say("Sunday"),
    )
