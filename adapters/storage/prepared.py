"""Small statements on the way of every message: built and compiled once, given to the driver itself.

SQLAlchemy needs some 300 microseconds to build, look up and run a statement that takes SQLite ten. A `Prepared` is
the same Core statement, compiled when it is first used; the column types' own processors still do what they do.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from sqlalchemy import Column, CompoundSelect, Float, Select, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from adapters.storage.drivers import DRIVER, SQLITE, Driver

Processor = Callable[[Any], Any]
Statement = Select[Any] | CompoundSelect[Any] | UpdateBase

_FLOAT8 = 701  # what PostgreSQL calls the type of our Float columns


class _Compiled(NamedTuple):
    sql: str
    names: tuple[str, ...]  # of the parameters, in order
    fixed: Mapping[str, Any]  # values that are part of the statement
    bind: tuple[Processor | None, ...]
    row: type[tuple[Any, ...]]
    result: tuple[Processor | None, ...]


class Prepared:
    """One statement. A list in it is written with `one_of` (dialect.py), so that it stays one statement."""

    def __init__(self, statement: Statement, elsewhere: Statement | None = None) -> None:
        self._statement = statement
        self._elsewhere = statement if elsewhere is None else elsewhere  # on a database other than SQLite
        self._compiled: dict[str, _Compiled] = {}  # by the name of the dialect

    @classmethod
    def insert(
        cls, table: Table, *, unless_known: str | tuple[str, ...] = (), returning: Sequence[Column[Any]] = ()
    ) -> Self:
        """Insert every column but a number that counts itself. `unless_known`: columns that are unique together; a row
        with known values there is left out."""
        unique = [unless_known] if isinstance(unless_known, str) else list(unless_known)
        made: list[Statement] = []
        for dialect in (sqlite, postgresql):
            new = dialect.insert(table).values({c.name: bindparam(c.name, type_=c.type) for c in given(table)})
            new = new.on_conflict_do_nothing(index_elements=unique) if unique else new
            made.append(new.returning(*returning) if returning else new)
        return cls(*made)

    async def all(self, connection: AsyncConnection, **values: Any) -> Sequence[Any]:
        """Every row, with the columns as attributes. Raises what SQLAlchemy would."""
        driver, compiled = self._on(connection)
        rows = await driver.fetch(compiled.sql, _bound(compiled, values))
        return [_read(compiled, row) for row in rows] if rows else ()

    async def first(self, connection: AsyncConnection, **values: Any) -> Any | None:
        """The first row, if there is any."""
        rows = await self.all(connection, **values)
        return rows[0] if rows else None

    async def each(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Run it once for each of `rows`; returns what all of them gave back."""
        return [found for row in rows for found in await self.all(connection, **row)]

    async def run(self, connection: AsyncConnection, *rows: Mapping[str, Any]) -> int:
        """Run it once for each of `rows`; returns how many rows one run has changed."""
        driver, compiled = self._on(connection)
        return await driver.run(compiled.sql, [_bound(compiled, row) for row in rows])

    def _on(self, connection: AsyncConnection) -> tuple[Driver, _Compiled]:
        if connection.sync_connection is None:
            raise TypeError("a prepared statement needs an open connection")
        driver: Driver = connection.sync_connection.info[DRIVER]
        return driver, self._compiled.get(driver.dialect.name) or self._compile(driver.dialect)

    def _compile(self, dialect: Dialect = SQLITE) -> _Compiled:
        statement = self._statement if dialect is SQLITE else self._elsewhere
        made = statement.compile(dialect=dialect)
        names = tuple(made.positiontup or ())
        binds = made.binds
        if "POSTCOMPILE" in str(made):
            raise TypeError("a list in a prepared statement is written with one_of()")
        columns = tuple(statement.exported_columns)
        row = namedtuple("row", [c.key for c in columns], rename=True)  # type: ignore[misc]
        self._compiled[dialect.name] = compiled = _Compiled(
            str(made),
            names,
            {name: value for name, value in made.params.items() if value is not None or not binds[name].required},
            tuple(_bind(binds[name].type, dialect) for name in names),
            row,
            tuple(_result(column.type, dialect) for column in columns),
        )
        return compiled


def given(table: Table) -> list[Column[Any]]:
    """The columns that a row is given; its number counts by itself."""
    return [c for c in table.c if c is not table.autoincrement_column]


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    return kind.dialect_impl(dialect).result_processor(dialect, _FLOAT8 if isinstance(kind, Float) else None)


def _bound(compiled: _Compiled, values: Mapping[str, Any]) -> list[Any]:
    found = []
    for name, process in zip(compiled.names, compiled.bind, strict=True):
        value = values[name] if name in values else compiled.fixed[name]
        found.append(value if process is None else process(value))
    return found


def _read(compiled: _Compiled, row: Sequence[Any]) -> Any:
    cells = (c if process is None else process(c) for process, c in zip(compiled.result, row, strict=True))
    return compiled.row(*cells)
