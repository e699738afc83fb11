"""Deciding is cheap: whom to ask among 10,000 volunteers while 10,000 questions are open, and a tick with nothing due.
On both databases; a choice is timed inside a transaction of its own, as the running bot makes it."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from adapters.storage.database import Database
from bench.speed import percentile
from bot.community import MemberRecord, Role, Skill, VolunteerSettings
from bot.effects import OfferQuestion
from bot.events import PersonRequested, Place
from bot.policy import Policy
from bot.post import Wish
from bot.question import Question, Status
from bot.quiet import Quiet
from bot.recollection import Recollection
from bot.routing import Kind
from bot.steps import Steps
from tests.fakes.clock import MovableClock
from tests.fakes.postgres_server import postgres_server

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/Madrid", "Europe/London")
TOPICS = tuple(f"topic-{n}" for n in range(14))
HOLDING = 0.2  # of the open questions so many are held by somebody
DIMENSION = 384
BATCH = 500
BEAT = 0.001
CHOICE, TICK = 5.0, 2.0  # milliseconds that may be needed
console = Console()


@dataclass(frozen=True, slots=True)
class Size:
    volunteers: int = 10_000
    questions: int = 10_000
    choices: int = 200


def _member(n: int) -> str:
    return f"web:home:v{n}"


def _question(n: int, rng: random.Random, size: Size) -> Question:
    held = n < HOLDING * size.questions
    return Question(
        id=f"q{n}",
        community="home",
        place=Place("web", "home", "help", str(n), str(n)),
        asker=f"web:home:a{n}",
        asker_person=f"p-a{n}",
        text="How do others manage this?",
        language="en",
        topics=tuple(rng.sample(TOPICS, 2)),
        medical=rng.random() < 0.1,
        urgent=False,
        private=False,
        asked_at=NOON - timedelta(hours=rng.random() * 48),
        status=Status.CLAIMED if held else Status.OPEN,
        claimed_by=_member(rng.randrange(size.volunteers)) if held else "",
        deadline=NOON + timedelta(days=2),
    )


async def _fill(database: Database, size: Size) -> None:
    """Volunteers with hours, limits, topics and what they are known for; questions; a week of cards."""
    rng, noise = random.Random(1), np.random.default_rng(1)
    for first in range(0, size.volunteers, BATCH):
        async with database.begin() as tx:
            for n in range(first, min(first + BATCH, size.volunteers)):
                start, end = rng.choice((21, 22, 23)), rng.choice((6, 7, 8))
                quiet = tuple(Quiet(day, clock_time(start), clock_time(end)) for day in range(7))
                kind = Kind.CLINICIAN if rng.random() < 0.1 else Kind.PARENT
                topics = frozenset(rng.sample(TOPICS, rng.randrange(4)))
                zone, cap = rng.choice(ZONES), rng.randrange(2, 8)
                languages = frozenset({"en", "es"} if rng.random() < 0.2 else {"en"})
                settings = VolunteerSettings(_member(n), kind, topics, languages, zone, quiet, cap, learns=True)
                await tx.volunteers.save(settings)
                roles = frozenset({Role.CLINICIAN} if kind is Kind.CLINICIAN else ())
                await tx.members.save(MemberRecord(_member(n), f"p-v{n}", f"V {n}", roles))
            skilled = [n for n in range(first, first + BATCH) if rng.random() < 0.3]
            vectors = noise.standard_normal((len(skilled), DIMENSION)).astype("<f4")
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            pairs = zip(skilled, vectors, strict=True)
            await tx.volunteers.learn([Skill(f"s{n}", _member(n), v.tobytes(), NOON) for n, v in pairs])
    for first in range(0, size.questions, BATCH):
        async with database.begin() as tx:
            for n in range(first, min(first + BATCH, size.questions)):
                await tx.questions.add(_question(n, rng, size))
            sent = [
                OfferQuestion(f"q{n}", _member(rng.randrange(size.volunteers)), 1) for n in range(first, first + BATCH)
            ]
            wishes = [
                Wish(f"w{first}-{n}", f"{e.to}:{e.question}", "web", e.question, e.to, e) for n, e in enumerate(sent)
            ]
            for row in await tx.outbox.add(wishes, NOON - timedelta(days=1), NOON):
                await tx.outbox.delivered(row.id, NOON, None)
    async with database.begin() as tx:
        await tx.members.save(MemberRecord("web:home:moda", "p-moda", "Moda", frozenset({Role.MODERATOR})))


class _Rehearsal(Exception):  # noqa: N818 -- reads as what happened
    """Rolls a choice back, so that each finds the same community."""


async def _choose(database: Database, clock: MovableClock, known: Recollection, n: int) -> tuple[float, str]:
    """Seconds of one decision, with reading the moderators, blocks, the channel and whoever is chosen; and its why."""
    began = 0.0
    why = ""
    try:
        async with database.begin() as tx:
            question = await tx.questions.get(f"q{n}")
            assert question is not None
            steps = Steps(tx, clock, Policy(), clock.now(), known)
            began = time.perf_counter()
            decided = await steps.decided(question, PersonRequested(question.asker))
            began, why = time.perf_counter() - began, decided.why
            assert decided.question.offered_to, why
            raise _Rehearsal
    except _Rehearsal:
        return began, why


async def _read_ahead(database: Database, clock: MovableClock, known: Recollection) -> tuple[float, float]:
    """Seconds until everybody is read in the background, and the longest that anything else had to wait meanwhile."""
    reading = asyncio.create_task(known.roster.refresh(database, clock))
    began = last = time.perf_counter()
    longest = 0.0
    while not reading.done():
        await asyncio.sleep(BEAT)
        longest, last = max(longest, time.perf_counter() - last - BEAT), time.perf_counter()
    await reading
    return last - began, longest


async def measure(url: str, size: Size) -> dict[str, float]:
    """Milliseconds."""
    database = await Database.open(url)
    try:
        await _fill(database, size)
        if database.shared:  # what a server does by itself within a minute; this one is told to leave it
            async with database.begin() as tx:
                await tx.connection.execute(text("ANALYZE"))
        clock, known = MovableClock(NOON), Recollection()
        rng, noise = random.Random(2), np.random.default_rng(2)
        first, _ = await _choose(database, clock, Recollection(), size.questions - 1)  # nobody has read ahead
        read, pause = await _read_ahead(database, clock, known)
        taken = []
        for _ in range(size.choices):
            n = rng.randrange(int(HOLDING * size.questions), size.questions)
            vector = noise.standard_normal(DIMENSION).astype("<f4")
            known.vectors.keep(f"q{n}", (vector / np.linalg.norm(vector)).tobytes())
            clock.move(timedelta(seconds=2))
            taken.append((await _choose(database, clock, known, n))[0])
        ticks = []
        for _ in range(size.choices):
            began = time.perf_counter()
            async with database.read() as tx:
                assert not await tx.questions.due(clock.now(), 32)
                assert not await tx.alerts.due(clock.now(), 32)
            ticks.append(time.perf_counter() - began)
    finally:
        await database.close()
    ms = {
        "first": first,
        "read": read,
        "pause": pause,
        "choose p50": percentile(taken, 50),
        "choose p95": percentile(taken, 95),
    }
    ms |= {"tick p50": percentile(ticks, 50), "tick p95": percentile(ticks, 95)}
    return {name: value * 1e3 for name, value in ms.items()}


def run(folder: Path, size: Size | None = None) -> None:
    size = size or Size()
    shown = Table(title=f"Deciding: {size.volunteers:,} volunteers, {size.questions:,} open questions (ms)")
    columns = ("database", "nobody read ahead", "read ahead", "longest pause", "a choice, p50", "p95")
    for column in (*columns, "a tick with nothing due, p50", "p95"):
        shown.add_column(column, justify="left" if column == "database" else "right", no_wrap=column == "database")
    found = {"SQLite": asyncio.run(measure(f"sqlite+aiosqlite:///{folder / 'routing.db'}", size))}
    with postgres_server() as server:
        server.sql("CREATE DATABASE routing")
        found["PostgreSQL"] = asyncio.run(measure(server.url("routing"), size))
    for name, ms in found.items():
        shown.add_row(name, *(f"{value:.2f}" for value in ms.values()))
    console.print(shown)
    for name, ms in found.items():
        choice, tick = ms["choose p50"] / CHOICE, ms["tick p50"] / TICK
        console.print(
            f"{name}: a choice takes {choice:.2f} of what it may ({CHOICE:g} ms), a tick {tick:.2f} ({TICK:g} ms)"
        )
    console.print(f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--volunteers", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run(Path(scratch), Size(given.volunteers, given.questions))
