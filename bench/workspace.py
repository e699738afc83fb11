"""A Slack to measure with: the tests' own server in this process, and beside it the real `winwin run` in another."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer, buttons, peopled
from tests.fakes.slack_workspace import Json
from tests.fakes.winwin_process import Winwin

PEOPLE, CHANNELS = 500, 40  # Slack takes about one message a second in a channel: the bot's own go into many
QUIET = 3.0  # seconds without a call after which the bot has read up on everything
EVENTS = "/slack/events"


class Workspace(SlackServer):
    """`said` is told when the first suggestion under a message arrives at Slack."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, asyncio.Future[float]] = {}
        peopled(self)
        for number in range(PEOPLE):
            self.workspace.enter(person(number), f"person {number}")
        for number in range(CHANNELS):
            self.workspace.open_channel(channel(number), f"channel-{number}")

    def expect(self, ts: str) -> asyncio.Future[float]:
        """The moment (perf_counter) of the call that puts a suggestion under the message."""
        waiting: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.said[ts] = waiting
        return waiting

    def message(self, number: int, text: str) -> Json:
        """Written by one of many people in one of many channels; returns the event that tells it."""
        room = self.workspace.channels[channel(number)]
        message = self.workspace.post(room, person(number), text)
        return self.event(payloads.message_event(room, message))

    def _note(self, method: str, asked: Json, outcome: str) -> None:
        super()._note(method, asked, outcome)
        waiting = self.said.get(str(asked.get("thread_ts")))
        if waiting is not None and not waiting.done() and "Read it" in buttons(asked):
            waiting.set_result(time.perf_counter())


def person(number: int) -> str:
    return f"U1{number % PEOPLE:04d}"


def channel(number: int) -> str:
    return f"C1{number % CHANNELS:04d}"


@dataclass(frozen=True, slots=True)
class Beside:
    """The bot as a process of its own, and the Slack it is on."""

    slack: Workspace
    winwin: Winwin

    async def read_up(self) -> None:
        """Until the bot has asked for nothing for a while."""
        while time.monotonic() - self.slack.calls[-1].at < QUIET:  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(0.2)

    async def worked_off(self) -> float:
        """Seconds until nothing waits any more in the bot's inbox."""
        begun = time.perf_counter()
        while self._waiting():  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(0.1)
        return time.perf_counter() - begun

    def _waiting(self) -> int:
        with closing(sqlite3.connect(self.winwin._folder / "winwin.db")) as database:
            row = database.execute("SELECT count(*) FROM inbox WHERE handled_at IS NULL AND parked_at IS NULL")
            return int(row.fetchone()[0])

    def worked(self) -> float:
        """Seconds of a processor that the bot has had."""
        assert self.winwin._process is not None
        return cpu_seconds(self.winwin._process.pid)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def copied(database: Path, folder: Path) -> Path:
    """A fresh folder with the database in it, as winwin.db."""
    fresh = Path(tempfile.mkdtemp(dir=folder))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(fresh / "winwin.db")) as copy:
        source.backup(copy)
    return fresh


@asynccontextmanager
async def beside(database: Path, folder: Path, *, signed: bool) -> AsyncIterator[Beside]:
    """`winwin run` on a copy of the database, over Socket Mode or signed HTTP, when it has read up on everything."""
    folder = copied(database, folder)
    slack = Workspace()
    runner = await slack.start()
    try:
        way = {"SLACK_SIGNING_SECRET": SIGNING_SECRET} if signed else {"SLACK_APP_TOKEN": APP_TOKEN}
        winwin = Winwin(folder, {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_API_URL": slack.api_url, **way})
        await winwin.start()
        try:
            if signed:
                slack.request_url = winwin.address + EVENTS
            there = Beside(slack, winwin)
            await there.read_up()
            yield there
        finally:
            await winwin.stop()
    finally:
        await slack.stop(runner)


# --- requests, many at once -----------------------------------------------------------------------------------


def request(payload: Json) -> bytes:
    """A signed request as it goes over the wire."""
    kind, body = payloads.body_of(payload)
    headers = {"Host": "127.0.0.1", "Content-Type": kind, "Content-Length": str(len(body.encode()))}
    headers |= payloads.signed(SIGNING_SECRET, body, time.time())
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {EVENTS} HTTP/1.1\r\n{head}\r\n{body}".encode()


async def pressed(port: int, requests: Iterator[bytes], at_once: int, seconds: float) -> float:
    """Requests a second that were answered with 200, over `at_once` connections that each wait for their answer."""
    end = time.perf_counter() + seconds
    taken: deque[int] = deque()
    begun = time.perf_counter()
    await asyncio.gather(*(_one_line(port, requests, end, taken) for _ in range(at_once)))
    if set(taken) != {200}:
        raise SystemExit(f"the server answered {sorted(set(taken))}, which was to be 200")
    return len(taken) / (time.perf_counter() - begun)


async def _one_line(port: int, requests: Iterator[bytes], end: float, taken: deque[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < end:
        writer.write(next(requests))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
        taken.append(int(head[9:12]))
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def bolt_alone(slack: SlackServer) -> AsyncIterator[int]:
    """The port of a Bolt app with one empty listener, on the web server that winwin runs on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.bolt_alone", slack.api_url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()
