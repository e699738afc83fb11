"""From an SQLite file to PostgreSQL: every row of every table, as it is. Both are at the newest version then."""

from __future__ import annotations

from sqlalchemy import Table, insert, select, text

from adapters.storage import migrations
from adapters.storage.database import Database
from adapters.storage.errors import StorageError
from adapters.storage.transaction import SqlTransaction

TOGETHER = 500  # rows in one statement


async def move(source: Database, target: Database) -> int:
    """Copy everything, in one transaction; the source stays as it is. Returns how many rows there were. Raises
    StorageError when there is something in the target already."""
    tables = migrations.all_tables().sorted_tables
    async with source.read() as here, target.begin() as there:
        for table in tables:
            if (await there.connection.execute(select(table).limit(1))).first() is not None:
                raise StorageError(f"{target.place} is not empty ({table.name}): name a new database.")
        counts = [await _copied(table, here, there) for table in tables]
    return sum(counts)


async def _copied(table: Table, here: SqlTransaction, there: SqlTransaction) -> int:
    rows = [dict(row._mapping) for row in await here.connection.execute(select(table))]
    for start in range(0, len(rows), TOGETHER):
        await there.connection.execute(insert(table), rows[start : start + TOGETHER])
    own = table.autoincrement_column
    if rows and own is not None:  # the next row gets the next number
        numbered = text("SELECT setval(pg_get_serial_sequence(:table, :own), :last)")
        last = max(row[own.name] for row in rows)
        await there.connection.execute(numbered, {"table": table.name, "own": own.name, "last": last})
    return len(rows)
