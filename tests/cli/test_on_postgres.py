"""The commands that look after a database, on PostgreSQL."""

import asyncio
import json

import pytest

from adapters.storage.database import Database
from bot.community import Audit
from bot.events import Member
from tests.fakes.command_line import one_line
from tests.fakes.postgres_server import Databases
from tests.fakes.values import NOON

ANA = Member("web", "home", "ana")


@pytest.fixture
def on_postgres(winwin, monkeypatch, postgres: Databases, resources):
    """The command line on an empty PostgreSQL that has its tables."""
    url = asyncio.run(postgres.emptied())
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PATH", str(postgres.server.programs))
    return winwin


async def _ana(url: str) -> list[str]:
    """ANA is there; returns the names that are."""
    database = await Database.open(url)
    async with database.begin() as tx:
        await tx.members.seen([(ANA, "Ana Marie")], NOON)
        await tx.audit.append([Audit(NOON, "ana", "x", "y")])
    async with database.read() as tx:
        names = [m.name for m in await tx.members.all()]
    await database.close()
    return names


def test_import_doctor_backup_export_and_forget(on_postgres, postgres: Databases, resources, tmp_path):
    assert on_postgres("migrate").stdout.endswith("is at version 0019.\n")
    assert on_postgres("import", resources).exit_code == 0
    assert asyncio.run(_ana(postgres.server.url(postgres.shared))) == ["Ana Marie"]
    checks = {check["check"]: check for check in json.loads(on_postgres("doctor", "--json").stdout)}
    assert checks["database"]["state"] == checks["backup"]["state"] == checks["resources"]["state"] == "good"
    assert "PostgreSQL 16" in checks["database"]["says"]
    assert on_postgres("backup", "copy.dump").exit_code == 0
    assert (tmp_path / "copy.dump").stat().st_size > 1000
    assert on_postgres("export", "out").exit_code == 0
    assert on_postgres("forget", "Ana Marie", "--yes").stdout == "Forgotten: 1 account.\n"


def test_a_server_that_is_not_there_is_one_line(winwin, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://winwin:hidden@127.0.0.1:9/winwin")
    said = one_line(winwin("migrate"))
    assert "does not answer" in said
    assert "hidden" not in said
    assert "does not answer" in winwin("doctor").stdout


def test_a_move_takes_everything_and_only_into_an_empty_database(on_postgres, postgres: Databases, tmp_path):
    asyncio.run(_ana(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"))
    moved = on_postgres("move", "old.db")
    assert moved.exit_code == 0, moved.output
    assert "2 rows" in moved.stdout
    url = postgres.server.url(postgres.shared)
    assert asyncio.run(_ana(url)) == ["Ana Marie"]  # and the next row of the log gets the next number
    assert "is not empty" in one_line(on_postgres("move", "old.db"))
    assert "there is no database" in one_line(on_postgres("move", "nowhere.db"))
