"""Everybody in a crisis is given a number: near ones first, never none."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.safety.findings import CRISES, Code
from bot.safety.helplines import Helpline, HelplineError, helplines_for, helplines_for_all, load_helplines, stale

LINES = load_helplines()


def ids(code: Code, country: str | None) -> list[str]:
    return [line.id for line in helplines_for(code, country, LINES)]


@pytest.mark.parametrize("code", sorted(CRISES))
@pytest.mark.parametrize("country", [*sorted({line.country for line in LINES}), "ZZ", "", None])
def test_nobody_in_a_crisis_is_left_without_a_line(code: Code, country: str | None) -> None:
    assert "any-emergency" in ids(code, country)


def test_local_lines_come_first_then_the_unions_then_those_for_everywhere() -> None:
    assert ids(Code.C2, "es") == ["es-024", "eu-116123", "any-emergency", "any-find-a-helpline"]


def test_the_most_pressing_need_comes_first() -> None:
    assert ids(Code.C1, "US")[:3] == ["us-emergency", "us-988", "us-crisis-text"]
    assert ids(Code.C3, "US")[:2] == ["us-emergency", "us-poison"]
    assert ids(Code.C4, "US")[0] in {"us-crisis-text", "us-childhelp", "us-cybertipline"}


@pytest.mark.parametrize("country", ["GB", "UK", " gb "])
def test_a_country_is_understood_however_it_is_written(country: str) -> None:
    assert ids(Code.C2, country)[0] == "gb-samaritans"


@pytest.mark.parametrize("code", [Code.M1, Code.M2, Code.P1])
def test_what_is_no_crisis_gets_no_helpline(code: Code) -> None:
    assert ids(code, "US") == []


def line(verified_on: date) -> Helpline:
    return Helpline("x", "*", ("suicide",), "X", "1", "24 hours", ("en",), verified_on)


def test_a_line_is_stale_after_180_days() -> None:
    today = date(2030, 6, 1)
    fresh, old = line(today - timedelta(days=180)), line(today - timedelta(days=181))
    assert stale([fresh, old], today) == (old,)


GOOD = (
    '\n- {id: a, country: "*", kinds: [suicide], name: A, contact: "1", '
    "hours: always, languages: [en], verified_on: 2030-01-01}\n"
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + GOOD, "same id"),
        (GOOD.replace('"*"', "US"), "fallback"),
        (GOOD.replace("[suicide]", "[chat]"), "Helpline a: kinds"),
        (GOOD.replace("2030-01-01", "soon"), "verified_on a date"),
        (GOOD.replace("hours: always, ", ""), "lacks a field: 'hours'"),
        ("- {", "cannot be read"),
    ],
)
def test_a_broken_list_is_refused_with_the_reason(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "helplines.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(HelplineError, match=says):
        load_helplines(file)


def test_the_file_says_that_every_community_must_verify_before_use() -> None:
    head = (Path(load_helplines.__code__.co_filename).parent / "helplines.yaml").read_text(encoding="utf-8")[:600]
    assert "BEFORE USE" in head


@pytest.mark.filterwarnings("default")
def test_a_line_of_the_packaged_list_that_nobody_has_looked_up_for_long_is_warned_of() -> None:
    """A warning in the summary, no failure: a day must not break a build."""
    old = stale(LINES, datetime.now(UTC).date())
    if old:
        warnings.warn(f"Call these helplines, and write the day into the list: {[x.id for x in old]}", stacklevel=1)


def test_what_is_needed_for_everything_that_was_found_is_named_and_the_worst_first() -> None:
    both = [line.id for line in helplines_for_all(("C1", "C4"), "US", LINES)]
    assert both[:2] == ["us-emergency", "us-988"]
    assert {"us-childhelp", "us-cybertipline", "us-poison", "any-emergency"} <= set(both)
    assert len(both) == len(set(both))
