"""What was erased goes from the tables of an index too, whoever has it open, and of one that nobody uses any more."""

from __future__ import annotations

from typing import Any

import asyncpg

from adapters.storage.shared_index.schema import PREFIX, Names
from adapters.storage.shared_index.writing import remove

WORDS = ("shelf", "stem")  # which of the tables have words; vectors are numbers that nothing can be read from


async def all_there(connection: asyncpg.Connection[Any]) -> list[Names]:
    """Every index in this database, whatever its model."""
    found = await connection.fetch(
        "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1) AND "
        "to_regclass(nspname || '.state') IS NOT NULL ORDER BY nspname",
        PREFIX,
    )
    return [Names(row[0], 0) for row in found]


async def with_words(connection: asyncpg.Connection[Any]) -> list[str]:
    """Their tables with words, for VACUUM."""
    return [f"{names.schema}.{table}" for names in await all_there(connection) for table in WORDS]


async def take_out_old(connection: asyncpg.Connection[Any]) -> None:
    """What the store has otherwise by now, or not any more. Processes that run put it in again as it is now."""
    for names in await all_there(connection):
        old = (
            f"SELECT i.id FROM {names.schema}.shelf i LEFT JOIN resource r ON r.id = i.id AND r.version = i.version "
            "AND r.state = 'published' WHERE r.id IS NULL"
        )
        if ids := [row[0] for row in await connection.fetch(old)]:
            await remove(connection, names, ids)
