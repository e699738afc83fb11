"""Who is who on Discord: people and places belong to a server (a guild). Its ids are numbers, given as words.

An id of Discord's says when it was made, so a moment can be read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.events import Member, Place

PLATFORM = "discord"
_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)  # Discord's own
_LONGEST = 20  # digits of a number of 64 bits


def word(value: object) -> str:
    """A string of a payload; anything else is as good as missing."""
    return value if isinstance(value, str) else ""


def part(value: object) -> Mapping[str, Any]:
    """An object of a payload; anything else is as good as empty."""
    return value if isinstance(value, dict) else {}


def parts(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; anything else is as good as missing."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def id_of(value: object) -> str:
    """An id, whether it comes as a word or as a number; empty when it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = word(value)
    return found if found.isascii() and found.isdigit() and len(found) <= _LONGEST else ""


def made_at(snowflake: str) -> datetime | None:
    """When Discord made this id."""
    if not id_of(snowflake):
        return None
    return _EPOCH + timedelta(milliseconds=int(snowflake) >> 22)


def member_of(user: str, guild: str) -> Member:
    return Member(PLATFORM, guild, user)


def place_of(guild: str, channel: str, message: str, thread: str = "") -> Place:
    """`channel` is the text or forum channel, never a thread; without `thread` the message opens its own."""
    return Place(PLATFORM, guild, channel, message, thread or message)


def channel_alone(guild: str, channel: str) -> Place:
    return Place(PLATFORM, guild, channel, "", "")


def channel_key(guild: str, channel: str) -> str:
    return f"{PLATFORM}:{guild}:{channel}"
