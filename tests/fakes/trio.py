"""Several `winwin run --local` on one PostgreSQL, and what stands in it, read from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from adapters.samples import load_samples, settle_in
from adapters.storage.database import Database
from tests.fakes.postgres_server import Databases
from tests.fakes.visitor import Visitor
from tests.fakes.winwin_process import Winwin

KEY = "0123456789abcdef" * 4
LITTLE = 3  # resources: what has to be embedded keeps a start waiting


class Trio:
    def __init__(self, url: str, processes: list[Winwin], reader: asyncpg.Connection) -> None:
        self.url = url
        self.processes = processes
        self._reader = reader
        self._visitors: list[Visitor] = []
        self._reading = asyncio.Lock()

    def be(self, person: str, at: int) -> Visitor:
        """`person`, at the process number `at`."""
        visitor = Visitor(self.processes[at].address, person)
        self._visitors.append(visitor)
        return visitor

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self._reading:
            return [tuple(row) for row in await self._reader.fetch(query)]

    async def until(self, query: str, wanted: list[tuple[Any, ...]], within: float = 30.0) -> None:
        end = asyncio.get_running_loop().time() + within
        while (found := await self.rows(query)) != wanted:
            assert asyncio.get_running_loop().time() < end, (query, found)
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        for visitor in self._visitors:
            await visitor.close()
        await self._reader.close()


@asynccontextmanager
async def trio(databases: Databases, folder: Path, count: int = 3) -> AsyncIterator[Trio]:
    """The sample people with a few of their resources; `count` processes, started at once."""
    url = await databases.fresh()
    samples = load_samples()
    plain = tuple(r for r in samples.resources if not r.medical)[:LITTLE]
    database = await Database.open(url)
    await settle_in(database, replace(samples, resources=plain), datetime.now(UTC))
    await database.close()
    settings = {"DATABASE_URL": url, "WINWIN_SECRET_KEY": KEY}
    processes = []
    for number in range(count):
        home = folder / f"process{number}"
        home.mkdir()
        processes.append(Winwin(home, settings, local=True))
    reader = await asyncpg.connect(url.replace("+asyncpg", ""))
    both = Trio(url, processes, reader)
    try:
        await asyncio.gather(*(process.start() for process in processes))
        yield both
    finally:
        await both.close()
        for process in processes:
            await process.stop()
