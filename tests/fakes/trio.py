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

LEFT = "SELECT (SELECT count(*) FROM inbox WHERE due_at IS NOT NULL), (SELECT count(due_at) FROM outbox)"
NEVER = {  # rows that no look may ever find
    "a question that nobody will look at again": (
        "SELECT id FROM question q WHERE status <> 'closed' AND deadline IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM outbox WHERE about = q.id AND due_at IS NOT NULL)"
    ),
    "a question that is closed and still has a deadline": (
        "SELECT id FROM question WHERE status = 'closed' AND (deadline IS NOT NULL OR outcome IS NULL)"
    ),
    "a question asked twice": "SELECT text FROM question WHERE text <> '' GROUP BY text HAVING count(*) > 1",
    "a question that began twice": (
        "SELECT question FROM journal WHERE event = 'Asked' GROUP BY question HAVING count(*) > 1"
    ),
    "a question that ended twice": (
        "SELECT question FROM journal WHERE after = 'closed' AND before <> 'closed' GROUP BY question "
        "HAVING count(*) > 1"
    ),
    "a card twice": (
        "SELECT channel, thread, card FROM chat_post WHERE author = 'winwin' AND deleted_at IS NULL AND card <> '' "
        "GROUP BY channel, thread, card, only_for HAVING count(*) > 1"
    ),
    "anything given up": "SELECT key, error FROM outbox WHERE parked_at IS NOT NULL",
    "anything not understood": "SELECT key, error FROM inbox WHERE parked_at IS NOT NULL",
}


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
