"""One open connection to PostgreSQL and its transactions, begun and ended by ourselves (as in link.py for SQLite)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

import asyncpg
from sqlalchemy import pool
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.storage.drivers import DRIVER, AsyncpgDriver, wrapped

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 10.0  # a process that stops in the middle of a transaction loses it after that, and others go on


class PostgresLink:
    """Used by one task at a time. Raises what SQLAlchemy raises."""

    def __init__(self, connection: AsyncConnection, driver: asyncpg.Connection[Any]) -> None:
        self.connection = connection
        self.driver = driver

    @classmethod
    async def open(cls, engine: AsyncEngine) -> Self:
        """A connection of the engine, kept."""
        try:
            connection = await engine.connect()
        except (OSError, TimeoutError) as error:
            raise wrapped(error) from error
        pooled = await connection.get_raw_connection()
        driver = pooled.driver_connection
        if not isinstance(driver, asyncpg.Connection):
            raise TypeError("the database was opened by another driver")
        pooled.info[DRIVER] = AsyncpgDriver(driver)
        return cls(connection, driver)

    async def say(self, sql: str) -> None:
        """Statements without parameters. Comes to its end also when the caller is cancelled."""
        try:
            await to_its_end(self.driver.execute(sql))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise wrapped(error) from error

    async def rollback(self) -> None:
        """End a look, or undo. Does nothing when the transaction has ended already."""
        if self.usable and self.driver.is_in_transaction():
            try:
                await self.say("ROLLBACK")
            except Exception:  # the connection is broken: the server undoes it by itself
                self.driver.terminate()

    @property
    def usable(self) -> bool:
        return not self.connection.invalidated and not self.driver.is_closed()

    async def close(self) -> None:
        """Also of one that is broken."""
        if not self.usable:
            self.driver.terminate()
        with suppress(Exception):
            await self.connection.close()


async def to_its_end(step: Coroutine[Any, Any, Any]) -> Any:
    """Wait for a step that has begun; when we are cancelled meanwhile, we end after it has ended."""
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    finally:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])


def make_engine(address: URL, seconds: float, isolation: str | None = "AUTOCOMMIT") -> AsyncEngine:
    """Connections are kept by whoever uses them, so there is no pool. Errors never show what was being stored."""
    settings = {
        "application_name": "winwin",
        "jit": "off",  # costs more than it gives on statements as small as ours
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": f"{round(IDLE_SECONDS * 1000)}",
        "lock_timeout": f"{round(seconds * 1000)}",
    }
    engine = create_async_engine(
        address,
        poolclass=pool.NullPool,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_SECONDS, "server_settings": settings},
        **({"isolation_level": isolation} if isolation else {}),
    )
    dialect: Any = engine.dialect  # there is no JSON column: asking the server about JSON costs each connection 10 ms
    dialect.setup_asyncpg_json_codec = dialect.setup_asyncpg_jsonb_codec = _nothing
    return engine


async def _nothing(_connection: Any) -> None:
    """In place of a step that is not needed."""
