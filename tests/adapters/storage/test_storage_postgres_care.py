"""PostgreSQL looked after: tables are made once, what cannot be used is said, forgotten words and backups."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.storage import migrations, postgres_backup
from adapters.storage.database import Database
from adapters.storage.errors import StorageError
from adapters.storage.postgres_database import look
from bot.events import Member
from tests.fakes.postgres_server import Databases

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
ANA = Member("web", "home", "ana")


async def test_three_that_start_at_once_make_the_tables_once(postgres: Databases) -> None:
    postgres.server.sql("DROP DATABASE IF EXISTS anew")
    postgres.server.sql("CREATE DATABASE anew")
    opened = await asyncio.gather(*(Database.open(postgres.server.url("anew")) for _ in range(3)))
    assert [await database.revision() for database in opened] == [migrations.known()[-1]] * 3
    async with opened[0].engine.connect() as connection:

        def differences(plain: sa.Connection) -> list[object]:
            context = MigrationContext.configure(plain, opts={"compare_type": True})
            return compare_metadata(context, migrations.all_tables())

        assert await connection.run_sync(differences) == []
    for database in opened:
        await database.close()


async def test_what_cannot_be_used_is_said_in_one_line(postgres: Databases) -> None:
    async def refusal(url: str) -> str:
        with pytest.raises(StorageError) as refused:
            await (await Database.open(url)).close()
        return str(refused.value)

    assert "There is no database" in await refusal(postgres.server.url("nowhere"))
    gone = f"postgresql://winwin:hidden@/winwin?host={postgres.server.folder}/none"
    said = await refusal(gone)
    assert "does not answer" in said
    assert "hidden" not in said
    postgres.server.sql("DROP DATABASE IF EXISTS foreign_one")
    postgres.server.sql("CREATE DATABASE foreign_one")
    assert await look(postgres.server.url("foreign_one")) == (None, "16.14")
    postgres.server.sql("CREATE TABLE something (x int)", "foreign_one")
    assert "another program" in await refusal(postgres.server.url("foreign_one"))
    postgres.server.sql("CREATE TABLE alembic_version (version_num text)", "foreign_one")
    postgres.server.sql("INSERT INTO alembic_version VALUES ('9999')", "foreign_one")
    assert "newer winwin" in await refusal(postgres.server.url("foreign_one"))


async def test_forgotten_words_are_out_of_the_tables_files(postgres: Databases) -> None:
    url = await postgres.emptied()
    database = await Database.open(url)
    async with database.begin() as tx:
        await tx.members.seen([(ANA, "Canary-5c1d")], NOW)
    async with database.begin() as tx:
        await tx.members.forget(ANA.key, NOW)
    await database.scrub()
    await database.close()
    postgres.server.sql("CHECKPOINT")
    tables = postgres.server.folder / "data" / "base"
    assert [f for f in tables.rglob("*") if f.is_file() and b"Canary-5c1d" in f.read_bytes()] == []


async def test_a_backup_can_be_put_back(postgres: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await postgres.emptied()
    database = await Database.open(url)
    async with database.begin() as tx:
        await tx.members.seen([(ANA, "Ana")], NOW)
    await database.close()
    target = tmp_path / "copy.dump"
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StorageError, match="pg_dump is not installed here"):
        postgres_backup.backup(url, target)
    monkeypatch.setenv("PATH", str(postgres.server.programs))
    postgres_backup.backup(url, target)
    with pytest.raises(StorageError, match="exists already"):
        postgres_backup.backup(url, target)
    postgres.server.sql("DROP DATABASE IF EXISTS back")
    postgres.server.sql("CREATE DATABASE back")
    copy = postgres.server.folder / "copy.dump"
    copy.write_bytes(target.read_bytes())
    postgres.server.command("pg_restore", "-h", str(copy.parent), "-U", "winwin", "-d", "back", str(copy))
    again = await Database.open(postgres.server.url("back"))
    async with again.read() as tx:
        assert [m.name for m in await tx.members.all()] == ["Ana"]
    await again.close()
