"""Database files that a test need not make: with the tables, which are migrated to once a process and copied then; and
with the vectors of the sample resources, which the model gave once a run."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from pathlib import Path

from adapters.samples import load_samples
from adapters.storage.database import Database
from knowledge.resources import Resource
from tests.fakes.values import NOON, greeted


def tables(file: Path) -> Path:
    """A new database there, with its tables and nothing in them."""
    file.write_bytes(_migrated())
    return file


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "winwin.db"
        with ThreadPoolExecutor(1) as aside:  # whoever asks may have a loop running
            aside.submit(lambda: asyncio.run(_migrate(file))).result()
        return file.read_bytes()


async def _migrate(file: Path) -> None:
    await (await Database.open(f"sqlite+aiosqlite:///{file}")).close()


def vectors(file: Path, first_start: Path) -> Path:
    """A new database there that knows the vectors of the samples, from the one of a `first_start`, and nothing else."""
    with closing(sqlite3.connect(tables(file))) as database, database:
        database.execute("ATTACH ? AS other", (str(first_start),))
        database.execute("INSERT INTO embedding SELECT * FROM other.embedding")
    return file


def some_resources() -> list[Resource]:
    """Few of the samples; the one for the school questions is among them."""
    return [r for r in load_samples().resources if "school" in f"{r.title} {r.text}".lower()][:8]


async def little_library(file: Path, *channels: str) -> None:
    """Those few into the database there; the bot has been in these `channels` for long."""
    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    async with database.begin() as tx:
        await tx.resources.put(some_resources(), NOON)
        for channel in greeted(*channels):
            await tx.channels.save(channel)
    await database.close()
