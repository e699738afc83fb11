"""Rows become resources, or are refused with one line that says what to do."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.resources import InvalidResource, Resource, ReviewState, content_hash, parse_resource, to_row

FULL = Resource(
    id="cold-bag",
    title="Keeping pens cold on a journey",
    text="Wrap the gel pack.",
    url="https://example.org/cold",
    topics=("travel", "medicine"),
    audience=("parents",),
    language="es-MX",
    medical=True,
    source="sample",
    reviewed_by="Ana",
    reviewed_at=datetime(2025, 3, 1, 12, 30, tzinfo=UTC),
    state=ReviewState.DRAFT,
    version=4,
    asked_as=("which bag keeps pens cold?",),
)


def test_a_row_written_is_read_back_the_same() -> None:
    assert parse_resource(to_row(FULL)) == FULL


def test_a_plain_resource_is_written_with_the_contract_s_keys_only() -> None:
    row = to_row(parse_resource({"title": "A", "text": "b"}))
    keys = "id title text url topics audience language medical source reviewed_by reviewed_at"
    assert " ".join(row) == keys


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({"text": "b"}, "'title'"),
        ({"title": " \n", "text": "b"}, "'title'"),
        ({"title": "a"}, "'text' nor 'url'"),
        ({"title": "a", "text": "\0"}, "'text' nor 'url'"),
        ({"title": ["a"], "text": "b"}, "'title' is a list"),
        ({"title": "a", "text": 7}, "'text' is a number"),
        ({"title": "a" * 301, "text": "b"}, "'title' has 301"),
        ({"title": "a", "text": "b" * 100_001}, "'text' has 100,001"),
        ({"title": "a", "url": "javascript:alert(1)"}, "'url'"),
        ({"title": "a", "url": "data:text/html,x"}, "'url'"),
        ({"title": "a", "url": "javascript://example.org/%0aalert(1)"}, "'url'"),
        ({"title": "a", "url": "https://[broken"}, "'url'"),
        ({"title": "a", "text": "b", "topics": {"x": 1}}, "'topics' is an object"),
        ({"title": "a", "text": "b", "topics": [1]}, "'topics'"),
        ({"title": "a", "text": "b", "medical": "perhaps"}, "'medical'"),
        ({"title": "a", "text": "b", "reviewed_at": "last week"}, "'reviewed_at'"),
        ({"title": "a", "text": "b", "reviewed_at": "0001-01-01T00:00+14:00"}, "'reviewed_at'"),
        ({"title": "a", "text": "b", "state": "secret"}, "'state'"),
        ({"title": "a", "text": "b", "version": 0}, "'version'"),
        ({"title": "a", "text": "b", "id": "two words"}, "'id'"),
        ({"title": "a", "text": "b", "language": "english please"}, "'language'"),
    ],
)
def test_a_wrong_row_is_refused_in_one_line_that_names_the_field(row: dict[str, Any], names: str) -> None:
    with pytest.raises(InvalidResource) as refused:
        parse_resource(row)
    assert names in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_without_an_id_the_title_gives_a_lasting_one() -> None:
    assert parse_resource({"title": "¿Qué llevar a la infusión?", "text": "x"}).id == "que-llevar-a-la-infusion"


def test_titles_that_leave_no_letters_still_get_different_ids() -> None:
    ids = {parse_resource({"title": title, "text": "x"}).id for title in ("🧸", "🎒", "薬", "a" * 200, "a" * 201)}
    assert len(ids) == 5


def test_control_characters_and_lone_surrogates_are_dropped() -> None:
    resource = parse_resource({"title": "Pain\0 scale\ud800", "text": "line one\nline two"})
    assert (resource.title, resource.text) == ("Pain scale?", "line one\nline two")


def test_a_spreadsheet_s_cells_are_understood() -> None:
    row = {"title": "a", "text": "b", "topics": "school; travel,school", "medical": "Yes", "version": "3"}
    resource = parse_resource(row)
    assert (resource.topics, resource.medical, resource.version) == (("school", "travel"), True, 3)


@pytest.mark.parametrize("given", ["2025-03-01", "2025-03-01T00:00:00", "2025-03-01T02:00:00+02:00"])
def test_a_date_without_a_zone_is_utc(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    moment = parse_resource({"title": "a", "text": "b", "reviewed_at": given}).reviewed_at
    assert moment == datetime(2025, 3, 1, tzinfo=UTC)
    assert moment is not None
    assert moment.tzinfo is UTC
    monkeypatch.undo()
    time.tzset()


def test_an_address_without_its_beginning_gets_it() -> None:
    assert parse_resource({"title": "a", "url": "example.org/page"}).url == "https://example.org/page"


def test_a_title_alone_will_do_only_where_that_is_said() -> None:
    assert parse_resource({"title": "a"}, title_alone=True).text == ""


def test_the_hash_follows_the_content() -> None:
    assert content_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert content_hash("\ud800") != content_hash("abc")
