"""Where SQLite and PostgreSQL are not written alike. (SQLite passes over FOR UPDATE by itself.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = sqlite.Insert | postgresql.Insert

CHUNK = 500  # values in one IN list: SQLite takes 32,766 parameters in one statement


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def upsert(connection: AsyncConnection, table: Table) -> Insert:
    """Insert, or replace every column of the row with the same primary key."""
    statement = insert(connection, table)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


def chunks(values: Sequence[Any]) -> list[Sequence[Any]]:
    """The values in lists short enough for one statement."""
    return [values[i : i + CHUNK] for i in range(0, len(values), CHUNK)]
