"""A thread with an event loop and connections of its own: an index is asked from threads, and waits there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from adapters.storage.drivers import wrapped
from adapters.storage.errors import Away, in_words
from adapters.storage.postgres_link import PostgresLink, make_engine

ROOM = 4  # questions and edits under way at once in this process
# Plans are made for the values given: how many rows share a word differs from word to word by a factor of thousands.
PLANS = "SET plan_cache_mode = force_custom_plan"
# A scan goes on beyond its view until there are as many as were asked for.
SCANS = "SET hnsw.ef_search = {reach}; SET hnsw.iterative_scan = relaxed_order"

# pgvector may be in a schema of its own; ours comes first all the same.
PATH = "SELECT set_config('search_path', concat_ws(', ', current_setting('search_path'), quote_ident($1)), false)"

DROPPED = ("42P01", "3F000")  # a table or its schema is not there
GONE = "The index of the library is no longer in the database {place}: it is made again."

# The driver's own complaints: of a connection that was cut while nobody used it, too.
DRIVER = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
FAILED = (asyncpg.PostgresError, DBAPIError, *DRIVER)

T = TypeVar("T")
Step = Callable[["asyncpg.Connection[Any]"], Awaitable[T]]


class Aside:
    """Raises StorageError. `reach`: how many vectors a scan of the graph keeps in view. Each of its connections holds
    the lock `there`: as long as one of them stands, the index is used."""

    def __init__(self, address: URL, place: str, seconds: float, reach: int, there: int) -> None:
        self._place = place
        self._seconds = seconds
        self._settings = f"{PLANS}; {SCANS.format(reach=reach)}"
        self._there = there
        self._engine = make_engine(address, seconds)
        self._idle: list[PostgresLink] = []
        self._room = asyncio.Semaphore(ROOM)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="winwin-index", daemon=True)
        self._thread.start()

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start it there; returns at once."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    @property
    def here(self) -> bool:
        """Whether it is its own thread that asks."""
        return threading.current_thread() is self._thread

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Until it is done. From its own thread it would wait for itself, and that is refused."""
        if self.here:
            work.close()
            raise RuntimeError("the index's own thread must not wait for itself")
        return self.begin(work).result()

    async def do(self, step: Step[T]) -> T:
        """One step on a connection; a connection that was cut while nobody used it is followed by another."""
        async with self._room:
            for stale in (True, False):
                kept = bool(self._idle) and stale
                try:
                    async with self._link(kept) as link:
                        return await step(link.driver)
                except FAILED as error:
                    if _code(error) in DROPPED:
                        raise Away(GONE.format(place=self._place)) from error
                    if not (kept and _cut(error)):
                        raise in_words(error, self._place, self._seconds) from error
        raise AssertionError("the second time a new connection is used")

    @asynccontextmanager
    async def _link(self, kept: bool) -> AsyncIterator[PostgresLink]:
        link = self._idle.pop() if kept else await self.connect()
        try:
            yield link
        except DRIVER:
            link.driver.terminate()
            raise
        finally:
            await link.rollback()
            if link.usable:
                self._idle.append(link)
            else:
                await link.close()

    async def connect(self) -> PostgresLink:
        """A connection that the caller closes."""
        link = await PostgresLink.open(self._engine)
        driver = link.driver
        try:
            await driver.execute(f"SELECT pg_advisory_lock_shared({self._there})")
            where = await driver.fetchval(
                "SELECT nspname FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace WHERE typname = 'halfvec'"
            )
            if where is not None:
                await _speak_vectors(driver, where)
                await driver.execute(self._settings)
                await driver.execute(PATH, where)
        except BaseException as error:
            await link.close()
            if isinstance(error, asyncpg.PostgresError):
                raise wrapped(error) from error
            raise
        return link

    def close(self) -> None:
        self.wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:  # questions that nobody waits for any more
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        while self._idle:
            await self._idle.pop().close()
        await self._engine.dispose()


def _cut(error: Exception) -> bool:
    original = getattr(error, "orig", None) or error
    return isinstance(original, (asyncpg.PostgresConnectionError, *DRIVER)) or _code(error).startswith("57P")


def _code(error: Exception) -> str:
    return str(getattr(getattr(error, "orig", None) or error, "sqlstate", ""))


async def _speak_vectors(driver: asyncpg.Connection[Any], where: str) -> None:
    """Vectors and words go to and fro in the server's own form."""
    await driver.set_type_codec("halfvec", schema=where, encoder=packed, decoder=unpacked, format="binary")
    await driver.set_type_codec("tsvector", schema="pg_catalog", encoder=words, decoder=bytes, format="binary")


def packed(vector: NDArray[np.float32]) -> bytes:
    """How many numbers, then each of them in two bytes, the larger first."""
    return len(vector).to_bytes(2, "big") + b"\0\0" + vector.astype(">f2").tobytes()


def unpacked(sent: bytes) -> bytes:
    """The numbers alone: whoever wants many reads them in one go."""
    return bytes(sent[4:])


def words(stems: list[str]) -> bytes:
    """How many, then each with no positions."""
    return len(stems).to_bytes(4, "big") + b"".join(stem.encode() + b"\0\0\0" for stem in stems)
