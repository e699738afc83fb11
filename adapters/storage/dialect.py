"""Where SQLite and PostgreSQL are not written alike. (SQLite passes over FOR UPDATE by itself.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

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


class one_of(ColumnElement[bool]):  # noqa: N801 -- reads as a function of SQL
    """Whether a column is one of a list of texts, given as one parameter: however long it is, the statement stays
    the same."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: Column[str], name: str) -> None:
        self.column = column
        self.values = bindparam(name, type_=Strings(), required=True)


@compiles(one_of, "sqlite")
def _one_of_sqlite(element: one_of, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 -- both are SQLAlchemy's own


@compiles(one_of, "postgresql")
def _one_of_postgresql(element: one_of, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT jsonb_array_elements_text(CAST({values} AS jsonb)))"
