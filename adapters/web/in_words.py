"""Lengths of time, shares, days and languages as a page says them."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def duration(value: Any) -> str:
    """A length of time in the words of people: "12 minutes", "3 hours", "2 days"."""
    if value is None:
        return "–"
    minutes = round(value.total_seconds() / 60)
    for size, word in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size or (minutes >= size and minutes % size < size / 10):
            count = round(minutes / size)
            return f"{count} {word}" + ("s" if count != 1 else "")
    if minutes < 1:
        return "under a minute"
    return f"{minutes} minute" + ("s" if minutes != 1 else "")


def language_name(code: str) -> str:
    from babel import Locale, localedata  # only the library has need of it

    return Locale(code).get_display_name("en") or code if code in localedata.locale_identifiers() else code


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.0f} %"


def day(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.day} {moment:%B %Y}"
