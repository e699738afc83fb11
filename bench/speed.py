"""How fast: a suggestion next to the bare embedding of its text, a stream of chatter, a burst, an import, a start."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from adapters.embedders import load_embedder
from adapters.loop import run as run_on_loop
from bench.scene import Scene, chatter, fill, invented, posted, questions, scene
from knowledge.resources import to_row
from knowledge.ways_in import ways_in

RESOURCES = 10_000
PACKAGES = ("adapters", "bot", "knowledge", "samples")
CRISIS = "I have the pills in my hand and I am going to take them all now"
console = Console()


def percentile(values: list[float], share: int) -> float:
    return quantiles(values, n=100, method="inclusive")[share - 1]


async def suggestion(s: Scene) -> None:
    """Message in to suggestion out, next to the bare embedding of the same text, one after the other."""
    embedder = await s.community.model.embedder()
    bare: list[float] = []
    whole: list[float] = []
    for number, text in enumerate(questions()):
        started = time.perf_counter()
        await asyncio.to_thread(embedder.embed, [text])
        alone = time.perf_counter() - started
        said = s.mouth.expect(number)
        begun = time.perf_counter()
        await s.desk.receive([posted(number, text)])
        try:
            at = await asyncio.wait_for(said, 0.5)
        except TimeoutError:
            continue  # the bot was silent
        bare.append(alone)
        whole.append(at - begun)
        await s.desk.settle()
    table = Table(title=f"Message in to suggestion out, {len(s.community.library):,} resources, {len(whole)} questions")
    for column in ("", "bare embedding ms", "message to suggestion ms", "ratio", "goal"):
        table.add_column(column, justify="right")
    for share, goal in ((50, 1.5), (95, 2.5)):
        a, b = percentile(bare, share), percentile(whole, share)
        table.add_row(f"p{share}", f"{a * 1e3:.1f}", f"{b * 1e3:.1f}", f"{b / a:.2f}", f"≤ {goal}")
    console.print(table)


async def stream(s: Scene, rate: int = 200, seconds: int = 15) -> None:
    """A steady stream, one message in twenty a need: does a queue grow?"""
    talk, asks = chatter(), questions()
    acks: list[float] = []
    waiting: list[int] = []

    async def one(number: int) -> None:
        text = asks[number % len(asks)] if number % 20 == 0 else f"{talk[number % len(talk)]} {number}"
        begun = time.perf_counter()
        await s.desk.receive([posted(100_000 + number, text, number % 500, f"s{number % 20}")])
        acks.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    tasks = []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
        if number % rate == rate - 1:
            async with s.community.store.read() as tx:
                waiting.append(await tx.inbox.waiting())
    await asyncio.gather(*tasks)
    offered = time.perf_counter() - begun
    await s.desk.settle()
    total = time.perf_counter() - begun
    table = Table(title=f"{rate} messages a second for {seconds} s, one in twenty a need")
    for column in (
        "acknowledged p50 / p99 ms",
        "waiting at the end of each second",
        "worked off after",
        "ratio to the stream",
    ):
        table.add_column(column)
    line = " ".join(map(str, waiting))
    ack = f"{percentile(acks, 50) * 1e3:.1f} / {percentile(acks, 99) * 1e3:.1f}"
    table.add_row(ack, line, f"{total:.1f} s of {offered:.1f} s", f"{total / offered:.2f} (goal: near 1)")
    console.print(table)


async def burst(s: Scene, count: int = 5_000) -> None:
    """Everything at once, a crisis now and then: acknowledged at once, crises first."""
    talk, asks = chatter(), questions()
    texts = [
        CRISIS if n % 500 == 250 else asks[n % len(asks)] if n % 20 == 0 else f"{talk[n % len(talk)]} {n}"
        for n in range(count)
    ]
    events = [posted(500_000 + n, text, n % 500, f"b{n % 20}") for n, text in enumerate(texts)]
    begun = time.perf_counter()
    await asyncio.gather(*(s.desk.receive([event]) for event in events))
    acked = time.perf_counter() - begun
    alerts = sum(text == CRISIS for text in texts)
    while True:
        async with s.community.store.read() as tx:
            if len(await tx.alerts.open()) >= alerts:
                break
        await asyncio.sleep(0.02)
    paged = time.perf_counter() - begun
    await s.desk.settle()
    done = time.perf_counter() - begun
    table = Table(title=f"A burst of {count:,} messages, {alerts} of them crises")
    for column in ("all acknowledged", "last crisis alerted", "all worked off", "messages a second"):
        table.add_column(column)
    table.add_row(f"{acked:.1f} s", f"{paged:.1f} s", f"{done:.1f} s", f"{count / done:.0f}")
    console.print(table)


def importing(folder: Path, count: int = 600) -> None:
    """`winwin import` next to the model's own batch speed on the same texts, and a second import of the same file."""
    file = folder / "import.jsonl"
    resources = invented(count, seed=7)
    file.write_text("".join(json.dumps(to_row(r)) + "\n" for r in resources), encoding="utf-8")
    embedder = load_embedder()
    texts = sorted({t for r in resources for t in ways_in(r).texts()}, key=len)
    embedder.embed(texts[:32])
    begun = time.perf_counter()
    embedder.embed(texts)
    bare = time.perf_counter() - begun
    runs = [_timed_import(folder, file) for _ in range(2)]
    empty = _timed_import(folder, _empty(folder))
    table = Table(title=f"Import of {count} resources ({len(texts):,} texts to embed)")
    for column in ("model alone", "first import", "second import", "share of the model's speed", "goal"):
        table.add_column(column)
    share = bare / (runs[0] - empty)
    table.add_row(
        f"{bare:.1f} s", f"{runs[0]:.1f} s", f"{runs[1]:.1f} s", f"{share:.0%} (less {empty:.1f} s start)", "≥ 90 %"
    )
    console.print(table)


def _empty(folder: Path) -> Path:
    file = folder / "one.jsonl"
    file.write_text(json.dumps(to_row(invented(1, seed=9)[0])) + "\n", encoding="utf-8")
    return file


def _timed_import(folder: Path, file: Path) -> float:
    begun = time.perf_counter()
    command = [_winwin(), "import", "--database", str(folder / "import.db"), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def _winwin() -> str:
    return str(Path(sys.executable).with_name("winwin"))


def start(path: Path) -> None:
    """`winwin run --local` until ready, with its memory; `winwin --help`; and what the start is made of. The middle of
    five and of three runs."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", *PACKAGES], check=True)  # as set-up does
    helps = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([_winwin(), "--help"], check=True, capture_output=True)
        helps.append(time.perf_counter() - begun)
    starts = sorted((_one_start(path) for _ in range(3)), key=lambda one: one.ready)
    middle = starts[1]
    table = Table(title=f"Start with {RESOURCES:,} resources already embedded")
    for column in ("winwin --help", "page answers", "ready", "resident"):
        table.add_column(column)
    page, memory = median(one.page for one in starts), median(one.megabytes for one in starts)
    table.add_row(f"{median(helps):.2f} s", f"{page:.1f} s", f"{middle.ready:.1f} s", f"{memory:.0f} MB")
    table.add_row("goal ≤ 0.3 s", "before ready", "≤ 3 s", "≤ 400 MB")
    console.print(table)
    console.print(_parts(middle))


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until a page answered and until ready, megabytes then, and its steps as the log tells them."""

    page: float
    ready: float
    megabytes: float
    steps: list[dict[str, Any]]


def _one_start(path: Path) -> Start:
    log = path.with_suffix(".start.log")
    begun = time.perf_counter()
    command = [_winwin(), "run", "--local", "--database", str(path)]
    environment = {**os.environ, "WINWIN_PORT": "8377"}
    with log.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        page = _until(process, "http://127.0.0.1:8377/healthz", begun)
        ready = _told(process, log, begun)
        _until(process, "http://127.0.0.1:8377/readyz", begun)
        memory = _resident(process.pid)
    finally:
        process.terminate()
        process.wait(20)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    return Start(page, ready, memory, next(line["steps"] for line in lines if line["event"] == "ready"))


def _parts(start: Start) -> Table:
    """What it is made of. Steps that overlap ran in threads beside each other."""
    table = Table(title="What the start is made of")
    for column in ("step", "from s", "takes s", "MB after it"):
        table.add_column(column, justify="left" if column == "step" else "right")
    for step in start.steps:
        table.add_row(step["name"], f"{step['begins']:.2f}", f"{step['takes']:.2f}", str(step["megabytes"]))
    table.add_row("ready, as seen from outside", "", f"{start.ready:.2f}", f"{start.megabytes:.0f}")
    return table


def _told(process: subprocess.Popen[bytes], log: Path, begun: float) -> float:
    """When the log says `ready`: asking for a page again and again would take the start's time."""
    while time.perf_counter() - begun < 120 and process.poll() is None:
        if '"event": "ready"' in log.read_text(encoding="utf-8"):
            return time.perf_counter() - begun
        time.sleep(0.01)
    raise SystemExit("winwin run did not become ready; start it by hand to see why")


def _until(process: subprocess.Popen[bytes], url: str, begun: float) -> float:
    while time.perf_counter() - begun < 120:
        if process.poll() is not None:
            raise SystemExit("winwin run ended; start it by hand to see why")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return time.perf_counter() - begun
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.02)
    raise SystemExit(f"{url} did not answer within two minutes")


def _resident(pid: int) -> float:
    """Megabytes of physical memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def in_process(path: Path) -> None:
    async with scene(path) as s:
        await suggestion(s)
        await stream(s)
        await burst(s)


def run(folder: Path) -> None:
    path = folder / "bench.db"
    asyncio.run(fill(path, RESOURCES))
    start(path)
    run_on_loop(in_process(path))
    importing(folder)
