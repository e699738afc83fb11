"""`Database`: the store a community runs on, an SQLite file or PostgreSQL, as DATABASE_URL says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from secrets import randbelow
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.storage import errors
from adapters.storage.errors import NotToBeHad, StorageError
from adapters.storage.library_tables import embedding
from adapters.storage.transaction import SqlTransaction
from adapters.storage.wire import Wire
from knowledge.glossary import Glossary

if TYPE_CHECKING:
    from knowledge.search import SharedIndex

BUSY_SECONDS = 5.0  # how long another process may keep us waiting
SQLITE = ("sqlite", "sqlite+aiosqlite")
NOT_HERE = "only PostgreSQL can hold it: see DATABASE_URL"
POSTGRESQL = ("postgresql", "postgres", "postgresql+asyncpg")

News = Callable[[str], None]


class Database(ABC):
    """See bot.ports.Store. Every failure is a StorageError that says what to do."""

    shared = False  # whether several processes may be at work on it at once

    def __init__(self, place: str, busy_seconds: float) -> None:
        self.place = place  # as people are told it
        self.holder = 1 + randbelow(2**31 - 1)  # whose leases are ours
        self.on_news: News = lambda _: None
        self.speaks: Collection[str] | None = None  # the platforms this process delivers to; None: any
        self._busy_seconds = busy_seconds
        self._wire = Wire()
        self._erased = False

    @classmethod
    async def open(cls, url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
        """Create the tables when there are none, bring older ones up to date, refuse what can't be used."""
        address = _address(url)
        if address.drivername in SQLITE:
            from adapters.storage.sqlite_database import SqliteDatabase

            return await SqliteDatabase.open_at(address, busy_seconds)
        from adapters.storage.postgres_database import PostgresDatabase  # its driver is loaded only where it is used

        return await PostgresDatabase.open_at(address, busy_seconds)

    @classmethod
    def as_it_is(cls, url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
        """To look at one, of whatever version: nothing is made and nothing brought up to date."""
        address = _address(url)
        if address.drivername in SQLITE:
            from adapters.storage.sqlite_database import SqliteDatabase

            return SqliteDatabase(Path(address.database or "").absolute(), busy_seconds)
        from adapters.storage.postgres_database import PostgresDatabase

        return PostgresDatabase(address, busy_seconds)

    @abstractmethod
    async def close(self) -> None:
        """Let go of every connection."""

    @property
    @abstractmethod
    def engine(self) -> AsyncEngine:
        """A connection with transactions of SQLAlchemy's own, for stores that are not ours."""

    @abstractmethod
    def begin(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """See Store."""

    @abstractmethod
    def post(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """See Store."""

    @abstractmethod
    def read(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """See Store."""

    @abstractmethod
    async def revision(self) -> str:
        """The version of the database."""

    @abstractmethod
    async def scrub(self) -> None:
        """Write anew what held words, so that nothing erased is left in it."""

    async def join(self) -> None:  # noqa: B027 -- where there is one process, nothing is to be done
        """Be one of the processes at work here, from now to `close`: the others know that our leases are somebody's,
        and `on_news` is told at once what they have changed ("library", "chat", "outbox")."""

    async def take_line(self, name: str) -> bool:
        """Be the process that holds the connection `name`, if no other does. Where there is one process, it does."""
        return bool(name)

    async def passages(self) -> int:
        """How many texts have vectors: titles, texts, their passages, past questions. Counted for the model that has
        most: after a change of models the new one has none yet."""
        async with self.read() as tx:
            most = select(func.count()).select_from(embedding).group_by(embedding.c.model)
            return await tx.connection.scalar(most.order_by(func.count().desc()).limit(1)) or 0

    async def index(self, model: str, dimension: int, glossary: Glossary) -> SharedIndex:  # noqa: ARG002 -- none here
        """An index of the library in the database, for vectors of one model; whoever opens it closes it. Raises
        NotToBeHad, with what is missing."""
        raise NotToBeHad(NOT_HERE)

    async def drop_indexes(self) -> None:  # noqa: B027 -- none here
        """Those in the database that no process uses: what is searched in memory leaves no copy behind."""

    async def lacks_index(self) -> str:
        """Why `index` would not be to be had, and what to do; empty when it would. Makes and changes nothing."""
        return NOT_HERE

    def _note_erased(self) -> None:
        self._erased = True

    def _transaction(self, connection: AsyncConnection) -> SqlTransaction:
        return SqlTransaction(connection, self._wire, self._note_erased, self.holder, self.speaks)


def _address(url: str) -> URL:
    """What DATABASE_URL names."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        kind = url.partition("://")[0]  # what comes after it may hold a password
        raise StorageError(errors.BAD_URL.format(url=f"{kind}://…")) from None
    if parsed.drivername in POSTGRESQL and parsed.database:
        return parsed
    if parsed.drivername not in SQLITE or parsed.host:
        raise StorageError(errors.BAD_URL.format(url=parsed.render_as_string(hide_password=True)))
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise StorageError(errors.IN_MEMORY.format(url=url))
    return parsed
