"""A process shows that it is there, and hears what the others have changed: one connection, kept while it is at work.

It holds an advisory lock with the number of the process, which ends with the connection, however the process ends: so
the others see at once whose leases are nobody's any more (`dialect.gone`). A line (the connection to a platform) is a
lock of the same kind. On the same connection PostgreSQL tells what others have committed (LISTEN).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.storage.dialect import PROCESSES, key_of
from adapters.storage.postgres_link import PostgresLink

CHANNEL = "winwin"
EVERYTHING = ("library", "chat", "outbox")  # may have changed while nobody told us
AGAIN = 1.0  # seconds between two tries to be there again

_log = structlog.get_logger("winwin.presence")


class Presence:
    """The process `holder`. `news` is called with a word for what somebody has changed."""

    def __init__(self, engine: AsyncEngine, holder: int, news: Callable[[str], None]) -> None:
        self._engine = engine
        self._holder = holder
        self._news = news
        self._link: PostgresLink | None = None
        self._lines: set[str] = set()
        self._lost = asyncio.Event()
        self._staying: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Be there. Raises what SQLAlchemy raises."""
        await self._connect()
        self._staying = asyncio.create_task(self._stay(), name="winwin-presence")

    async def close(self) -> None:
        if self._staying is not None:
            self._staying.cancel()
            await asyncio.gather(self._staying, return_exceptions=True)
        if self._link is not None:
            await self._link.close()
            self._link = None

    async def take(self, name: str) -> bool:
        """Hold the line `name`, if nobody else does."""
        link = self._link
        if link is None or not link.usable:
            return False
        if name not in self._lines:
            with suppress(Exception):
                if await link.driver.fetchval("SELECT pg_try_advisory_lock($1)", key_of(f"winwin: line {name}")):
                    self._lines.add(name)
        return name in self._lines and link.usable

    async def _connect(self) -> None:
        link = await PostgresLink.open(self._engine)
        try:
            await link.say(f"SELECT pg_advisory_lock({PROCESSES}, {self._holder})")
            await link.driver.add_listener(CHANNEL, self._heard)
        except BaseException:
            await link.close()
            raise
        link.driver.add_termination_listener(self._gone)
        self._link = link

    async def _stay(self) -> None:
        """When the connection is cut, be there again as soon as that is possible."""
        while True:
            await self._lost.wait()
            self._lost.clear()
            self._lines.clear()
            if self._link is not None:
                await self._link.close()
            while True:
                try:
                    await self._connect()
                    break
                except (DBAPIError, OSError):
                    await asyncio.sleep(AGAIN)
            _log.info("presence_again")
            for word in EVERYTHING:
                self._news(word)

    def _heard(self, _connection: Any, _pid: int, _channel: str, word: Any) -> None:
        self._news(str(word))

    def _gone(self, connection: Any) -> None:
        if self._link is not None and connection is self._link.driver:
            self._lost.set()
