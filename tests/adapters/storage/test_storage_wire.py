"""What is written as JSON comes back as it was, and what cannot be read is refused in one clear line."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, datetime, time
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.storage.errors import UnreadableRecord
from adapters.storage.wire import KINDS, Wire
from bot.effects import ShowSuggestions
from bot.events import Member, MessagePosted, Place

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MESSAGE = MessagePosted(
    Place("web", "s", "c", "m", "t"), Member("web", "s", "u"), "hi", datetime(2025, 1, 1, tzinfo=UTC)
)


def of_type(kind: object) -> st.SearchStrategy:
    """Any value of a field's type."""
    simple = {
        str: WORDS,
        int: st.integers(-(2**53), 2**53),
        bool: st.booleans(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        datetime: st.datetimes(timezones=st.just(UTC)),
        time: st.times(),
        type(None): st.none(),
    }
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in simple:
        return simple[kind]
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return st.lists(of_type(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of_type, arguments))
    if origin is frozenset:
        return st.frozensets(of_type(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(of_type(arguments[0]), of_type(arguments[1]), max_size=3)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(of_type, arguments))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    assert dataclasses.is_dataclass(kind), kind
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{field.name: of_type(hints[field.name]) for field in dataclasses.fields(kind)})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_comes_back_as_it_was(kind: type) -> None:
    wire = Wire()

    @settings(max_examples=25)
    @given(of_type(kind))
    def comes_back(value: object) -> None:
        assert wire.decode(wire.encode(value), kind) == value

    comes_back()


def test_kinds_have_names_of_their_own() -> None:
    assert len({kind.__name__ for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not in the form"),
        ("null", "not in the form"),
        ('["MessagePosted"]', "unknown kind"),
        ('["Burglary",{}]', "unknown kind 'Burglary'"),
        ('["ShowSuggestions",{}]', "question is broken"),
        ('["ShowSuggestions",{"question":7}]', "question is broken"),
        ('["ShowSuggestions",{"question":"q1"]', "its JSON is broken"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UnreadableRecord, match=said) as refused:
        Wire().decode(text, ShowSuggestions)
    assert "\n" not in str(refused.value)


def test_a_refusal_does_not_repeat_anybodys_words() -> None:
    text = Wire().encode(dataclasses.replace(MESSAGE, text="my secret")).replace('"at"', '"when"')
    with pytest.raises(UnreadableRecord) as refused:
        Wire().decode(text, MessagePosted)
    assert "secret" not in str(refused.value)


def test_another_kind_than_wanted_is_refused() -> None:
    with pytest.raises(UnreadableRecord, match="ShowSuggestions turned out to be a MessagePosted"):
        Wire().decode(Wire().encode(MESSAGE), ShowSuggestions)


def test_what_is_no_stored_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="Place is not a kind"):
        Wire().encode(MESSAGE.place)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    wire = Wire()
    back = wire.decode(wire.encode(dataclasses.replace(MESSAGE, text="a\ud83db\x00🫂")), MessagePosted)
    assert back.text == "a?b\x00🫂"
