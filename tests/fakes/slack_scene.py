"""The real `winwin run` on the project's own Slack: a scene in which everything may go wrong."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from tests.fakes.command_line import PROGRAM
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer, slack_server
from tests.fakes.slack_workspace import TEAM, Json
from tests.fakes.tables import little_library
from tests.fakes.winwin_process import Winwin

ALICE, BEN, MODA, GENERAL, HOSPITAL = "U01ALICE", "U02BEN", "U03MODA", "C01GEN", "C02HOSP"
SCHOOL = "The school keeps marking his infusion days as unexcused absences. What can we do?"
EXCUSED = "How do we get the school to excuse infusion days?"
IDLE = "SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL), (SELECT count(due_at) FROM outbox)"


class Scene:
    def __init__(self, slack: SlackServer, winwin: Winwin, folder: Path) -> None:
        self.slack = slack
        self.winwin = winwin
        self._file = folder / "winwin.db"

    async def shown(self, thread: str, channel: str = GENERAL) -> Json:
        """The suggestion under a question."""
        return (await self.slack.until(lambda: self.slack.posts(channel, thread), within=20))[0]

    async def restarted(self) -> None:
        await self.winwin.kill()
        await self.slack.sockets.cut()
        await self.winwin.start()
        await self.slack.until(lambda: self.slack.sockets.lines)

    async def marked(self) -> None:
        """Every channel has been seen: what is said from now on is read up on."""
        await self.slack.until(lambda: self.rows("SELECT count(*) FROM channel WHERE seen_to <> ''") != [(0,)], 20)

    def rewind(self, seconds: float) -> None:
        """The channels were last read so long ago: only while the program is away."""
        with sqlite3.connect(self._file) as database:
            sql = "UPDATE channel SET seen_to = printf('%.6f', seen_to - ?) WHERE seen_to <> ''"
            database.execute(sql, (seconds,))
        database.close()

    def question(self, ts: str) -> tuple[object, ...] | None:
        """(status, outcome) of the question that was asked with this message."""
        found = self.rows(f"SELECT status, outcome FROM question WHERE thread_key LIKE '%:{ts}'")
        return found[0] if found else None

    async def idle(self, within: float = 20) -> None:
        """Everything that was heard is handled, everything that was wished for is said."""
        await self.slack.until(lambda: self.rows(IDLE) == [(0, 0)], within)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self._file, timeout=5) as database:
            found = database.execute(sql).fetchall()
        database.close()
        return found

    async def counted(self) -> dict[str, float]:
        """What the program counts about Slack, by name; figures of one name are added up."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.winwin.address}/metrics") as answer:
            text = await answer.text()
        figures: dict[str, float] = {}
        for name, value in re.findall(r"winwin_slack_(\w+)_total(?:\{[^}]*\})? ([\d.]+)", text):
            figures[name] = figures.get(name, 0.0) + float(value)
        return figures


async def with_few_resources(folder: Path) -> None:
    """A library that is known in a moment; what the school questions ask for is in it."""
    await little_library(folder / "winwin.db", *(f"slack:{TEAM}:{c}" for c in ("C01GEN", "C02HOSP", "G01TEAM")))


@asynccontextmanager
async def scene(folder: Path, program: Sequence[str] = PROGRAM) -> AsyncIterator[Scene]:
    await with_few_resources(folder)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_server())
        settings = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": slack.api_url}
        winwin = Winwin(folder, {**settings, "WINWIN_MODERATORS": f"slack:{TEAM}:{MODA}"}, program)
        await winwin.start()
        stack.push_async_callback(winwin.stop)
        await slack.until(lambda: slack.sockets.lines)
        yield Scene(slack, winwin, folder)
