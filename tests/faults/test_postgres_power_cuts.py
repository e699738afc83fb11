"""PostgreSQL dies at random moments while people ask, accept and answer: all its processes are killed, with the machine
(then of what it had not synced the disk has whatever chance leaves) or without it (winwin goes on, and finds it again).

What is simulated of a disk: see tests/fakes/postgres_disk.py. A disk that lies about a sync is not.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.fakes.crashes import Town, town
from tests.fakes.history import Row
from tests.fakes.nest import nest
from tests.fakes.postgres_disk import Disk
from tests.fakes.postgres_server import DURABLE, Databases, PostgresServer, postgres_server
from tests.reliability import Reached

pytestmark = [pytest.mark.process, pytest.mark.soak]

CUTS = int(os.environ.get("WINWIN_POSTGRES_CUTS", "300"))
BAR = "{} cuts, unsynced writes dropped or torn: none lost, each ends in one state, nothing twice"
FLUSHED = "SELECT pg_walfile_name(pg_current_wal_flush_lsn()), pg_current_wal_flush_lsn() - '0/0'::pg_lsn"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One that syncs as in life, of this test's own."""
    if not Path("/proc/self/task").is_dir():
        pytest.skip("what processes a server has is read from /proc, which is missing here")
    with postgres_server(DURABLE) as one:
        yield one


@dataclass
class Machine:
    """The server, and the town that works on it. `rows` reads it; each time anew, for it may be another server."""

    server: PostgresServer
    address: str
    town: Town | None = None
    disk: Disk | None = None
    lost: int = 0  # pages and sectors
    cuts: int = 0
    alone: int = 0

    async def rows(self, query: str) -> Sequence[Row]:
        reader = await asyncpg.connect(self.address)
        try:
            return [tuple(row) for row in await reader.fetch(query)]
        finally:
            await reader.close()

    async def up(self) -> None:
        await asyncio.to_thread(self.server.start)
        await self.checkpoint()

    async def checkpoint(self) -> None:
        await self.rows("CHECKPOINT")
        self.disk = await asyncio.to_thread(Disk.at_checkpoint, self.server.folder / "data")

    async def dies(self) -> None:
        assert self.town is not None
        if self.town.chance.random() < 0.3:
            await self.town.there()  # who begins without a database ends at once, and says so
            await asyncio.to_thread(self.server.kill)
            await asyncio.to_thread(self.server.start)
            self.disk, self.alone = None, self.alone + 1
            return
        if self.disk is None:  # winwin went on while the server came back: there was no moment to look at the disk
            self.town.end()
            await self.checkpoint()
            self.town.begin()
            await self.town.random_moment()
        await self.town.until_nothing_is_acknowledged()
        [(segment, flushed)] = await self.rows(FLUSHED)
        await asyncio.to_thread(self.server.kill)
        self.town.end()
        assert self.disk is not None
        self.lost += await asyncio.to_thread(self.disk.lose, segment, int(flushed), self.town.chance)
        self.cuts += 1
        await self.up()
        self.town.begin()


async def test_the_power_goes_where_postgresql_is(
    server: PostgresServer, tmp_path: Path, seed: int, reached: Reached
) -> None:
    url = await Databases(server).fresh()
    machine = Machine(server, url.replace("+asyncpg", ""))
    with nest(tmp_path) as forks:
        async with town(forks, tmp_path, url, machine.rows, random.Random(seed)) as here:
            machine.town = here
            await here.live(CUTS, machine.dies)
            await here.to_the_end()
            assert await here.wrong() == []
            assert await machine.rows("SELECT count(*) FROM pg_class WHERE relname = 'question'") == [(1,)]
    said = (
        f"{machine.cuts} cuts with {machine.lost:,} pages and sectors lost, {machine.alone} of the server alone, "
        f"{len(here.folk.acknowledged):,} facts acknowledged: 0 lost, 0 twice"
    )
    reached("crash: power cut", "PostgreSQL, 1", BAR.format(CUTS), said)
