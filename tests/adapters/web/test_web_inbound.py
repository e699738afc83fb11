"""What is typed becomes facts; what can't be taken says what to do."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.web.inbound import MAX_MESSAGE, BadInput, facts_of, message_text, place_of, pressed, submitted
from adapters.web.people import member_of
from adapters.web.reading import WebReader
from bot.events import ButtonPressed, FormSubmitted, MessageDeleted, MessageEdited, MessagePosted, Place

AT = datetime(2025, 3, 5, 12, 0, tzinfo=UTC)
DANA = member_of("dana")


@dataclass(frozen=True)
class Written:
    id: str = "7"
    channel: str = "school"
    thread: str = "7"
    author: str = "dana"
    text: str = "Any tips?"
    card: str = ""
    only_for: str = ""
    at: datetime = AT
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    changed: int = 3


PLACE = Place("web", "local", "school", "7", "7")


def test_a_post_is_one_fact() -> None:
    assert facts_of(Written()) == (MessagePosted(PLACE, DANA, "Any tips?", AT),)


def test_an_edited_post_tells_both_so_that_a_crash_in_between_loses_neither() -> None:
    later = AT + timedelta(minutes=1)
    edited = MessageEdited(PLACE, DANA, "Any tips?", later)
    assert facts_of(Written(edited_at=later)) == (MessagePosted(PLACE, DANA, "Any tips?", AT), edited)


def test_a_deleted_post_is_only_its_going() -> None:
    assert facts_of(Written(text="", deleted_at=AT)) == (MessageDeleted(PLACE, AT),)


@pytest.mark.parametrize(
    ("text", "called"),
    [("@winwin any idea?", True), ("hey @WinWin!", True), ("mail me@winwin.org", False), ("@winwinning", False)],
)
def test_the_bot_is_called_by_its_name(text: str, called: bool) -> None:
    (fact,) = facts_of(Written(text=text))
    assert isinstance(fact, MessagePosted)
    assert fact.mentions_bot is called


def test_the_private_conversation_is_direct() -> None:
    (fact,) = facts_of(Written(channel="dm-dana"))
    assert isinstance(fact, MessagePosted)
    assert fact.direct


def test_what_the_bot_wrote_is_marked_as_such() -> None:
    (fact,) = facts_of(replace(Written(), author="winwin"))
    assert isinstance(fact, MessagePosted)
    assert fact.by_bot


def test_control_characters_go_and_everything_else_stays() -> None:
    assert message_text("  a\x00b\r\nc ‏مرحبا z͎̓ \ud83d ") == "a b\nc ‏مرحبا z͎̓ ?"


def test_a_hundred_kilobytes_are_taken_and_more_than_two_hundred_refused() -> None:
    assert len(message_text("x" * 100_000)) == 100_000
    with pytest.raises(BadInput, match="200 kB"):
        message_text("é" * (MAX_MESSAGE // 2 + 1))


@pytest.mark.parametrize("typed", ["", "   ", "\x00\x07"])
def test_nothing_is_not_a_message(typed: str) -> None:
    with pytest.raises(BadInput, match="nothing in the message"):
        message_text(typed)


def test_a_press_names_who_pressed_what() -> None:
    fact = pressed("abcdefgh", "accept", "q1", DANA, AT)
    assert fact == ButtonPressed("abcdefgh", "accept", "q1", DANA, AT)


@pytest.mark.parametrize(
    ("press", "action", "subject"),
    [
        ("abcdefgh", "drop_tables", "q1"),
        ("abcdefgh", "accept", ""),
        ("short", "accept", "q1"),
        ("a b:cdefgh", "pass", "q"),
    ],
)
def test_an_invented_button_is_refused(press: str, action: str, subject: str) -> None:
    with pytest.raises(BadInput):
        pressed(press, action, subject, DANA, AT)


def test_the_values_of_a_form_are_cleaned() -> None:
    fact = submitted("abcdefgh", "answer", "q1", {"text": " a\x00b\r\nc "}, DANA, AT)
    assert fact == FormSubmitted("abcdefgh", "answer", "q1", {"text": "a b\nc"}, DANA, AT)


async def test_a_message_is_read_as_it_stands_now(town):
    await town.be("dana").say("How do infusion days count?")
    post = (await town.chat.roots("school", "dana", 5))[-1]
    reader = WebReader(town.chat)
    await town.chat.edit(post.id, "And now?", town.clock.now())
    said = await reader.message(place_of(post))
    assert said is not None
    assert (said.text, said.author.id) == ("And now?", "dana")
    assert await reader.message(replace(place_of(post), channel="talk")) is None
    await town.chat.delete(post.id, town.clock.now())
    assert await reader.message(place_of(post)) is None
    assert await reader.message(replace(place_of(post), message="999")) is None
