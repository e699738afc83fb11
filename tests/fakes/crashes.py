"""A town whose processes are killed at random moments, and what was acknowledged in it looked for afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.storage.database import Database
from tests.fakes import history
from tests.fakes.history import Rows
from tests.fakes.lean import HandClock, Seat
from tests.fakes.nest import Nest
from tests.fakes.square import Square, square
from tests.fakes.townsfolk import MODERATORS, Townsfolk, move_in
from tests.fakes.values import key

TOGETHER = 6  # people who do something at the same time
EARLY, BEGINNING = 0.2, 0.3  # so many are killed in their first moments, and those are so many seconds
MOST = 12  # facts that the others have taken before, at most
PATIENCE = 60.0  # seconds until what waits is done


@dataclass
class Town:
    folk: Townsfolk
    square: Square
    clock: HandClock
    rows: Rows
    seat: Seat
    nest: Nest
    processes: list[int]
    chance: random.Random
    kills: int = 0

    async def live(self, kills: int) -> None:
        """People act while processes are killed, so many times."""
        over = asyncio.Event()
        lives = [asyncio.create_task(self._act(over)) for _ in range(TOGETHER)]
        lives.append(asyncio.create_task(self._time_goes_by(over)))
        try:
            for _ in range(kills):
                await self._random_moment()
                self._kill_one()
                failed = [life for life in lives if life.done()]
                assert not failed, failed
        finally:
            over.set()
            await asyncio.gather(*lives)

    async def to_the_end(self) -> None:
        """Nobody is killed any more: whoever still waits is answered, and time goes by until all is at an end."""
        for _ in range(20):
            await self.settled()
            left = [question for (question,) in await self.rows(history.OPEN)]
            if not left:
                return
            unanswered = {question for (question,) in await self.rows(history.UNANSWERED)}
            for question in left:
                if question in unanswered:
                    await self.folk.answer(question, key(self.chance.choice(MODERATORS)))
                elif self.chance.random() < 0.3:
                    await self.folk.helped(question)
            self.clock.move(timedelta(minutes=self.chance.choice([6, 61])))
        raise AssertionError(f"not at an end: {await self.rows(history.OPEN)}")

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

    async def wrong(self) -> list[str]:
        """Whatever was promised and is not so, now that all is at an end."""
        return [
            *await history.now_wrong(self.rows),
            *await history.lost(self.rows, self.folk.acknowledged),
            *await history.unasked(self.rows, self.folk.asked),
            *await history.unended(self.rows),
            *await history.twice_done(self.rows, self.folk.presses),
            *await history.burdened(self.rows, self.square.asks),
            *(f"shown twice: {what}" for what in self.square.twice),
        ]

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

    async def _random_moment(self) -> None:
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

    def _kill_one(self) -> None:
        which = self.chance.randrange(len(self.processes))
        self.nest.kill(self.processes[which])
        self.kills += 1
        self.processes[which] = self.nest.start(self.seat)

    def end(self) -> None:
        for process in self.processes:
            self.nest.kill(process)


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
        both = Town(Townsfolk(here, chance), here, clock, rows, seat, forks, started, chance)
        try:
            yield both
        finally:
            both.end()
