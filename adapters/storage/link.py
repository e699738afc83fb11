"""One open connection to SQLite and its transactions, begun and ended by ourselves.

SQLAlchemy's statements and prepared ones run on it side by side. A connection stays open from its first use to the
end of the program: taking one from a pool, and greenlets around BEGIN and COMMIT, cost more than they do.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.storage.drivers import DRIVER, SqliteDriver
from adapters.storage.one_trip import OneTrip


class Link:
    """Used by one task at a time. Raises what SQLAlchemy raises."""

    def __init__(self, connection: AsyncConnection, trips: OneTrip, begin: str, busy_seconds: float) -> None:
        self.connection = connection
        self._trips = trips
        self._driver: sqlite3.Connection = trips._conn
        self._begin = begin
        self._busy_seconds = busy_seconds

    @classmethod
    async def open(cls, engine: AsyncEngine, path: Path, begin: str, busy_seconds: float) -> Self:
        """A connection of the engine, kept. `begin` is the statement its transactions begin with."""
        connection = await engine.connect()
        pooled = await connection.get_raw_connection()
        trips = pooled.driver_connection
        if not isinstance(trips, OneTrip):
            raise TypeError(f"{path} was opened by another driver")
        pooled.info[DRIVER] = SqliteDriver(trips._conn)
        return cls(connection, trips, begin, busy_seconds)

    async def begin(self) -> None:
        """At once where nobody is writing; else in the connection's thread, which may wait."""
        try:
            self._driver.execute("PRAGMA busy_timeout=0")
            try:
                self._driver.execute(self._begin)
            finally:
                self._driver.execute(f"PRAGMA busy_timeout={round(self._busy_seconds * 1000)}")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise _wrapped(error) from error
            await self._trip(self._begin)

    async def commit(self) -> None:
        """Waits for the disk, in the connection's thread. Is done, or has failed, also when the caller is cancelled."""
        await self._trip("COMMIT")

    def rollback(self) -> None:
        """End a look, or undo. Does nothing when the transaction has ended already, as after a full disk."""
        if not self.usable or not self._driver.in_transaction:
            return
        try:
            self._driver.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise _wrapped(error) from error

    @property
    def usable(self) -> bool:
        """False when a statement of SQLAlchemy's was cancelled on it: it has closed the connection then."""
        return not self.connection.invalidated

    def let_go(self) -> None:
        """Make room for another connection in place of one that is not usable."""
        if self.connection.sync_connection is not None:
            self.connection.sync_connection.close()

    async def close(self) -> None:
        """Give the connection back to its engine."""
        await self.connection.close()

    async def _trip(self, statement: str) -> None:
        try:
            await self._trips.run(partial(self._driver.execute, statement))
        except sqlite3.Error as error:
            raise _wrapped(error) from error


def _wrapped(error: sqlite3.Error) -> Exception:
    return DBAPIError.instance(None, None, error, sqlite3.Error, hide_parameters=True)
