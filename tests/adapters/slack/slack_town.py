"""A town on Slack: the real adapter and the real core on SQLite, against the fault server; time is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from adapters.storage.database import Database
from bot.policy import Mode
from bot.question import Question
from knowledge.resources import Resource
from tests.dialogues.slack_stage import CHANNEL, SlackStage, user
from tests.dialogues.stage import Person
from tests.fakes.clock import MovableClock
from tests.fakes.slack_server import slack_server
from tests.fakes.slack_workspace import TEAM
from tests.fakes.tables import tables
from tests.fakes.values import greeted

INFUSION = "How do I get school to excuse infusion days?"
PATIENT = 20
LETTER = Resource("r1", "Infusion days and school", "Ask school to excuse infusion days.", topics=("school",))
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent", topics=("school",)),
    Person("moda", roles=("moderator",)),
)


class Town(SlackStage):
    """A stage whose store is a file, whose process can be killed, and where people write while nobody listens."""

    async def build(self, file: Path) -> None:
        self._stack = AsyncExitStack()
        self.clock = MovableClock()
        self.store = await Database.open(f"sqlite+aiosqlite:///{tables(file)}")  # type: ignore[assignment]
        self._stack.push_async_callback(self.store.close)
        self._mode = Mode.THREAD
        self.slack = await self._stack.enter_async_context(slack_server(lambda: self.clock.now().timestamp()))
        for person in PEOPLE:
            await self._enter(person)
        self.slack.workspace.open_channel(CHANNEL, "general")
        async with self.store.begin() as tx:
            await tx.resources.put([LETTER], self.clock.now())
            for channel in greeted(*(f"slack:{TEAM}:{room}" for room in self.slack.workspace.channels)):
                await tx.channels.save(channel)
        await self._start()

    # --- being there and being away -----------------------------------------------------------------------

    async def leave(self) -> None:
        """The process ends; what is in the store stays."""
        await self._stop()

    async def come_back(self) -> None:
        await self._start()
        await self.caught_up()

    async def caught_up(self, within: float = 20.0) -> None:
        """Read up on everything, at Slack's pace."""
        loop = asyncio.get_running_loop()
        end, stalled = loop.time() + within, 0
        backfill = self.connection._backfill
        assert backfill is not None
        while not backfill.idle:
            if await self.connection.catch_up():
                stalled = 0
                continue
            stalled += 1
            before = loop.time()
            await asyncio.sleep(0.01)
            waited = loop.time() - before if stalled < PATIENT else 5.0  # a long pause need not be sat through
            self.clock.move(timedelta(seconds=waited))
            assert loop.time() < end, "the reading up does not end"
        await self.desk.settle()

    def write(self, who: str, text: str, thread: str = "", channel: str = CHANNEL, after: float = 1.0) -> str:
        """Written while nobody listens."""
        self.clock.move(timedelta(seconds=after))
        return str(self.slack.write(user(who), text, channel, thread)["ts"])

    # --- what came of it ----------------------------------------------------------------------------------

    async def question(self, message: str, channel: str = CHANNEL) -> Question | None:
        thread = f"slack:{TEAM}:{channel}:{message}"
        async with self.store.read() as tx:
            return (await tx.questions.in_threads([thread])).get(thread)

    async def mark(self, channel: str = CHANNEL) -> str:
        async with self.store.read() as tx:
            found = await tx.channels.get(f"slack:{TEAM}:{channel}")
        return found.seen_to if found else ""

    async def parked(self) -> int:
        async with self.store.read() as tx:
            return len(await tx.outbox.parked())


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    stage = Town()
    await stage.build(folder / "winwin.db")
    try:
        await stage.caught_up()
        yield stage
    finally:
        await stage.close()
