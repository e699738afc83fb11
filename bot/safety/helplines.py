"""Helplines: which numbers a person is given, by what is the matter and where they live.

The list is `helplines.yaml`. A local line comes first, then, in the European Union, the common numbers, and
always the fallbacks that hold everywhere. Nobody is ever left without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from bot.safety.findings import Code

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one written in C, where it was built

EVERYWHERE = "*"
UNION = "EU"
MEMBERS = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
OLD_AFTER = timedelta(days=180)
KINDS = frozenset({"suicide", "emergency", "child", "poison", "violence"})
# What each crisis needs, the most pressing first. Other codes have none: helplines are not small talk.
NEEDS: Mapping[Code, tuple[str, ...]] = {
    Code.C1: ("emergency", "suicide", "poison"),
    Code.C2: ("suicide",),
    Code.C3: ("emergency", "poison"),
    Code.C4: ("child", "emergency"),
    Code.C5: ("emergency", "violence", "suicide"),
}


class HelplineError(ValueError):
    """The list of helplines cannot be used. Says which entry, and why."""


@dataclass(frozen=True, slots=True)
class Helpline:
    """One line. `country`: two letters, "EU", or "*" for everywhere; `languages`: two letters each."""

    id: str
    country: str
    kinds: tuple[str, ...]
    name: str
    contact: str
    hours: str
    languages: tuple[str, ...]
    verified_on: date


def load_helplines(source: Traversable | None = None) -> tuple[Helpline, ...]:
    """The packaged list, or another file. Raises HelplineError."""
    file = source if source is not None else files("bot.safety") / "helplines.yaml"
    try:
        entries = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise HelplineError(f"The helplines cannot be read: {error}") from error
    lines = tuple(_helpline(entry) for entry in entries)
    if len({line.id for line in lines}) < len(lines):
        raise HelplineError("Two helplines have the same id.")
    if not any(line.country == EVERYWHERE for line in lines):
        raise HelplineError('There must be a fallback for everywhere: an entry with country "*".')
    return lines


def helplines_for(code: Code, country: str | None, lines: Iterable[Helpline]) -> tuple[Helpline, ...]:
    """Those that fit the crisis: local ones, then the Union's, then those that hold everywhere; within each,
    the most pressing need first. A code that is no crisis has none."""
    return helplines_for_all((code,), country, lines)


def helplines_for_all(codes: Iterable[str], country: str | None, lines: Iterable[Helpline]) -> tuple[Helpline, ...]:
    """The same for everything that was found in a message, its most severe code first."""
    needs = tuple(dict.fromkeys(need for code in codes for need in NEEDS.get(Code(code), ())))
    near = _nearest_first((country or "").strip().upper())
    chosen = [line for line in lines if line.country in near and set(line.kinds) & set(needs)]
    return tuple(sorted(chosen, key=lambda line: (near.index(line.country), _urgency(line, needs))))


def stale(lines: Iterable[Helpline], today: date) -> tuple[Helpline, ...]:
    """Those that nobody has verified for more than 180 days: to be called again."""
    return tuple(line for line in lines if today - line.verified_on > OLD_AFTER)


def _nearest_first(country: str) -> tuple[str, ...]:
    near = {"UK": "GB"}.get(country, country)
    union = (UNION,) if near in MEMBERS else ()
    return (near, *union, EVERYWHERE)


def _urgency(line: Helpline, needs: tuple[str, ...]) -> int:
    return min(needs.index(kind) for kind in line.kinds if kind in needs)


def _helpline(entry: Mapping[str, Any]) -> Helpline:
    try:
        line = Helpline(
            id=entry["id"],
            country=entry["country"],
            kinds=tuple(entry["kinds"]),
            name=entry["name"],
            contact=str(entry["contact"]),
            hours=entry["hours"],
            languages=tuple(entry["languages"]),
            verified_on=entry["verified_on"],
        )
    except (KeyError, TypeError) as error:
        raise HelplineError(f"A helpline lacks a field: {error} in {entry!r}.") from error
    if not line.kinds or not set(line.kinds) <= KINDS or not isinstance(line.verified_on, date):
        raise HelplineError(f"Helpline {line.id}: kinds must be of {sorted(KINDS)}, verified_on a date.")
    return line
