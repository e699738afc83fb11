"""Statements that are compiled once: they say what SQLAlchemy would, and none of them reads a whole table."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from adapters import storage
from adapters.storage.database import Database
from adapters.storage.errors import StorageError
from adapters.storage.people_tables import member
from adapters.storage.post_tables import inbox
from adapters.storage.prepared import Prepared
from bot.community import MemberRecord, Role
from bot.events import Member

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


def prepared() -> dict[str, Prepared]:
    """Every prepared statement of the package, by module and name."""
    found = {}
    for module in pkgutil.iter_modules(storage.__path__, "adapters.storage."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Prepared):
                found[f"{module.name.rsplit('.', 1)[-1]}.{name}"] = value
    return found


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'winwin.db'}")
    await database.close()
    return tmp_path / "winwin.db"


def test_there_are_statements_to_look_at() -> None:
    assert len(prepared()) > 20


@pytest.mark.parametrize("name", sorted(prepared()))
async def test_no_statement_on_the_way_of_a_message_reads_a_whole_table(path: Path, name: str) -> None:
    compiled = prepared()[name]._compile()
    with closing(sqlite3.connect(path)) as connection:
        steps = connection.execute("EXPLAIN QUERY PLAN " + compiled.sql, [None] * len(compiled.names)).fetchall()
    scans = [step for *_, step in steps if step.startswith("SCAN") and "VIRTUAL" not in step and "INDEX" not in step]
    assert scans == []


async def test_who_has_a_role_is_read_without_everybody_else(path: Path) -> None:
    compiled = prepared()["members._WITH_ROLES"]._compile()
    with closing(sqlite3.connect(path)) as connection:
        steps = connection.execute("EXPLAIN QUERY PLAN " + compiled.sql).fetchall()
    assert [step for *_, step in steps] == ["SCAN member USING INDEX ix_member_roles"]


@pytest.mark.parametrize("name", sorted(prepared()))
def test_every_statement_can_be_said_to_postgresql(name: str) -> None:
    assert str(prepared()[name]._elsewhere.compile(dialect=postgresql.dialect()))


async def test_values_come_back_as_their_columns_say(path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    ana = MemberRecord("web:home:ana", "p", "Ana", frozenset({Role.OWNER, Role.MODERATOR}), joined_at=NOW)
    get = Prepared(select(member).where(member.c.key == bindparam("key")))
    async with database.begin() as tx:
        await tx.members.save(ana)
        usual = (await tx.connection.execute(select(member))).one()
        assert tuple(await get.first(tx.connection, key=ana.key)) == tuple(usual)
        assert await get.first(tx.connection, key="nobody") is None
    await database.close()


async def test_a_fault_is_told_as_sqlalchemy_would_and_nothing_is_kept(path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    add = Prepared.insert(member)
    flags = {c.name: False for c in member.c if c.type.python_type is bool}
    row = {c.name: "x" for c in member.c} | {"roles": (), "joined_at": NOW} | flags

    async def twice() -> None:
        async with database.begin() as tx:
            assert await add.run(tx.connection, row) == 1
            with pytest.raises(IntegrityError):
                await add.run(tx.connection, row)
            await add.run(tx.connection, row | {"key": "y"}, row | {"key": "z"}, row)

    with pytest.raises(StorageError):
        await twice()
    async with database.read() as tx:
        assert await tx.members.all() == []
    await database.close()


def test_a_list_must_be_written_so_that_the_statement_stays_one() -> None:
    with pytest.raises(TypeError, match="one_of"):
        Prepared(select(inbox.c.id).where(inbox.c.key.in_(bindparam("keys", expanding=True))))._compile()


async def test_who_is_cancelled_while_committing_leaves_the_database_whole(path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")

    async def meet(name: str) -> None:
        async with database.begin() as tx:
            await tx.members.seen([(Member("web", "home", name), name)], NOW)

    for number in range(40):  # at whatever point each of them is
        task = asyncio.create_task(meet(f"m{number}"))
        for _ in range(number % 8):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await meet("last")
    async with database.read() as tx:
        assert "last" in [m.name for m in await tx.members.all()]
    await database.close()


async def test_who_is_cancelled_while_a_long_statement_runs_does_not_break_the_connection(path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT count(*) FROM n"

    async def look() -> None:
        async with database.read() as tx:
            await tx.connection.exec_driver_sql(slow)

    async def write() -> None:
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql(slow)
            await tx.members.seen([(Member("web", "home", "ana"), "Ana")], NOW)

    for number in range(12):
        tasks = [asyncio.create_task(step()) for step in (look, look, look, look, look, write)]
        await asyncio.sleep(0.002 * number)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(look(), look(), look(), look(), write())
    async with database.read() as tx:
        assert [m.name for m in await tx.members.all()] == ["Ana"]
    await database.close()
