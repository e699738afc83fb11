"""From what was typed or pressed on a page to facts of the core. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from adapters.web.chat import BOT, PLATFORM, SPACE, Post, private_member
from adapters.web.people import member_of
from bot.cards import Action
from bot.events import (
    ButtonPressed,
    FormSubmitted,
    Member,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    PlatformEvent,
)
from knowledge.text import clean

MAX_MESSAGE = 200_000  # bytes of one message in UTF-8
MAX_FIELD = 200_000

_MENTION = re.compile(rf"(?<![\w@])@{BOT}(?!\w)", re.IGNORECASE)
_PRESS = re.compile(r"[A-Za-z0-9_-]{8,64}")


class BadInput(ValueError):  # noqa: N818 -- reads as what happened
    """What was typed can't be taken; the message is one kind line that says what to do."""


def place_of(post: Post) -> Place:
    return Place(PLATFORM, SPACE, post.channel, post.id, post.thread)


def facts_of(post: Post) -> tuple[PlatformEvent, ...]:
    """Everything the desk must have heard about a post. Said twice it does no harm: the keys are the same."""
    place, author = place_of(post), member_of(post.author)
    if post.deleted_at is not None:
        return (MessageDeleted(place, post.deleted_at),)
    posted = MessagePosted(
        place,
        author,
        post.text,
        post.at,
        by_bot=post.author == BOT,
        mentions_bot=bool(_MENTION.search(post.text)),
        direct=bool(private_member(post.channel)),
    )
    if post.edited_at is None:
        return (posted,)
    return posted, MessageEdited(place, author, post.text, post.edited_at, by_bot=posted.by_bot, direct=posted.direct)


def message_text(typed: str) -> str:
    """What was typed as a message, made safe to keep. Raises BadInput."""
    text = clean(typed.replace("\r\n", "\n"))
    if not text:
        raise BadInput("There is nothing in the message yet. Write a few words, then send it.")
    size = len(text.encode())
    if size > MAX_MESSAGE:
        raise BadInput(
            f"That is {size // 1000:,} kB, and a message can have {MAX_MESSAGE // 1000} kB. "
            "Please send the most important part; nothing you typed is lost."
        )
    return text


def press_id(typed: str) -> str:
    if not _PRESS.fullmatch(typed):
        raise BadInput("That button was incomplete. Load the page again and press it once more.")
    return typed


def pressed(press: str, action: str, subject: str, by: Member, now: datetime) -> ButtonPressed:
    """Raises BadInput when there is no such action."""
    if action not in set(Action) or not subject or len(subject) > 500:
        raise BadInput("There is no such button. Load the page again and try once more.")
    return ButtonPressed(press_id(press), action, clean(subject), by, now)


def submitted(
    press: str, form: str, subject: str, values: Mapping[str, str], by: Member, now: datetime
) -> FormSubmitted:
    """Raises BadInput when a field is too long."""
    for name, value in values.items():
        if len(value.encode()) > MAX_FIELD:
            raise BadInput(f"“{name}” is too long: please shorten it to {MAX_FIELD // 1000} kB.")
    cleaned = {name: clean(value.replace("\r\n", "\n")) for name, value in values.items()}
    return FormSubmitted(press_id(press), str(form), subject, cleaned, by, now)
