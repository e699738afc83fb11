"""A member as a row of its table and back; a place as the five columns it is kept in."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Row

from adapters.storage.people_tables import member
from adapters.storage.schema import PLACE
from bot.community import Badge, MemberRecord, Role
from bot.events import Place

_FIELDS = [column.name for column in member.c if column.name not in ("roles", "badges")]


def member_values(record: MemberRecord) -> dict[str, Any]:
    """Column by column."""
    badges = tuple(f"{badge.role}={badge.by}" for badge in sorted(record.badges))
    return {name: getattr(record, name) for name in _FIELDS} | {"roles": record.roles, "badges": badges}


def record_of(row: Row[Any]) -> MemberRecord:
    """The member that a row holds."""
    return MemberRecord(
        **{name: getattr(row, name) for name in _FIELDS},
        roles=frozenset(Role(role) for role in row.roles),
        badges=frozenset(map(_badge, row.badges)),
    )


def _badge(kept: str) -> Badge:
    role, _, by = kept.partition("=")
    return Badge(Role(role), by)


def place_values(place: Place) -> dict[str, str]:
    """Column by column."""
    return {name: getattr(place, name) for name in PLACE}


def place_of(row: Row[Any]) -> Place:
    """The place that a row says."""
    return Place(row.platform, row.space, row.channel, row.message, row.thread)
