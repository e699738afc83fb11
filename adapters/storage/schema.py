"""How tables are written down: the one `metadata`, and columns of the kinds there are.

Rules that the files of tables keep:
- A row that waits (inbox, outbox) has a `due_at`, the next moment at which somebody may take it; a lease moves that
  moment on, and a row that is done has none. So one partial index finds the work, however much is done already.
- SQLite takes a partial index only where the query says its condition literally: with text(), not with a parameter.
- Columns that the core's values hold are called as there; each file of tables adds its own to `metadata`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Text, text

from adapters.storage.columns import Moment, Strings, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

PLACE = ("platform", "space", "channel", "message", "thread")  # the columns a bot.events.Place is kept in

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column


def number() -> Column[int]:
    """A row's number, given by the database."""
    return Column("id", _NUMBER, primary_key=True, autoincrement=True)


def key(name: str = "key") -> Column[str]:
    """A primary key, or a part of one."""
    return Column(name, Text, primary_key=True)


def word(name: str, **options: Any) -> Column[str]:
    """A short text that is not a member's: an id, a state, the name of a kind."""
    return Column(name, Text, nullable=False, **options)


def words(name: str) -> Column[str]:
    """Text as people write it."""
    return Column(name, Words, nullable=False)


def strings(name: str) -> Column[tuple[str, ...]]:
    """Several short texts."""
    return Column(name, Strings, nullable=False)


def at(name: str, *, optional: bool = False) -> Column[Any]:
    """A moment."""
    return Column(name, Moment, nullable=optional)


def flag(name: str) -> Column[bool]:
    """True or false."""
    return Column(name, Boolean, nullable=False)


def whose(name: str) -> Column[int]:
    """The number of the process that has a row in hand; 0 when none has."""
    return Column(name, Integer, nullable=False)


def count(name: str) -> Column[int]:
    """A whole number."""
    return Column(name, Integer, nullable=False)


def only_where(condition: str) -> dict[str, Any]:
    """A partial index in both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def place() -> list[Column[str]]:
    """Where a message stands: a bot.events.Place."""
    return [word(name) for name in PLACE]
