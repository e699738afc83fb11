"""Several help desks on one database, as several processes have it: what they share is the database, the platform, the
clock. Any of them may be thrown away in the middle. What stands in the database is read from outside."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from adapters.storage.database import Database
from adapters.storage.schema import metadata
from bot.cards import Address, Card, Direct, OnlyFor, Posted
from bot.events import PlatformEvent
from bot.judging import Judge
from bot.policy import Policy
from bot.ports import DeliveryError
from tests.fakes.clock import MovableClock
from tests.fakes.community import TICK, Community
from tests.fakes.messenger import RecordingMessenger, Shown, _channel, _space
from tests.fakes.tables import tables

LEFT = "SELECT (SELECT count(*) FROM inbox WHERE due_at IS NOT NULL), (SELECT count(due_at) FROM outbox)"


@dataclass
class Platform(RecordingMessenger):
    """As RecordingMessenger, and quick with thousands of cards. `trouble` may refuse a try, by the wish's key."""

    trouble: Callable[[str], Exception | None] = lambda _key: None
    lost_answers: int = 0  # it was shown, and whoever said it was told that it failed
    _by_key: dict[str, Posted] = field(default_factory=dict)
    _at: dict[Posted, int] = field(default_factory=dict)

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        self.sends.append(key)
        self.tried.append(tried)
        if (error := self.trouble(key)) is not None:
            raise error
        if key in self._by_key:
            return self._by_key[key]
        self._changes += 1
        platform = to.member.platform if isinstance(to, Direct | OnlyFor) else to.place.platform
        posted = Posted(platform, _space(to), _channel(to), f"bot-{self._changes}", self.clock.now())
        self._by_key[key], self._at[posted] = posted, len(self.shown)
        self.shown.append(Shown(to, card, key, posted, self._changes))
        return posted

    async def revise(self, posted: Posted, card: Card) -> None:
        if posted not in self._at:
            raise DeliveryError("that card is gone", permanent=True)
        self._changes += 1
        number = self._at[posted]
        self.shown[number] = replace(self.shown[number], card=card, changed=self._changes)


class Workers:
    """`here[0]` and so on are the desks; on SQLite there is one."""

    def __init__(self, url: str, policy: Policy, judge_class: type[Judge]) -> None:
        self.url = url
        self.clock = MovableClock()
        self.platform = Platform(self.clock)
        self.here: list[Community] = []
        self.policy = policy
        self._judge_class = judge_class
        self._reader: asyncpg.Connection | None = None
        self._file_reader: sqlite3.Connection | None = None

    @property
    def _file(self) -> str:
        return self.url.partition(":///")[2] if self.url.startswith("sqlite") else ""

    async def begin(self) -> Community:
        """One more desk, in a process of its own. Not at work before `open`."""
        database = await Database.open(self.url)
        await database.join()
        desk = Community(database, clock=self.clock, policy=self.policy, judge_class=self._judge_class)
        desk.messenger = self.platform
        desk.desk, desk.librarian = desk._made()
        return desk

    def speak_on(self, platform: Platform) -> None:
        """On this one instead; before they are at work."""
        self.platform = platform
        for one in self.here:
            one.messenger = platform
            one.desk, one.librarian = one._made()

    async def crash(self, number: int = 0) -> None:
        """What was in its memory is gone, and its connections are cut; another begins in its place."""
        await self.die(number)
        await self.revive(number)

    async def die(self, number: int = 0) -> None:
        desk = self.here[number].desk
        tasks = [*desk._sending.under_way, desk._worker, desk._reception._writer, *desk._introducing._under_way]
        await _end([task for task in tasks if task is not None])
        await self.here[number].store.close()  # type: ignore[attr-defined]

    async def revive(self, number: int = 0) -> None:
        self.here[number] = await self.begin()
        await self.here[number].open()

    async def settle(self) -> None:
        """Until there is nothing left to do now, for any of them."""
        while True:
            for one in self.here:
                await one.desk.keep_hold()
            await asyncio.gather(*(one.desk.settle() for one in self.here))
            if not any(_busy(one) for one in self.here):
                return

    async def calm(self) -> None:
        """Until what is under way is over; nothing is looked for."""
        while any(_busy(one) for one in self.here):  # noqa: ASYNC110 -- as HelpDesk.settle does
            await asyncio.sleep(0.001)

    async def receive(self, *events: PlatformEvent, at: int = 0) -> None:
        await self.here[at].desk.receive(events)

    async def wait(self, **how_long: float) -> None:
        left = timedelta(**how_long)
        while left > timedelta(0):
            step = min(left, TICK)
            self.clock.move(step)
            left -= step
            await self.settle()

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """From outside: through no code of ours."""
        if self._file:
            if self._file_reader is None:
                self._file_reader = sqlite3.connect(self._file, timeout=5)
            return self._file_reader.execute(query).fetchall()
        if self._reader is None:
            self._reader = await asyncpg.connect(self.url.replace("+asyncpg", ""))
        return [tuple(row) for row in await self._reader.fetch(query)]

    async def everything(self) -> str:
        """All that stands in any table."""
        if self._file:
            return "\n".join([str(await self.rows(f'SELECT * FROM "{table}"')) for table in metadata.tables])
        each = (f"SELECT string_agg(t::text, '\n') FROM \"{table}\" t" for table in metadata.tables)
        return "\n".join(str(row[0]) for row in await self.rows(" UNION ALL ".join(each)))

    async def close(self) -> None:
        for one in self.here:
            await one.close()
            await one.store.close()  # type: ignore[attr-defined]
        if self._reader is not None:
            await self._reader.close()
        if self._file_reader is not None:
            self._file_reader.close()


def _busy(one: Community) -> bool:
    desk = one.desk
    return bool(desk._busy or not desk._line.empty or desk._sending.under_way)


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def workers(
    url: str, count: int = 1, *, policy: Policy | None = None, judge_class: type[Judge] = Judge
) -> AsyncIterator[Workers]:
    """Desks that are begun and not at work yet: people move in first, then `open`."""
    made = Workers(url, policy or Policy(), judge_class)
    try:
        for _ in range(count):
            made.here.append(await made.begin())
        yield made
    finally:
        await made.close()


async def open_all(made: Workers) -> None:
    for one in made.here:
        await one.open()


def sqlite_url(folder: Path, name: str = "winwin") -> str:
    """A new file with its tables."""
    return f"sqlite+aiosqlite:///{tables(folder / f'{name}.db')}"


@dataclass(frozen=True)
class Home:
    """An empty database, and how many processes are to be at work on it."""

    url: str
    processes: int = 1

    @property
    def where(self) -> str:
        """As the table of reliability says it."""
        return f"{'SQLite' if self.url.startswith('sqlite') else 'PostgreSQL'}, {self.processes}"
