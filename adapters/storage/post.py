"""What both storages know about post: whose words an event holds, and what nobody has to wait for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

from bot.events import (
    BotInvited,
    BotRemoved,
    BotSilenced,
    ButtonPressed,
    ChannelArchived,
    ChannelRenamed,
    FormSubmitted,
    MemberChanged,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PermissionsMissing,
    PlatformEvent,
    RoleChanged,
    RolesHeld,
)

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # due, also when the clock was set back since


def author_of(event: PlatformEvent) -> str:
    """The member key of whoever an event comes from; empty where the platform does not say."""
    match event:
        case MessagePosted() | MessageEdited():
            return event.author.key
        case ButtonPressed() | FormSubmitted():
            return event.by.key
        case MemberJoined() | MemberChanged() | RolesHeld():
            return event.member.key
        case MessageDeleted() | RoleChanged():
            return ""
        case BotInvited() | BotRemoved() | ChannelRenamed() | ChannelArchived() | PermissionsMissing() | BotSilenced():
            return ""
        case _:
            assert_never(event)
