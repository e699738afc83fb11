"""Every sentence people read is in the catalogue, is translated, and keeps its gaps."""

import re
from datetime import UTC, datetime

import pytest
from spoken import catalogue, said

from bot.wording import LANGUAGES, clock_time, say_in


def gaps(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", text))


def test_the_template_holds_exactly_what_the_bot_says():
    assert {m.id for m in catalogue("winwin.pot") if m.id} == said()


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x != "en"])
def test_every_sentence_is_translated_and_nothing_else_is_in_the_catalogue(language):
    messages = [m for m in catalogue(f"{language}.po") if m.id]
    assert {m.id for m in messages} == said()
    assert [m.id for m in messages if not m.string or m.fuzzy] == []


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x != "en"])
def test_a_translation_has_the_gaps_of_the_sentence(language):
    differing = [m.id for m in catalogue(f"{language}.po") if m.id and gaps(str(m.id)) != gaps(str(m.string))]
    assert differing == []


def test_a_sentence_is_said_in_the_readers_language_and_in_english_where_there_is_none():
    assert [say_in(x)("This helped") for x in ("es", "en", "fr")] == ["Me ayudó", "This helped", "This helped"]


def test_no_sentence_is_longer_than_a_tired_reader_can_follow():
    """At most 28 words from one full stop to the next."""
    sentences = [s for text in said() for s in re.split(r"[.!?:]\s", text)]
    assert [s for s in sentences if len(s.split()) > 28] == []


BLAME = re.compile(
    r"\b(fail|fault|you must|should have|wrong|invalid|error|forbidden|denied|illegal|guarantee|promise)\b", re.I
)


def test_nothing_that_is_said_blames_or_promises():
    assert [text for text in said() if BLAME.search(text)] == []


NIGHT = datetime(2026, 3, 4, 3, tzinfo=UTC)  # Tuesday, 22:00 in New York


@pytest.mark.parametrize(
    ("hour", "day", "english", "spanish"),
    [
        (4, 4, "at 23:00", "a las 23:00"),
        (12, 4, "tomorrow at 7:00", "mañana a las 7:00"),
        (6, 4, "tomorrow at 1:00", "mañana a la 1:00"),
        (12, 6, "on Friday at 7:00", "el viernes a las 7:00"),
    ],
)
def test_a_time_is_said_as_people_say_it_in_their_own_zone(hour, day, english, spanish):
    moment = datetime(2026, 3, day, hour, tzinfo=UTC)
    texts = [clock_time(moment, NIGHT, "America/New_York", say_in(language)) for language in ("en", "es")]
    assert texts == [english, spanish]
