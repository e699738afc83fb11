"""Column types that say the same in every database: moments, words, lists of words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """Aware UTC. SQLite keeps it as text of fixed width, so that it sorts; PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a time without a zone: nobody could say when that was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- theirs
        """Aware UTC again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text as people write it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- theirs
        """Text that every database can hold."""
        return None if value is None else storable(value)


class Strings(TypeDecorator[tuple[str, ...]]):
    """Several short texts in one column, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- theirs
        """Sets are sorted, so that equal sets are stored alike."""
        if value is None:
            return None
        return json.dumps(sorted(value) if isinstance(value, (set, frozenset)) else list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002 -- theirs
        """Always a tuple."""
        if value == "[]":
            return ()
        return None if value is None else tuple(json.loads(value))


def storable(text: str) -> str:
    """The text as every database can hold it: half surrogate pairs, which no encoding has, become `?`, and NUL, which
    PostgreSQL refuses, a space."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", " ") if "\x00" in text else text
