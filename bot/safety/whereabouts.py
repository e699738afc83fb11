"""In which country somebody lives, so that they are given numbers that work there: as they say, by their time zone, or
as the community's setting says. Countries are two letters of ISO 3166; empty where nothing is known.

Names come from Babel (CLDR), zones from the time zone database; both are kept by others and come with their updates.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files

from bot.community import MemberRecord

SPOKEN = ("en", "es")  # languages in which a country may be named
MORE_NAMES = {
    "UK": "GB",
    "GREAT BRITAIN": "GB",
    "ENGLAND": "GB",
    "SCOTLAND": "GB",
    "WALES": "GB",
    "NORTHERN IRELAND": "GB",
    "INGLATERRA": "GB",
    "ESCOCIA": "GB",
    "GALES": "GB",
    "IRLANDA DEL NORTE": "GB",
    "GRAN BRETANA": "GB",
    "USA": "US",
    "AMERICA": "US",
    "EEUU": "US",
    "EE UU": "US",
    "HOLLAND": "NL",
    "HOLANDA": "NL",
    "REPUBLIC OF IRELAND": "IE",
    "TURKEY": "TR",
    "CZECH REPUBLIC": "CZ",
    "HONG KONG": "HK",
    "MACAO": "MO",
    "BURMA": "MM",
}


def whereabouts(member: MemberRecord | None, community: str = "") -> str:
    """The country of a member: what they said, else that of their time zone, else the community's."""
    if member is None:
        return community
    return member.country or country_of_zone(member.time_zone) or community


def country_named(words: str) -> str:
    """The country that somebody means, by its name in English or Spanish or its two letters; empty when none is."""
    return _names().get(_plain(words), "")


def country_name(country: str, language: str) -> str:
    """What it is called; the letters where they are no country's."""
    spoken = language if language in SPOKEN else SPOKEN[0]
    return str(_territories(spoken).get(country, country))


def country_of_zone(zone: str) -> str:
    """Where a time zone is; empty for one that is in no single country, like UTC."""
    return _zones().get(zone, "")


def _plain(words: str) -> str:
    letters = unicodedata.normalize("NFKD", words).upper().replace("&", " AND ")
    kept = "".join(c if c.isalnum() else "" if unicodedata.combining(c) or c in ".\u2019'" else " " for c in letters)
    return " ".join(kept.split()).removeprefix("THE ")


@lru_cache(4)
def _territories(language: str) -> dict[str, str]:
    """Countries only: CLDR names continents and the like too."""
    from babel import Locale  # not before somebody names a country: a command that does not should start at once

    known = set(_zones().values())
    return {code: name for code, name in Locale(language).territories.items() if code in known}


@lru_cache(1)
def _names() -> dict[str, str]:
    named = {_plain(name): code for lang in SPOKEN for code, name in _territories(lang).items()}
    return named | MORE_NAMES | {code: code for code in _territories(SPOKEN[0])}


@lru_cache(1)
def _zones() -> dict[str, str]:
    """Each zone with its country, and the older names of zones."""
    folder = files("tzdata.zoneinfo")
    rows = [line.split("\t") for line in _lines((folder / "zone.tab").read_text("utf-8"))]
    zones = {row[2]: row[0] for row in rows if len(row) > 2}
    links = [line.split() for line in _lines((folder / "tzdata.zi").read_text("utf-8")) if line.startswith("L ")]
    return {old: zones[new] for _, new, old in links if new in zones and "/" in old} | zones  # CET is nobody's country


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]
