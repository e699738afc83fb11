"""aiosqlite without its trips to another thread where the trip costs more than the statement.

A small statement takes SQLite some 20 microseconds, a trip to the connection's thread and back ten times that, and
aiosqlite makes four for a statement (cursor, execute, fetch, close). Here a small one is run where it stands, and one
that may wait or read much (a BEGIN behind somebody's lock, a whole table, vectors, many rows at once) takes one trip.
COMMIT, which waits for the disk, always takes the trip. A step that has begun comes to its end, also when its caller is
cancelled: until then the connection is in nobody else's hands, and two threads at once would end the process.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import aiosqlite

MANY_ROWS = 64  # of one executemany; more of them take the trip
_MAY_WAIT = ("BEGIN", "PRAGMA", "VACUUM", "CREATE", "ALTER", "DROP")


def is_small(sql: str) -> bool:
    """Whether a statement is over before anybody notices: it writes a row, or reads by a condition and no vectors."""
    start = sql.lstrip()[:8].upper()
    if start.startswith(_MAY_WAIT):
        return False
    return start.startswith("INSERT") or (" WHERE " in sql.replace("\n", " ") and "FROM embedding" not in sql)


class OneTrip(aiosqlite.Connection):
    """What SQLAlchemy's adapter is given to work on."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # what SQLAlchemy enters and awaits is the same
        """Nothing happens until it executes."""
        return Cursor(self)

    async def run(self, step: partial[Any]) -> Any:
        """One step in the connection's thread."""
        task = asyncio.ensure_future(self._execute(step))  # type: ignore[no-untyped-call]  # aiosqlite has no types there
        try:
            return await asyncio.shield(task)
        finally:
            while not task.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([task])


class Cursor:
    """Holds all rows of its one statement. The attributes are those of PEP 249."""

    def __init__(self, connection: OneTrip) -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1
        self._connection = connection
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        """Run one statement and take all its rows."""
        if is_small(sql):
            self._run("execute", sql, parameters)
        else:
            await self._connection.run(partial(self._run, "execute", sql, parameters))
        return self

    async def executemany(self, sql: str, rows: Iterable[Iterable[Any]]) -> Self:
        """Run one statement for each row."""
        rows = list(rows)
        if len(rows) <= MANY_ROWS and is_small(sql):
            self._run("executemany", sql, rows)
        else:
            await self._connection.run(partial(self._run, "executemany", sql, rows))
        return self

    async def fetchall(self) -> Sequence[Any]:
        """The rows that are there already."""
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """It is closed."""

    def _run(self, method: str, sql: str, parameters: Any) -> None:
        cursor: sqlite3.Cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, method)(sql, parameters)
            self._rows = cursor.fetchall()
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


def connect(path: Path, seconds: float) -> OneTrip:
    """To be awaited. The thread does not keep the process alive."""
    # Used by two threads, but never by both at once: every step is awaited before the next begins.
    opened = partial(sqlite3.connect, path, timeout=seconds, isolation_level=None, check_same_thread=False)
    connection = OneTrip(opened, iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
