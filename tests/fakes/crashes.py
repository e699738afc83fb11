"""A town whose processes are killed at random moments. How its life goes to its end, and what is looked for then, is in
tests/fakes/played_out.py."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.storage.database import Database
from tests.fakes import history
from tests.fakes.history import Rows
from tests.fakes.lean import HandClock, Seat
from tests.fakes.nest import Nest
from tests.fakes.played_out import Life
from tests.fakes.square import square
from tests.fakes.townsfolk import Townsfolk, move_in

TOGETHER = 6  # people who do something at the same time
EARLY, BEGINNING = 0.2, 0.3  # so many are killed in their first moments, and those are so many seconds
MOST = 8  # facts that the others have taken before, at most
PATIENCE = 300.0  # seconds until what waits is done


@dataclass
class Town(Life):
    seat: Seat
    nest: Nest
    processes: list[int]
    kills: int = 0

    async def live(self, times: int, happens: Callable[[], Awaitable[None]]) -> None:
        """People act while something happens, so many times, at random moments."""
        over = asyncio.Event()
        lives = [asyncio.create_task(self._act(over)) for _ in range(TOGETHER)]
        lives.append(asyncio.create_task(self._time_goes_by(over)))
        try:
            for _ in range(times):
                await self.random_moment()
                await happens()
                failed = [life for life in lives if life.done()]
                assert not failed, failed
        finally:
            over.set()
            await asyncio.gather(*lives)

    async def kill_one(self) -> None:
        which = self.chance.randrange(len(self.processes))
        self.nest.kill(self.processes[which])
        self.kills += 1
        self.processes[which] = self.nest.start(self.seat)

    async def settled(self) -> None:
        """Until nothing waits and nothing happens any more."""
        before, since = -1, 0
        async with asyncio.timeout(PATIENCE):
            while since < 3:
                await asyncio.sleep(0.1)
                [(steps,)] = await self.rows("SELECT count(*) FROM journal")
                idle = await self.rows(history.LEFT) == [(0, 0)] and self.square.lines == len(self.processes)
                since = since + 1 if idle and steps == before else 0
                before = steps

    async def said(self) -> str:
        """What it all came to, in a line."""
        [(questions,)] = await self.rows("SELECT count(*) FROM question")
        asked = await history.asks(self.rows)
        return (
            f"{self.kills} kills, {len(self.folk.acknowledged):,} facts acknowledged, {questions:,} questions, "
            f"{len(asked):,} offers: 0 lost, 0 twice, 0 in quiet hours or over a cap"
        )

    async def _act(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.folk.act()
            await asyncio.sleep(self.chance.uniform(0.0, 0.1))

    async def _time_goes_by(self, over: asyncio.Event) -> None:
        while not over.is_set():
            self.clock.move(timedelta(seconds=self.chance.uniform(0, 40)))
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 0.1)

    async def random_moment(self) -> None:
        """While a process begins, or after it has taken some of what people do: however quick the machine is."""
        if self.chance.random() < EARLY:
            await asyncio.sleep(self.chance.uniform(0.0, BEGINNING))
            return
        until = len(self.folk.acknowledged) + self.chance.randint(1, MOST)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while len(self.folk.acknowledged) < until:  # noqa: ASYNC110 -- two lines, and no event to forget
                    await asyncio.sleep(0.005)
        await asyncio.sleep(self.chance.uniform(0.0, 0.05))

    async def there(self) -> None:
        """Until all processes have begun."""
        async with asyncio.timeout(PATIENCE):
            while self.square.lines < len(self.processes):  # noqa: ASYNC110 -- a look costs nothing
                await asyncio.sleep(0.005)

    async def until_nothing_is_acknowledged(self) -> None:
        """The processes stand still, and what they had said has arrived."""
        for process in self.processes:
            os.kill(process, signal.SIGSTOP)
        before = -1
        while len(self.folk.acknowledged) != before:
            before = len(self.folk.acknowledged)
            await asyncio.sleep(0.03)

    def end(self) -> None:
        for process in self.processes:
            self.nest.kill(process)
        self.processes.clear()

    def begin(self) -> None:
        self.processes.append(self.nest.start(self.seat))


@asynccontextmanager
async def town(
    forks: Nest, folder: Path, url: str, rows: Rows, chance: random.Random, *, processes: int = 1
) -> AsyncIterator[Town]:
    store = await Database.open(url)
    await move_in(store)
    await store.close()
    clock = HandClock(folder / "clock")
    seat = Seat(url, str(folder / "square"), str(folder / "clock"))
    async with square(folder / "square", clock, chance) as here:
        started = [forks.start(seat) for _ in range(processes)]
        both = Town(Townsfolk(here, chance), here, clock, rows, chance, seat, forks, started)
        try:
            yield both
        finally:
            both.end()
