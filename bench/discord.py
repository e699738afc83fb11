"""How fast on Discord: a suggestion next to the web community's, and 5,000 missed messages read up on within Discord's
limits. The Discord is the tests' own, in this process; the bot is the real `winwin run` in another."""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from adapters.loop import run as run_on_loop
from adapters.web.desk import hand_over
from bench.scene import Scene, chatter, fill, questions, scene
from bench.slack import PATIENCE, SETTLES, WARM
from bench.speed import RESOURCES, percentile
from bench.workspace import QUIET, copied
from tests.fakes.discord_faults import Bucket
from tests.fakes.discord_guild import peopled
from tests.fakes.discord_interactions import buttons
from tests.fakes.discord_payloads import Json
from tests.fakes.discord_server import TOKEN, DiscordServer
from tests.fakes.winwin_process import Winwin

PEOPLE = 200
POST, HISTORY = "POST /channels/{channel_id}/messages", "GET /channels/{channel_id}/messages"
REAL = {  # Discord's own: five posts, and five pages of a channel, in five seconds
    POST: (5, 5.0),
    HISTORY: (5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": (5, 5.0),
    "POST /users/@me/channels": (10, 60.0),
}
CRISIS = "I can't do this any more. I want to kill myself tonight."
ASKS = 50  # every so manieth missed message is a question
LONGEST = 900.0  # seconds that reading up may take here
console = Console()


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    questions: int = 150
    missed: int = 5_000
    channels: int = 50


class Server(DiscordServer):
    """`said` is told when the first suggestion in a thread arrives."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.rooms = [f"2100000000000{number:05d}" for number in range(channels)]
        self.said: dict[str, asyncio.Future[float]] = {}
        peopled(self.realm)
        for number in range(PEOPLE):
            self.realm.enter(person(number), f"person {number}")
        for number, room in enumerate(self.rooms):
            self.realm.open_channel(room, f"channel-{number}")

    def room(self, number: int) -> str:
        return self.rooms[number % len(self.rooms)]

    def _method(self, call: str, ids: dict[str, str], asked: Json) -> Any:
        waiting = self.said.get(ids.get("channel_id", "")) if call == POST else None
        if waiting is not None and not waiting.done() and "Read it" in buttons(asked):
            waiting.set_result(time.perf_counter())
        return super()._method(call, ids, asked)


def person(number: int) -> str:
    return f"3100000000000{number % PEOPLE:05d}"


@dataclass(frozen=True, slots=True)
class Beside:
    """The bot as a process of its own, and the Discord it is on."""

    discord: Server
    winwin: Winwin
    folder: Path

    async def read_up(self) -> None:
        """Until the bot has asked for nothing for a while."""
        while time.monotonic() - self.discord.calls[-1].at < QUIET:  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(0.2)

    def rows(self, question: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "winwin.db")) as database:
            return database.execute(question).fetchall()

    def waiting(self) -> int:
        return int(self.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL AND parked_at IS NULL")[0][0])


@asynccontextmanager
async def beside(database: Path, folder: Path, size: Size) -> AsyncIterator[Beside]:
    folder = copied(database, folder)
    discord = Server(size.channels)
    runner = await discord.start()
    urls = {"DISCORD_API_URL": discord.api_url, "DISCORD_GATEWAY_URL": discord.gateway_url}
    winwin = Winwin(folder, {"DISCORD_TOKEN": TOKEN, **urls})
    try:
        await winwin.start()
        there = Beside(discord, winwin, folder)
        await there.read_up()
        yield there
    finally:
        await winwin.stop()
        await discord.stop(runner)


# --- suggestions ----------------------------------------------------------------------------------------------

Lane = Callable[[int, str], Awaitable[float | None]]


async def suggested(s: Scene, there: Beside, size: Size) -> None:
    """The same questions into the web community and into Discord, by turns: seconds until out."""

    async def web(number: int, text: str) -> float | None:
        begun = time.perf_counter()
        post = await s.community.chat.add(channel="general", author=f"u{number % 50}", at=datetime.now(UTC), text=text)
        said = s.mouth.expect_under(post.id)
        await hand_over(post, s.community.chat, s.desk.receive, s.community.viewers)
        return await _until(said, begun)

    async def discord(number: int, text: str) -> float | None:
        realm, begun = there.discord.realm, time.perf_counter()
        message = realm.post(there.discord.room(number), person(number), {"content": text}, heard=False)
        said = there.discord.said[message["id"]] = asyncio.get_running_loop().create_future()
        there.discord.gateway.emit("MESSAGE_CREATE", realm.heard(message))
        return await _until(said, begun)

    for number in range(PEOPLE):  # who they are is known then
        there.discord.people_say(person(number), f"good morning {number}", there.discord.room(number))
    await there.read_up()
    lanes: list[Lane] = [web, discord]
    found: list[list[float]] = []
    for number, text in enumerate(questions()[: size.questions + WARM]):
        times: dict[int, float] = {}
        for turn in range(2):
            lane = (turn + number) % 2
            took = await lanes[lane](number, text)
            await s.desk.settle()
            await asyncio.sleep(SETTLES)
            if took is None:
                break  # what it is silent on here it is silent on elsewhere
            times[lane] = took
        if number >= WARM and len(times) == 2:
            found.append([times[0], times[1]])
    table = Table(title=f"Event in to suggestion out, {len(s.community.library):,} resources, {len(found)} questions")
    for column in ("", "web ms", "Discord ms", "Discord to web", "goal"):
        table.add_column(column, justify="right")
    for share in (50, 95):
        a, b = (percentile([row[lane] for row in found], share) for lane in range(2))
        table.add_row(f"p{share}", f"{a * 1e3:.1f}", f"{b * 1e3:.1f}", f"{b / a:.2f}", "≤ 1.3" if share == 50 else "")
    console.print(table)


async def _until(said: asyncio.Future[float], begun: float) -> float | None:
    try:
        return await asyncio.wait_for(said, PATIENCE) - begun
    except TimeoutError:
        return None


# --- reading up -----------------------------------------------------------------------------------------------


async def caught_up(there: Beside, size: Size) -> None:
    """The bot was away; it comes back to thousands of messages and to Discord's own limits."""
    discord, talk, asks = there.discord, chatter(), questions()
    await there.winwin.stop()
    crisis = ""
    for number in range(size.missed):
        text = asks[number % len(asks)] if number % ASKS == 0 else f"{talk[number % len(talk)]} {number}"
        message = discord.people_say(
            person(number), text if number != size.missed // 2 else CRISIS, discord.room(number)
        )
        crisis = message["id"] if number == size.missed // 2 else crisis
    discord.limits.of |= REAL
    discord.limits.whole = Bucket(50, 1.0)
    before = len(discord.calls)
    last = int(there.rows("SELECT coalesce(max(id), 0) FROM inbox")[0][0])
    begun = time.monotonic()
    await there.winwin.start()
    read = await _read_by(there, last, size.missed)
    while there.waiting() and time.monotonic() - begun < LONGEST:  # noqa: ASYNC110 -- it is another process
        await asyncio.sleep(0.2)
    handled = time.monotonic()
    calls = discord.calls[before:]
    pages = [call for call in calls if call.call == HISTORY]
    table = Table(title=f"{size.missed:,} missed messages in {size.channels} channels, Discord's own limits")
    columns = (
        "read after s",
        "all handled after s",
        "calls",
        "pages",
        "429s",
        "out of order",
        "handled while the crisis waited",
    )
    for column in columns:
        table.add_column(column, justify="right")
    refused = sum(call.status == 429 for call in calls)
    odd, ahead = _order(there, last, crisis)
    figures = (f"{read - begun:.1f}", f"{handled - begun:.1f}", len(calls), len(pages), refused, odd, ahead)
    table.add_row(*(str(figure) for figure in figures))
    console.print(table)
    for call in calls:
        if call.status == 429:
            console.print(f"429: {call.call} {dict(call.ids)}")


async def _read_by(there: Beside, last: int, many: int) -> float:
    """The moment at which all of it stood in the inbox."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if int(there.rows(f"SELECT count(*) FROM inbox WHERE id > {last}")[0][0]) >= many:
            break
        await asyncio.sleep(0.1)
    return time.monotonic()


def _order(there: Beside, last: int, crisis: str) -> tuple[int, int]:
    """Messages of a channel that were taken before an older one, and those handled when the crisis had been read and
    was not handled."""
    rows = there.rows(f"SELECT key, received_at, handled_at FROM inbox WHERE id > {last} ORDER BY id")
    newest: dict[str, int] = {}
    odd = 0
    for key, _, _ in rows:
        *_, channel, message = _ids(key)
        odd += message < newest.get(str(channel), 0)
        newest[str(channel)] = max(message, newest.get(str(channel), 0))
    taken = {str(_ids(key)[-1]): (read, handled) for key, read, handled in rows if handled}
    read, handled = taken[crisis]
    return odd, sum(read < at < handled for _, at in taken.values())


def _ids(key: str) -> list[int]:
    return [int(part) for part in key.split(":") if part.isdigit()]


# --- all of it ------------------------------------------------------------------------------------------------


async def measured(database: Path, folder: Path, size: Size, parts: str) -> None:
    own = copied(database, folder) / "winwin.db"  # what is measured leaves questions behind
    if "a" in parts:
        async with beside(database, folder, size) as there, scene(own, web=True) as s:
            await suggested(s, there, size)
    if "b" in parts:
        async with beside(database, folder, size) as there:
            await caught_up(there, size)


def run(folder: Path, size: Size = Size(), parts: str = "ab", resources: int = RESOURCES) -> None:
    """`folder` may hold the database of an earlier run."""
    database = folder / "slack.db"
    if not database.exists():
        asyncio.run(fill(database, resources))
    run_on_loop(measured(database, folder, size, parts))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.discord", description=__doc__)
    parser.add_argument("--parts", default="ab", help="a: suggestions, b: reading up")
    parser.add_argument("--folder", type=Path, help="keeps the database of an earlier run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(given.folder or Path(folder), parts=given.parts)


if __name__ == "__main__":
    main()
