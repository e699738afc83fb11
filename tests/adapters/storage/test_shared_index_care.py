"""The index on PostgreSQL looked after: erased words leave it, what nobody uses goes, what is used stays, and what it
lacks is said."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from adapters.storage.database import Database
from adapters.storage.errors import Away, NotToBeHad, StorageError
from adapters.storage.shared_index.index import PostgresIndex
from knowledge.glossary_file import packaged
from knowledge.ways_in import ways_in
from tests.contracts.index.shelves import POUCH, SCHOOL, TOY, TRAVEL, find, put, shared
from tests.fakes.postgres_server import Databases
from tests.knowledge.toy import DIMENSION

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname <> ''"


def test_erased_words_leave_the_tables_and_their_files(postgres: Databases) -> None:
    """Of an index that nobody has told of it, too."""

    async def scrubbed() -> None:
        database = await Database.open(postgres.server.url(postgres.shared))
        await database.scrub()
        await database.close()

    def files_with(word: bytes) -> list[Path]:
        postgres.server.sql("CHECKPOINT")
        tables = postgres.server.folder / "data" / "base"
        return [file for file in tables.rglob("*") if file.is_file() and word in file.read_bytes()]

    with shared(postgres) as (one,):
        put(one, SCHOOL, replace(POUCH, asked_as=("why does canaryzarq vomit",)), replace(TRAVEL, text="canaryzorq"))
        one.index.settle()
        assert files_with(b"canaryzarq")
        put(one, replace(POUCH, version=2))
        stems = f"SELECT stem FROM {one.index._names.schema}.stem WHERE uses <= 0 OR stem = 'canaryzarq'"
        assert one.say_rows(stems) == []
        one.say("UPDATE resource SET version = 2, state = 'retired', payload = '' WHERE id = 'travel'")
        asyncio.run(scrubbed())
        assert files_with(b"canaryz") == []
        assert (find(one, "leaking pouch").ids, one.index.behind()) == (("pouch", "school"), ([], []))


def test_old_rows_are_cleared_away_after_something_was_taken_out(postgres: Databases) -> None:
    def cleared() -> int:
        times = "SELECT sum(vacuum_count)::int FROM pg_stat_user_tables WHERE schemaname = $1"
        return int(one.say_rows(times, one.index._names.schema)[0][0])

    with shared(postgres) as (one,):
        put(one, SCHOOL, POUCH)
        one.index.tend()
        assert cleared() == 0
        put(one, SCHOOL)
        one.index.tend()
        one.index.tend()
        assert cleared() == 2  # words stand in two tables
        one.remove("pouch")
        one.index.tend()
        assert cleared() == 4

        async def erased() -> None:
            database = await Database.open(postgres.server.url(postgres.shared))
            async with database.begin() as tx:
                await tx.members.forget("web:home:nobody", NOW)
            await database.close()

        asyncio.run(erased())
        assert cleared() == 6


def test_an_index_that_no_process_uses_is_dropped(postgres: Databases) -> None:
    def schemas() -> list[str]:
        return one.say_rows("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'winwin_index_')")

    with shared(postgres) as (one,):
        with shared(postgres) as (other,):
            one.index.settle()
            assert len(schemas()) == 2  # the other one is in use
            put(other, SCHOOL)
        one.index.settle()
        assert [row[0] for row in schemas()] == [one.index._names.schema]


def test_a_cut_connection_is_followed_by_another(postgres: Databases) -> None:
    with shared(postgres) as (one,):
        put(one, SCHOOL, POUCH)
        postgres.server.sql(CUT)
        assert find(one, "leaking pouch").ids[0] == "pouch"


def test_an_index_stays_in_use_after_its_connections_were_cut(postgres: Databases) -> None:
    with shared(postgres) as (one,):
        put(one, SCHOOL, POUCH)
        postgres.server.sql(CUT)
        assert one.index.tend() is False
        with shared(postgres) as (other,):
            other.index.settle()
        assert len(one.say_rows(f"SELECT 1 FROM {one.index._names.schema}.shelf")) == 2


def test_an_index_that_was_dropped_while_it_was_used_is_made_again(postgres: Databases) -> None:
    """Whoever has it open learns of it, also who did not make it."""
    with shared(postgres, processes=2) as (one, other):
        put(one, SCHOOL, POUCH)
        one.say(f"DROP SCHEMA {one.index._names.schema} CASCADE")
        with pytest.raises(Away, match="made again"):
            find(one, "leaking pouch")
        assert (one.index.tend(), other.index.tend()) == (True, True)
        assert (one.index.tend(), other.index.tend()) == (False, False)
        assert one.index.behind() == (["pouch", "school"], [])
        put(one, POUCH)
        assert find(other, "leaking pouch").ids == ("pouch",)


async def test_three_that_start_at_once_make_the_extension_and_the_tables_once(postgres: Databases) -> None:
    for _ in range(3):  # by chance it went well
        address = make_url(await postgres.fresh())
        opening = [PostgresIndex.open(address, "tests", 5.0, "toy", 8, packaged()) for _ in range(3)]
        for opened in await asyncio.gather(*opening):
            await asyncio.to_thread(opened.close)


async def test_pgvector_may_be_in_any_schema_that_the_user_may_use(postgres: Databases) -> None:
    url = await postgres.fresh()
    database = str(make_url(url).database)
    postgres.server.sql(
        "CREATE SCHEMA apart; CREATE EXTENSION vector SCHEMA apart; CREATE ROLE stranger LOGIN; "
        f"GRANT CREATE ON DATABASE {database} TO stranger",
        database,
    )
    index = await PostgresIndex.open(make_url(url), "tests", 5.0, "toy", DIMENSION, packaged())
    try:
        vectors = TOY.embed(list(ways_in(POUCH).texts()))
        await asyncio.to_thread(index.put_all, [POUCH], vectors)
        await asyncio.to_thread(index.settle)
        assert (await asyncio.to_thread(index.find, "leaking pouch", vectors[0], 3)).size == 1
    finally:
        await asyncio.to_thread(index.close)
    stranger = make_url(url.replace("winwin@", "stranger@"))
    with pytest.raises(NotToBeHad, match="GRANT USAGE"):
        await PostgresIndex.open(stranger, "tests", 5.0, "toy 2", 8, packaged())


def test_what_is_missing_is_said_in_words(postgres: Databases) -> None:
    async def opened(dimension: int) -> None:
        (await PostgresIndex.open(make_url(address), "tests", 5.0, "toy", dimension, packaged())).close()

    address = asyncio.run(postgres.fresh())
    with pytest.raises(NotToBeHad, match="4,000 numbers at most"):
        asyncio.run(opened(5_000))
    postgres.server.sql("CREATE ROLE guest LOGIN")
    address = address.replace("winwin@", "guest@")
    with pytest.raises(NotToBeHad, match="CREATE EXTENSION vector"):
        asyncio.run(opened(8))
    address = address.replace("winwin_", "nowhere_")
    with pytest.raises(StorageError, match="There is no database"):
        asyncio.run(opened(8))
