"""How fast on Slack: acknowledgements while the model works, a suggestion next to the web community's, and HTTP next to
a Bolt app that does nothing. `chrt -f 10` before it keeps other work of the machine out of the figures."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from adapters.loop import run as run_on_loop
from adapters.web.desk import hand_over
from bench.scene import Scene, chatter, fill, posted, questions, scene
from bench.speed import RESOURCES, percentile
from bench.workspace import PEOPLE, Beside, beside, bolt_alone, copied, pressed, request

PATIENCE = 0.5  # seconds after which the bot was silent
SETTLES = 0.03  # seconds that it has to write down what it did
WARM = 8  # questions that are not counted
console = Console()


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    seconds: float = 20.0  # of the stream
    questions: int = 200
    windows: int = 3  # pairs, of chatter
    window: float = 5.0  # seconds of one


# --- acknowledgements -----------------------------------------------------------------------------------------


async def acknowledged(there: Beside, size: Size, rate: int = 50) -> None:
    """A steady stream, every second message a need: when does Slack hear that each was taken?"""
    talk, asks = chatter(), questions()
    acks: list[float] = []
    strangers: list[float] = []  # of people who are new to the bot: it asks Slack who they are

    async def one(number: int) -> None:
        text = asks[number % len(asks)] if number % 2 else f"{talk[number % len(talk)]} {number}"
        event = there.slack.message(number, text)
        begun = time.perf_counter()
        if there.slack.request_url:
            status, _ = await there.slack.request(event)
            assert status == 200, f"answered {status}"
        else:
            envelope = await there.slack.send(event)
            await asyncio.wait_for(envelope.acked.wait(), 10)
        acks.append(time.perf_counter() - begun)
        if number < PEOPLE:
            strangers.append(acks[-1])

    begun, worked = time.perf_counter(), there.worked()
    tasks = []
    for number in range(int(rate * size.seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    took = time.perf_counter() - begun
    share = (there.worked() - worked) / took
    later = await there.worked_off()
    way = "signed HTTP" if there.slack.request_url else "Socket Mode"
    table = Table(title=f"{way}: {rate} events a second for {took:.0f} s, half of them needs")
    first = "acknowledged p50 / p95 / p99 / most ms"
    for column in (first, "goal p99", "of newcomers p99 ms", "processor busy", "worked off later by"):
        table.add_column(column, justify="right")
    told = " / ".join(f"{value * 1e3:.1f}" for value in (*(percentile(acks, p) for p in (50, 95, 99)), max(acks)))
    new = f"{percentile(strangers, 99) * 1e3:.1f}"
    table.add_row(told, "< 300", new, f"{share:.0%} of a core", f"{later:.1f} s")
    console.print(table)


# --- suggestions ----------------------------------------------------------------------------------------------

Lane = Callable[[int, str], Awaitable[float | None]]


async def suggested(s: Scene, there: Beside, size: Size) -> None:
    """The same questions into the desk alone, into the web community and into Slack, by turns: seconds until out."""

    async def desk(number: int, text: str) -> float | None:
        said = s.mouth.expect(number)
        begun = time.perf_counter()
        await s.desk.receive([posted(number, text)])
        return await _until(said, begun)

    async def web(number: int, text: str) -> float | None:
        begun = time.perf_counter()
        now = datetime.now(UTC)
        post = await s.community.chat.add(channel="general", author=f"u{number % 50}", at=now, text=text)
        said = s.mouth.expect_under(post.id)
        await hand_over(post, s.community.chat, s.desk.receive, s.community.viewers)
        return await _until(said, begun)

    async def slack(number: int, text: str) -> float | None:
        event = there.slack.message(number, text)
        said = there.slack.expect(event["event"]["ts"])
        begun = time.perf_counter()
        await there.slack.send(event)
        return await _until(said, begun)

    await _greeted(there)
    lanes: list[Lane] = [desk, web, slack]
    found: list[list[float]] = []
    for number, text in enumerate(questions()[: size.questions + WARM]):
        times = {}
        for turn in range(len(lanes)):
            lane = (turn + number) % len(lanes)
            took = await lanes[lane](number, text)
            await s.desk.settle()
            await asyncio.sleep(SETTLES)
            if took is None:
                break  # what it is silent on here it is silent on elsewhere
            times[lane] = took
        if number >= WARM and len(times) == len(lanes):
            found.append([times[lane] for lane in sorted(times)])
    table = Table(title=f"Event in to suggestion out, {len(s.community.library):,} resources, {len(found)} questions")
    for column in ("", "desk alone ms", "web ms", "Slack ms", "Slack to web", "goal", "Slack to desk alone"):
        table.add_column(column, justify="right")
    for share in (50, 95):
        a, b, c = (percentile([row[lane] for row in found], share) for lane in range(3))
        told = [f"{value * 1e3:.1f}" for value in (a, b, c)]
        table.add_row(f"p{share}", *told, f"{c / b:.2f}", "≤ 1.3", f"{c / a:.2f}")
    console.print(table)


async def _until(said: asyncio.Future[float], begun: float) -> float | None:
    try:
        return await asyncio.wait_for(said, PATIENCE) - begun
    except TimeoutError:
        return None  # the bot was silent


async def _greeted(there: Beside) -> None:
    """Everybody has said something before: who they are is known."""
    for number in range(PEOPLE):
        envelope = await there.slack.send(there.slack.message(number, f"good morning {number}"))
        await asyncio.wait_for(envelope.acked.wait(), 10)
    await there.worked_off()


# --- HTTP -----------------------------------------------------------------------------------------------------


async def accepted(there: Beside, size: Size, at_once: int = 64) -> None:
    """Chatter as fast as it is taken, into winwin and into an empty Bolt app, by turns."""
    requests = _signed_chatter(there)
    shares: list[float] = []
    async with bolt_alone(there.slack) as port:
        for target in (there.winwin.port, port):  # who they are is known then
            await pressed(target, requests, at_once, size.window / 2)
        rates: list[tuple[float, float]] = []
        later: list[float] = []
        for _ in range(size.windows):
            later.append(await there.worked_off())
            mine = time.process_time()
            ours = await pressed(there.winwin.port, requests, at_once, size.window)
            shares.append((time.process_time() - mine) / size.window)
            later.append(await there.worked_off())
            rates.append((ours, await pressed(port, requests, at_once, size.window)))
    table = Table(title=f"Signed HTTP: events of chatter a second, {at_once} at once, {size.windows} pairs")
    for column in ("winwin", "empty Bolt app", "share", "goal", "all worked off later by", "the sender was busy"):
        table.add_column(column, justify="right")
    pairs = [f"{a / b:.0%}" for a, b in rates]
    a, b = median(one for one, _ in rates), median(two for _, two in rates)
    share = f"{median(x / y for x, y in rates):.0%} ({', '.join(pairs)})"
    table.add_row(f"{a:.0f}", f"{b:.0f}", share, "≥ 70 %", f"{max(later):.1f} s", f"{median(shares):.0%}")
    console.print(table)


def _signed_chatter(there: Beside) -> Iterator[bytes]:
    talk = chatter()
    for number in count():
        yield request(there.slack.message(number, f"{talk[number % len(talk)]} {number}"))


# --- all of it ------------------------------------------------------------------------------------------------


async def measured(database: Path, folder: Path, size: Size, parts: str) -> None:
    own = copied(database, folder) / "winwin.db"  # what is measured leaves questions behind
    if "b" in parts:
        async with beside(database, folder, signed=False) as there, scene(own, web=True) as s:
            await suggested(s, there, size)
    if "a" in parts:
        async with beside(database, folder, signed=False) as there:
            await acknowledged(there, size)
    for part, measure in (("a", acknowledged), ("c", accepted)):
        if part in parts:
            async with beside(database, folder, signed=True) as there:
                await measure(there, size)


def run(folder: Path, size: Size = Size(), parts: str = "abc", resources: int = RESOURCES) -> None:
    """`folder` may hold the database of an earlier run."""
    database = folder / "slack.db"
    if not database.exists():
        asyncio.run(fill(database, resources))
    run_on_loop(measured(database, folder, size, parts))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.slack", description=__doc__)
    parser.add_argument("--parts", default="abc", help="a: acknowledgements, b: suggestions, c: HTTP next to Bolt")
    parser.add_argument("--folder", type=Path, help="keeps the database of an earlier run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(given.folder or Path(folder), parts=given.parts)


if __name__ == "__main__":
    main()
