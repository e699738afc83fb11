"""What was typed into a form: the text as it may be kept, or what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.community import MemberRecord
from bot.private_details import without
from bot.wording import Say, say_in

MAX_TEXT = 20_000  # characters


class InvalidForm(Exception):  # noqa: N818 -- reads as what happened
    """What was typed can't be used; the message says what to do."""


def say_to(who: MemberRecord | None) -> Say:
    """The language of whoever filled the form."""
    return say_in(who.language if who else "en")


def kept_text(typed: str, problem: str, names: Iterable[str] = ()) -> str:
    """The text without numbers, addresses and these names. Raises InvalidForm(problem) when there is none."""
    text = without(typed.strip(), names)[:MAX_TEXT]
    if not text:
        raise InvalidForm(problem)
    return text


def own_names(who: MemberRecord | None) -> tuple[str, ...]:
    """What would give somebody away in their own words: their name, and each part of it."""
    return (who.name, *who.name.split()) if who else ()
