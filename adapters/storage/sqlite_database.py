"""`SqliteDatabase`: a file. One process, one writer at a time; readers never wait for it.

Through aiosqlite. A write transaction begins with BEGIN IMMEDIATE behind an asyncio lock, so it never finds
out half-way that somebody else is writing; reads have connections of their own that can't write.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Literal, Self

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.storage import errors, migrations, sqlite_file
from adapters.storage.database import Database
from adapters.storage.errors import StorageError, in_words
from adapters.storage.link import Link
from adapters.storage.one_trip import connect
from adapters.storage.transaction import SqlTransaction

READERS = 4


class SqliteDatabase(Database):
    """See Database."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        super().__init__(str(path), busy_seconds)
        self.path = path
        self._writer = _engine(path, busy_seconds, size=1)
        self._reader = _engine(path, busy_seconds, "PRAGMA query_only=ON", size=READERS)
        self._writing = asyncio.Lock()
        self._write_link: Link | None = None
        self._others: AsyncEngine | None = None
        self._reading = asyncio.Semaphore(READERS)
        self._read_links: list[Link] = []  # those that nobody is using

    @classmethod
    async def open_at(cls, address: URL, busy_seconds: float) -> Self:
        """See Database.open."""
        path = Path(address.database or "").absolute()  # noqa: ASYNC240 -- looks at no file
        found = await asyncio.to_thread(sqlite_file.look, path, busy_seconds)
        known = migrations.known()
        if found is not None and found not in known:
            raise StorageError(errors.NEWER.format(place=path, found=found, head=known[-1]))
        database = cls(path, busy_seconds)
        if found != known[-1]:
            await database._migrate()
        return database

    async def close(self) -> None:
        """Let go of every connection."""
        async with self._writing:
            await self._wipe()
            for link in (*self._read_links, *([self._write_link] if self._write_link else [])):
                await link.close()
            self._read_links, self._write_link = [], None
            await self._reader.dispose()
            await self._writer.dispose()
            if self._others is not None:
                await self._others.dispose()

    @property
    def engine(self) -> AsyncEngine:
        """A connection with transactions of SQLAlchemy's own, for stores that are not ours: who writes here waits for
        us, and we for them."""
        if self._others is None:
            self._others = _engine(self.path, self._busy_seconds, size=1, isolation_level=None)

            @event.listens_for(self._others.sync_engine, "begin")
            def start(connection: Connection) -> None:
                connection.exec_driver_sql("BEGIN IMMEDIATE")

        return self._others

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """See Store."""
        async with self._writing:
            try:
                if self._write_link is None:
                    self._write_link = await self._link(self._writer, "BEGIN IMMEDIATE")
                link = self._write_link
                try:
                    await link.begin()
                    yield self._transaction(link.connection)
                    await link.commit()
                finally:
                    link.rollback()
                    if not link.usable:
                        link.let_go()
                        self._write_link = None
            except DBAPIError as error:
                raise in_words(error, str(self.path), self._busy_seconds) from error
            await self._wipe()

    def post(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """See Store."""
        return self.begin()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTransaction]:
        """See Store."""
        async with self._reading:
            try:
                link = self._read_links.pop() if self._read_links else await self._link(self._reader, "BEGIN")
                try:
                    await link.begin()
                    yield self._transaction(link.connection)
                finally:
                    if link.usable:
                        self._read_links.append(link)
                        link.rollback()
                    else:
                        link.let_go()
            except DBAPIError as error:
                if "readonly database" in str(error.orig):
                    raise StorageError(errors.READING.format(place=self.path)) from error
                raise in_words(error, str(self.path), self._busy_seconds) from error

    async def _link(self, engine: AsyncEngine, begin: str) -> Link:
        return await Link.open(engine, self.path, begin, self._busy_seconds)

    async def revision(self) -> str:
        """The version of the database."""
        async with self.read() as tx:
            return str(await tx.connection.scalar(text("SELECT version_num FROM alembic_version")))

    async def backup(self, target: Path) -> None:
        """A copy of the database as it is now, while the bot goes on. Refuses to overwrite."""
        await asyncio.to_thread(sqlite_file.backup, self.path, target, self._busy_seconds)

    async def scrub(self) -> None:
        """Write the file anew, so that nothing erased is left in it. Takes a moment: 100 MB about a second."""
        async with self._writing:
            await asyncio.to_thread(sqlite_file.scrub, self.path, self._busy_seconds)
            self._erased = False

    async def faults(self) -> list[str]:
        """What is wrong with the file; empty when it is whole. Reads all of it."""
        return await asyncio.to_thread(sqlite_file.faults, self.path, self._busy_seconds)

    async def _migrate(self) -> None:
        """All or nothing; a second process waits, and then finds nothing to do."""
        try:
            async with self._writer.connect() as connection:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    await connection.run_sync(migrations.upgrade)
                except BaseException:
                    await connection.exec_driver_sql("ROLLBACK")
                    raise
                await connection.exec_driver_sql("COMMIT")
        except DBAPIError as error:
            raise in_words(error, str(self.path), self._busy_seconds) from error

    async def _wipe(self) -> None:
        """After words were erased: the write-ahead log still holds them. Tried again while somebody reads."""
        if self._erased:
            self._erased = not await asyncio.to_thread(sqlite_file.wipe, self.path)


def _engine(
    path: Path,
    busy_seconds: float,
    *pragmas: str,
    size: int,
    isolation_level: Literal["AUTOCOMMIT"] | None = "AUTOCOMMIT",
) -> AsyncEngine:
    """Connections whose transactions Link begins and ends: for SQLAlchemy they are AUTOCOMMIT. Errors never show what
    was being stored."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,  # begin() and read() always end what they began
        hide_parameters=True,
        connect_args={"async_creator_fn": lambda *_, **__: connect(path, busy_seconds)},
        **({"isolation_level": isolation_level} if isolation_level else {}),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (*sqlite_file.PRAGMAS, *pragmas):
            cursor.execute(pragma)
        cursor.close()

    return engine
