"""The tables of a shared index, in a schema of their own that can be dropped at any time: what is in it is made of the
resources and their vectors again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import asyncpg

from adapters.storage.dialect import key_of
from adapters.storage.errors import NotToBeHad

PREFIX = "winwin_index_"
LAYOUT = 2  # another one, and the index is made anew
OLDEST = (0, 8)  # of pgvector: half precision, and scans that go on until enough was found
PART, FULL, PAST = 0, 1, 2  # kinds of ways in: titles and passages, title with text, past questions
MOST_DIMENSIONS = 4_000  # of a vector in half precision that pgvector indexes

MISSING = (
    "pgvector is not in this database: have a superuser say CREATE EXTENSION vector there (Debian: "
    "postgresql-16-pgvector)"
)
OLD = "pgvector is {found}, and 0.8 or newer is needed: update it, then ALTER EXTENSION vector UPDATE"
CLOSED = "this user may make no schema in this database: make them its owner"
HIDDEN = "pgvector is in a schema that this user may not use: GRANT USAGE ON SCHEMA … TO them, as \\dx in psql names it"
TOO_LONG = "pgvector takes vectors of 4,000 numbers at most, and this model's have {dimension:,}"


@dataclass(frozen=True, slots=True)
class Names:
    """The schema for one model. `key`: the lock of whoever writes to it; `there`: of whoever uses it."""

    schema: str
    dimension: int

    @classmethod
    def of(cls, model: str, dimension: int) -> Names:
        digest = blake2b(f"{LAYOUT} {model} {dimension}".encode(), digest_size=6).hexdigest()
        return cls(f"{PREFIX}{digest}", dimension)

    @property
    def key(self) -> int:
        return key_of(f"winwin: {self.schema} is written")

    @property
    def there(self) -> int:
        return key_of(f"winwin: {self.schema} is used")


def tables(names: Names) -> str:
    """A shelf's row is a resource in numbered slot; its ways in are rows of `way`. `tally` has the numbers of its stems
    and how often each is there (words.py), `draw` a number by chance for samples."""
    s = names.schema
    return f"""
        CREATE SCHEMA IF NOT EXISTS {s};
        CREATE SEQUENCE IF NOT EXISTS {s}.slot AS integer;
        CREATE TABLE IF NOT EXISTS {s}.shelf (
            slot integer PRIMARY KEY, id text NOT NULL UNIQUE, version integer NOT NULL, draw integer NOT NULL,
            length real NOT NULL, tally bytea NOT NULL, words tsvector NOT NULL, topics text[] NOT NULL,
            reviewed boolean NOT NULL);
        CREATE INDEX IF NOT EXISTS shelf_draw ON {s}.shelf (draw);
        CREATE INDEX IF NOT EXISTS shelf_reviewed ON {s}.shelf (slot) WHERE reviewed;
        CREATE TABLE IF NOT EXISTS {s}.way (
            slot integer NOT NULL, kind smallint NOT NULL, vector halfvec({names.dimension}) NOT NULL);
        CREATE INDEX IF NOT EXISTS way_slot ON {s}.way (slot);
        CREATE TABLE IF NOT EXISTS {s}.stem (
            stem text PRIMARY KEY, number integer NOT NULL GENERATED ALWAYS AS IDENTITY, uses integer NOT NULL)
            WITH (fillfactor = 70);
        CREATE TABLE IF NOT EXISTS {s}.state (
            one boolean PRIMARY KEY CHECK (one), resources integer NOT NULL, length double precision NOT NULL,
            edits bigint NOT NULL);
        INSERT INTO {s}.state VALUES (true, 0, 0, 0) ON CONFLICT DO NOTHING;
    """


def quick(names: Names) -> tuple[str, ...]:
    """What makes finding quick, made when much is there: then it is made in a fraction of the time. Titles and passages
    are not searched for by themselves (as in memory): they are compared for those resources that come near anyhow."""
    s = names.schema
    return (
        f"CREATE INDEX IF NOT EXISTS shelf_words ON {s}.shelf USING gin (words) WITH (fastupdate = off)",
        f"CREATE INDEX IF NOT EXISTS way_near ON {s}.way USING hnsw (vector halfvec_ip_ops) WHERE kind > {PART}",
        f"ANALYZE {s}.shelf",
        f"ANALYZE {s}.way",
    )


async def extension(connection: asyncpg.Connection[Any], names: Names) -> None:
    """Raises NotToBeHad where vectors like these cannot be indexed."""
    if names.dimension > MOST_DIMENSIONS:
        raise NotToBeHad(TOO_LONG.format(dimension=names.dimension))
    version = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    if (found := await connection.fetchval(version)) is None:
        with suppress(asyncpg.PostgresError):  # not on this server, not for this user; or another process was faster
            await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        if (found := await connection.fetchval(version)) is None:
            raise NotToBeHad(MISSING)
    if _too_old(found):
        raise NotToBeHad(OLD.format(found=found))


async def lacking(connection: asyncpg.Connection[Any]) -> str:
    """What `extension` would complain of; nothing is made. Empty: nothing."""
    found = await connection.fetchval(
        "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'), (SELECT default_version FROM "
        "pg_available_extensions, pg_roles WHERE name = 'vector' AND rolname = current_user AND rolsuper))"
    )
    if found is None:
        return MISSING
    return OLD.format(found=found) if _too_old(found) else ""


def _too_old(version: str) -> bool:
    return tuple(int(part) for part in version.split(".")[:2]) < OLDEST


async def make(connection: asyncpg.Connection[Any], names: Names) -> int:
    """The tables, where they are not there. Returns a number that is another one when they have been made anew. Raises
    NotToBeHad."""
    if (there := await _made(connection, names)) is not None:  # whoever writes to them need not be waited for
        return there
    async with connection.transaction():
        await connection.execute(f"SELECT pg_advisory_xact_lock({names.key})")
        if (there := await _made(connection, names)) is not None:
            return there
        try:
            await connection.execute(tables(names))
        except asyncpg.InsufficientPrivilegeError:
            raise NotToBeHad(CLOSED) from None
        except asyncpg.UndefinedObjectError:
            raise NotToBeHad(HIDDEN) from None
        made = await _made(connection, names)
        assert made is not None
        return made


async def _made(connection: asyncpg.Connection[Any], names: Names) -> int | None:
    found: int | None = await connection.fetchval("SELECT to_regclass($1)::oid", f"{names.schema}.state")
    return found


async def drop_unused(connection: asyncpg.Connection[Any], names: Names | None = None) -> None:
    """Indexes of other models, or all of them, if no process has them open. Each process holds a lock on the one it
    uses."""
    found = await connection.fetch("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1)", PREFIX)
    for other in (Names(row[0], 0) for row in found if names is None or row[0] != names.schema):
        async with connection.transaction():
            if await connection.fetchval(f"SELECT pg_try_advisory_xact_lock({other.there})"):
                await connection.execute(f'DROP SCHEMA IF EXISTS "{other.schema}" CASCADE')
