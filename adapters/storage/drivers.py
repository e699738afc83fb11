"""The driver beneath SQLAlchemy, spoken to directly: what prepared statements (prepared.py) run on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    import asyncpg

DRIVER = "winwin_driver"  # where a connection keeps its driver (ConnectionPoolEntry.info)
SQLITE: Dialect = sqlite.dialect(paramstyle="qmark")
POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # theirs

Values = Sequence[Any]


class Driver(Protocol):
    """Raises what SQLAlchemy would, without what was being stored."""

    dialect: Dialect

    async def fetch(self, sql: str, values: Values) -> Sequence[Sequence[Any]]:
        """All rows of one statement."""
        ...

    async def run(self, sql: str, rows: Sequence[Values]) -> int:
        """One statement for each of `rows`; how many rows it changed, where that is known."""
        ...


class SqliteDriver:
    """See Driver. Small statements are run where they stand: see one_trip.py."""

    dialect = SQLITE

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, values: Values) -> Sequence[Sequence[Any]]:
        """See Driver."""
        return _run(self._connection.execute, sql, values).fetchall()

    async def run(self, sql: str, rows: Sequence[Values]) -> int:
        """See Driver."""
        if len(rows) == 1:
            return int(_run(self._connection.execute, sql, rows[0]).rowcount)
        return int(_run(self._connection.executemany, sql, rows).rowcount)


class AsyncpgDriver:
    """See Driver. asyncpg keeps each statement prepared on the server: one trip there and back."""

    dialect = POSTGRESQL

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection

    async def fetch(self, sql: str, values: Values) -> Sequence[Sequence[Any]]:
        """See Driver."""
        try:
            rows: Sequence[Sequence[Any]] = await self._connection.fetch(sql, *values)
        except Exception as error:
            raise wrapped(error) from error
        return rows

    async def run(self, sql: str, rows: Sequence[Values]) -> int:
        """See Driver."""
        try:
            if len(rows) > 1:
                await self._connection.executemany(sql, rows)
                return len(rows)
            said = str(await self._connection.execute(sql, *rows[0]))
        except Exception as error:
            raise wrapped(error) from error
        return int(said.rsplit(" ", 1)[-1])  # "UPDATE 1"


def wrapped(error: Exception) -> Exception:
    """What a driver raised, as SQLAlchemy would say it."""
    return DBAPIError.instance(None, None, error, Exception, hide_parameters=True)


def _run(execute: Callable[..., sqlite3.Cursor], sql: str, parameters: Any) -> sqlite3.Cursor:
    try:
        return execute(sql, parameters)
    except sqlite3.Error as error:
        raise DBAPIError.instance(None, None, error, sqlite3.Error, hide_parameters=True) from error
