"""Where SQLite and PostgreSQL are not written alike. (SQLite passes over FOR UPDATE by itself.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.storage.columns import Strings

Insert = sqlite.Insert | postgresql.Insert

CHUNK = 500  # values in one IN list: SQLite takes 32,766 parameters in one statement


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def upsert(connection: AsyncConnection, table: Table) -> Insert:
    """Insert, or replace every column of the row with the same primary key."""
    statement = insert(connection, table)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


def chunks(values: Sequence[Any]) -> list[Sequence[Any]]:
    """The values in lists short enough for one statement."""
    return [values[i : i + CHUNK] for i in range(0, len(values), CHUNK)]


def one_of(column: Column[str], name: str) -> ColumnElement[bool]:
    """Whether a column is one of a list of texts, given as one parameter: however long it is, the statement stays
    the same."""
    values = _Each(bindparam(name, type_=Strings(), required=True)).table_valued("value")
    return column.in_(select(values.c.value))


class _Each(FunctionElement[str]):
    """One row for each text of a JSON list."""

    inherit_cache = True


@compiles(_Each, "sqlite")
def _each_sqlite(element: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_Each, "postgresql")
def _each_postgresql(element: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"jsonb_array_elements_text(CAST({compiler.process(element.clauses, **kw)} AS jsonb))"
