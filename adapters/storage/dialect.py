"""Where SQLite and PostgreSQL are not written alike. (SQLite passes over FOR UPDATE by itself.)"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    all_,
    bindparam,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.storage.columns import Strings

Insert = sqlite.Insert | postgresql.Insert

PROCESSES = 0x77696E77  # the class of the locks that say which processes there are: see presence.py
CHUNK = 500  # values in one IN list: SQLite takes 32,766 parameters in one statement


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    if is_shared(connection):
        return postgresql.insert(table)
    return sqlite.insert(table)


def upsert(connection: AsyncConnection, table: Table) -> Insert:
    """Insert, or replace every column of the row with the same primary key."""
    statement = insert(connection, table)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


def key_of(name: str) -> int:
    """The number under which PostgreSQL keeps a lock of ours."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def is_shared(connection: AsyncConnection) -> bool:
    """Whether other processes may be at work at the same time."""
    return connection.dialect.name == "postgresql"


async def turn(connection: AsyncConnection, names: Iterable[str]) -> None:
    """Wait until no other process is at work on any of these, until the end of the transaction. Nothing to do where
    there is one writer. In one order, so that two that want the same never wait for each other."""
    if is_shared(connection):
        locks = ", ".join(f"({key})" for key in sorted({key_of(name) for name in names}))
        taken = f"SELECT pg_advisory_xact_lock(k) FROM (VALUES {locks}) AS wanted(k)"  # noqa: S608 -- numbers
        await connection.execute(text(taken))


def chunks(values: Sequence[Any]) -> list[Sequence[Any]]:
    """The values in lists short enough for one statement."""
    return [values[i : i + CHUNK] for i in range(0, len(values), CHUNK)]


def one_of(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Whether a column is one of a list of texts (or numbers), given as one parameter: however long it is, the
    statement stays the same."""
    return _OneOf(column, bindparam(name, type_=Strings(), required=True))


def gone(holder: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the process that holds a row is not there any more. For PostgreSQL.

    Of rows that somebody else changed meanwhile PostgreSQL asks this again. From the second row on it takes a SELECT
    for one value, nested in this one, for what the first look at the rows made of it: nothing, where it needed no look
    at the holder, and everybody would be gone. Hence the join.
    """
    there = (
        "(SELECT objid::bigint FROM pg_locks AS held JOIN pg_database AS d ON d.oid = held.database "  # noqa: S608
        "WHERE held.locktype = 'advisory' AND held.objsubid = 2 AND held.granted "
        f"AND held.classid = {PROCESSES} AND d.datname = current_database())"
    )
    return holder != all_(literal_column(there))


class _OneOf(FunctionElement[Any]):
    """(column, a JSON list). For PostgreSQL an array: of that it takes for granted that it is short, and looks up each
    value in an index; a set of rows of unknown length it would rather compare with the whole table."""

    inherit_cache = True  # (no type of its own: a Boolean SQLAlchemy would compare with 1, and SQLite use no index)


def _sides(element: _OneOf, compiler: SQLCompiler, each: str, **kw: Any) -> tuple[str, str]:
    """The column, and a SELECT of what it may be."""
    column, values = element.clauses
    found = f"CAST(one.value AS {column.type.compile(dialect=compiler.dialect)})"
    return compiler.process(column, **kw), f"SELECT {found} FROM {each.format(compiler.process(values, **kw))}"  # noqa: S608


@compiles(_OneOf, "sqlite")
def _one_of_sqlite(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    return "({} IN ({}))".format(*_sides(element, compiler, "json_each({}) AS one", **kw))


@compiles(_OneOf, "postgresql")
def _one_of_postgresql(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    values = "jsonb_array_elements_text(CAST({} AS jsonb)) AS one(value)"
    return "({} = ANY (ARRAY({})))".format(*_sides(element, compiler, values, **kw))
