"""`PostgresDatabase`: a server, with as many processes at work on it as you like.

- A transaction that decides (`begin`) waits for its turn: one at a time, in all processes together, as on SQLite. So
  what was proven for one writer holds for many processes. Models and platforms are waited for outside of it.
- Post (`post`: arrivals, claims, notes on single rows) takes no turn. Claims pass over rows that somebody else has in
  hand (SKIP LOCKED), and wait for nobody.
- Looks (`read`) see one moment and can't write.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.storage import errors, migrations
from adapters.storage.database import BUSY_SECONDS, Database
from adapters.storage.dialect import key_of
from adapters.storage.errors import StorageError, in_words
from adapters.storage.postgres_link import PostgresLink, make_engine
from adapters.storage.presence import Presence
from adapters.storage.transaction import SqlTransaction
from adapters.storage.words import WORDS
from knowledge.glossary import Glossary

if TYPE_CHECKING:
    from knowledge.search import SharedIndex

T = TypeVar("T")

READERS = 4
SORTERS = 2  # transactions on the post under way at once in this process
PATIENCE = 4.0  # times the seconds that somebody waits for SQLite: other processes may stand in line before us

TURN = key_of("winwin: the turn to decide")
MIGRATING = key_of("winwin: migrating")

BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({TURN})"
POST = "BEGIN"
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Lines:
    """Connections for one kind of transaction: as many at once as `room`, kept from one use to the next."""

    def __init__(self, begin: str, room: int) -> None:
        self.begin = begin
        self.room = asyncio.Semaphore(room)
        self.idle: list[PostgresLink] = []


class PostgresDatabase(Database):
    """See Database."""

    shared = True

    def __init__(self, address: URL, busy_seconds: float) -> None:
        address = _normal(address)
        super().__init__(address.render_as_string(hide_password=True), busy_seconds * PATIENCE)
        self.address = address
        self._made = make_engine(address, self._busy_seconds)
        self._writers, self._sorters, self._readers = Lines(BEGIN, 1), Lines(POST, SORTERS), Lines(READ, READERS)
        self._others: AsyncEngine | None = None
        self._presence: Presence | None = None
        self._wiping: asyncio.Task[None] | None = None

    @classmethod
    async def open_at(cls, address: URL, busy_seconds: float) -> Self:
        """See Database.open."""
        database = cls(address, busy_seconds)
        known = migrations.known()
        try:
            found = await database._look()
            if found is not None and found not in known:
                raise StorageError(errors.NEWER.format(place=database.place, found=found, head=known[-1]))
            if found != known[-1]:
                await database._migrate()
        except DBAPIError as error:
            await database.close()
            raise in_words(error, database.place, database._busy_seconds) from error
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """See Database."""
        if self._presence is not None:
            await self._presence.close()
        if self._wiping is not None:
            await asyncio.gather(self._wiping, return_exceptions=True)
        for lines in (self._writers, self._sorters, self._readers):
            while lines.idle:
                await lines.idle.pop().close()
        await self._made.dispose()
        if self._others is not None:
            await self._others.dispose()

    @property
    def engine(self) -> AsyncEngine:
        """See Database."""
        if self._others is None:
            self._others = make_engine(self.address, self._busy_seconds, isolation=None)
        return self._others

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """See Store."""
        async with self._on(self._writers) as tx:
            yield tx
        self._wipe()

    @asynccontextmanager
    async def post(self) -> AsyncIterator[SqlTransaction]:
        """See Store."""
        async with self._on(self._sorters) as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTransaction]:
        """See Store."""
        async with self._on(self._readers) as tx:
            yield tx

    @asynccontextmanager
    async def _on(self, lines: Lines) -> AsyncIterator[SqlTransaction]:
        async with lines.room:
            try:
                link = await self._begun(lines)
                tx = self._transaction(link.connection)
                try:
                    yield tx
                    await link.say("COMMIT" if not tx.news else f"{tx.told()}; COMMIT")
                finally:
                    await link.rollback()
                    if link.usable:
                        lines.idle.append(link)
                    else:
                        await link.close()
            except DBAPIError as error:
                raise in_words(error, self.place, self._busy_seconds) from error

    async def _begun(self, lines: Lines) -> PostgresLink:
        """A connection with its transaction open. One that was cut while nobody used it is followed by another."""
        while lines.idle:
            link = lines.idle.pop()
            try:
                await link.say(lines.begin)
            except BaseException:
                await link.rollback()
                if link.usable:
                    lines.idle.append(link)
                    raise
                await link.close()
            else:
                return link
        link = await PostgresLink.open(self._made)
        try:
            await link.say(lines.begin)
        except BaseException:
            await link.close()
            raise
        return link

    async def revision(self) -> str:
        """See Database."""
        async with self.read() as tx:
            return str(await tx.connection.scalar(text("SELECT version_num FROM alembic_version")))

    async def scrub(self) -> None:
        """See Database. Each table with words is written anew, which keeps others out of it for a moment. An index
        need not have been told yet of what was erased."""
        from adapters.storage.shared_index.clearing import take_out_old

        await self._outside(lambda link: take_out_old(link.driver))
        await self._outside(partial(_vacuumed, "VACUUM (FULL, ANALYZE)"))
        await self._outside(lambda link: link.say("VACUUM (FULL) pg_catalog.pg_statistic"))  # has samples of words
        self._erased = False

    async def join(self) -> None:
        """See Database."""
        self._presence = Presence(self._made, self.holder, lambda word: self.on_news(word))
        try:
            await self._presence.open()
        except DBAPIError as error:
            raise in_words(error, self.place, self._busy_seconds) from error

    async def take_line(self, name: str) -> bool:
        """See Database. Held as long as this process is joined and its connection stands."""
        return self._presence is not None and await self._presence.take(name)

    async def index(self, model: str, dimension: int, glossary: Glossary) -> SharedIndex:
        """See Database."""
        from adapters.storage.shared_index.index import PostgresIndex

        return await PostgresIndex.open(self.address, self.place, self._busy_seconds, model, dimension, glossary)

    async def lacks_index(self) -> str:
        """See Database."""
        from adapters.storage.shared_index.schema import lacking

        return await self._outside(lambda link: lacking(link.driver))

    async def drop_indexes(self) -> None:
        """See Database."""
        from adapters.storage.shared_index.schema import drop_unused

        await self._outside(lambda link: drop_unused(link.driver))

    # --- the tables -----------------------------------------------------------------------------------------

    async def _look(self) -> str | None:
        """The version of the tables that are there; None when there are none."""
        async with self._on(self._readers) as tx:
            return await _found(tx.connection, self.place)

    async def _migrate(self) -> None:
        """All or nothing; a second process waits, and then finds nothing to do."""
        async with self.engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
            if await _found(connection, self.place) != migrations.known()[-1]:
                await connection.run_sync(migrations.upgrade)

    # --- what was erased ------------------------------------------------------------------------------------

    def _wipe(self) -> None:
        """After words were erased: old versions of their rows are still in the tables. They are cleared away beside
        what goes on."""
        if self._erased and (self._wiping is None or self._wiping.done()):
            self._erased = False
            self._wiping = asyncio.create_task(self._vacuum(), name="winwin-vacuum")

    async def _vacuum(self) -> None:
        try:
            await self._outside(partial(_vacuumed, "VACUUM"))
        except StorageError:
            self._erased = True  # tried again after the next step

    async def _outside(self, work: Callable[[PostgresLink], Awaitable[T]]) -> T:
        """What stands in none of our transactions, on a connection of its own."""
        try:
            link = await PostgresLink.open(self._made)
            try:
                return await work(link)
            finally:
                await link.close()
        except (DBAPIError, asyncpg.PostgresError) as error:
            raise in_words(error, self.place, self._busy_seconds) from error


async def look(url: str) -> tuple[str | None, str]:
    """(the version of the tables that are there, or None; what the server says it is). Makes and changes nothing."""
    database = PostgresDatabase(_normal(make_url(url)), BUSY_SECONDS)
    try:
        async with database.read() as tx:
            server = await tx.connection.scalar(text("SHOW server_version"))
            return await _found(tx.connection, database.place), str(server).split(" ")[0]
    finally:
        await database.close()


async def _vacuumed(how: str, link: PostgresLink) -> None:
    """All tables with words, those of indexes too."""
    from adapters.storage.shared_index.clearing import with_words

    for table in [*dict.fromkeys(f'"{table}"' for table, _ in WORDS), *await with_words(link.driver)]:
        await link.say(f"{how} {table}")


async def _found(connection: AsyncConnection, place: str) -> str | None:
    tables = set(await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")))
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StorageError(errors.FOREIGN.format(place=place))
    found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found else None


def _normal(address: URL) -> URL:
    """As asyncpg takes it; `sslmode` is what everybody else calls its `ssl`."""
    query = {("ssl" if name == "sslmode" else name): value for name, value in address.query.items()}
    if (secret := query.pop("password", None)) is not None:
        address = address.set(password=str(secret))  # where it is hidden whenever the address is told
    return address.set(drivername="postgresql+asyncpg", query=query)
