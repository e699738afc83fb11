"""Where somebody lives: named in English or Spanish, or told by their time zone."""

from __future__ import annotations

import pytest

from bot.community import MemberRecord
from bot.safety.whereabouts import country_name, country_named, country_of_zone, whereabouts


@pytest.mark.parametrize(
    ("words", "country"),
    [
        ("Spain", "ES"),
        ("españa", "ES"),
        (" es ", "ES"),
        ("U.S.A.", "US"),
        ("Estados Unidos", "US"),
        ("uk", "GB"),
        ("the Netherlands", "NL"),
        ("Holanda", "NL"),
        ("Mexico", "MX"),
        ("cote d'ivoire", "CI"),
        ("Hong Kong", "HK"),
        ("Narnia", ""),
        ("Europe", ""),
        ("EU", ""),
        ("", ""),
    ],
)
def test_a_country_is_understood_as_people_name_it(words: str, country: str) -> None:
    assert country_named(words) == country


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Madrid", "ES"),
        ("US/Eastern", "US"),
        ("Asia/Calcutta", "IN"),
        ("America/Buenos_Aires", "AR"),
        ("UTC", ""),
        ("CET", ""),
        ("EST", ""),
        ("Etc/GMT+5", ""),
        ("nowhere", ""),
    ],
)
def test_a_time_zone_tells_the_country_where_it_is_in_one(zone: str, country: str) -> None:
    assert country_of_zone(zone) == country


def test_what_somebody_says_counts_before_their_zone_and_that_before_the_community() -> None:
    member = MemberRecord("m", "p", "Dana", time_zone="Europe/Lisbon")
    assert whereabouts(MemberRecord("m", "p", "Dana", time_zone="Europe/Lisbon", country="ES"), "US") == "ES"
    assert whereabouts(member, "US") == "PT"
    assert whereabouts(MemberRecord("m", "p", "Dana"), "US") == "US"
    assert (whereabouts(None, "US"), whereabouts(None)) == ("US", "")


def test_a_country_is_called_by_its_name_in_the_readers_language() -> None:
    assert (country_name("ES", "es"), country_name("ES", "de"), country_name("", "en")) == ("España", "Spain", "")
