"""winwin's core as a process of its own that starts in a moment: the real desk, the real ticks and the real storage,
with a mind that needs no model, on a platform (tests/fakes/square.py) at the other end of a socket.

What the platform tells is acknowledged when it is committed; what is said there is told to it, with the key of its
wish and how often it was tried before.
"""

from __future__ import annotations

import asyncio
import mmap
import pickle
import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.scheduler import Scheduler, Tick
from adapters.storage.database import Database
from adapters.storage.errors import StorageError
from bot.cards import Address, Card, Posted
from bot.events import Place
from bot.helpdesk import HelpDesk, House, Outside
from bot.judging import Judge
from bot.librarian import Librarian
from bot.policy import Policy
from bot.ports import Clock, DeliveryError, Messenger
from knowledge.search import Library
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage
from tests.fakes.values import NOON

TICKING = timedelta(seconds=0.2)
MINUTE = timedelta(minutes=1)
QUICK = Policy(  # lives of questions in minutes, so that a few hours of a clock that is moved see all of them
    self_serve=MINUTE,
    offer=3 * MINUTE,
    wait_for_peers=2 * MINUTE,
    claim=10 * MINUTE,
    claim_warning=2 * MINUTE,
    ask_helped_after=5 * MINUTE,
    close_after=60 * MINUTE,
    reminder=60 * MINUTE,
    ask_again_after=30 * MINUTE,
    offers_per_question=3,
)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a process works: its database, the platform's socket, the clock's file."""

    url: str
    square: str
    clock: str


class HandClock:
    """See bot.ports.Clock. Goes on by itself, and as far ahead as a file says that all processes share."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(struct.pack("d", 0.0) * 2)
        with file.open("r+b") as opened:
            self._ahead = mmap.mmap(opened.fileno(), 16)
        if self._read(8) == 0.0:
            self._write(8, time.time())

    def now(self) -> datetime:
        seconds = time.time() - self._read(8) + self._read(0)
        return (NOON + timedelta(seconds=seconds)).astimezone(UTC)

    def move(self, by: timedelta) -> None:
        self._write(0, self._read(0) + by.total_seconds())

    def _read(self, at: int) -> float:
        return float(struct.unpack_from("d", self._ahead, at)[0])

    def _write(self, at: int, value: float) -> None:
        struct.pack_into("d", self._ahead, at, value)


async def read_frame(reader: asyncio.StreamReader) -> Any:
    """Raises IncompleteReadError when the other end is gone."""
    (size,) = struct.unpack("!I", await reader.readexactly(4))
    return pickle.loads(await reader.readexactly(size))


def write_frame(writer: asyncio.StreamWriter, frame: object) -> None:
    body = pickle.dumps(frame)
    writer.write(struct.pack("!I", len(body)) + body)


class SquareMessenger:
    """See bot.ports.Messenger: tells the platform at the other end, and waits for its answer."""

    def __init__(self) -> None:
        self.writer: asyncio.StreamWriter | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._count = 0

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        posted = await self._ask("send", to, card, key, tried)
        assert isinstance(posted, Posted)
        return posted

    async def send_picture(self, to: Address, card: Card, png: bytes, alt: str, key: str, *, tried: int = 0) -> Posted:
        return await self.send(to, card, key, tried=tried)

    async def revise(self, posted: Posted, card: Card) -> None:
        await self._ask("revise", posted, card)

    def link(self, place: Place) -> str:
        return f"https://example.org/{place.key}"

    def answered(self, number: int, answer: Any) -> None:
        future = self._asked.pop(number)
        if isinstance(answer, str):
            future.set_exception(DeliveryError(answer, permanent=False))
        else:
            future.set_result(answer)

    async def _ask(self, *what: object) -> Any:
        self._count += 1
        future = self._asked[self._count] = asyncio.get_running_loop().create_future()
        assert self.writer is not None
        write_frame(self.writer, (what[0], self._count, *what[1:]))
        return await future


def desk_of(store: Database, clock: Clock, mouth: Messenger) -> tuple[HelpDesk, Librarian]:
    """The real desk, with a mind that needs no model."""
    model, triage = ToyModel(), ToyTriage()
    library = Library(DIMENSION, ToyConfidence())  # type: ignore[arg-type]  # a fake of the same shape
    librarian = Librarian(library, model, "toy", store)
    judge = Judge(triage, librarian, model, QUICK, ToyEar())  # type: ignore[arg-type]
    outside = Outside(store, clock, {"web": mouth}, triage, judge, librarian, ())  # type: ignore[arg-type]
    return HelpDesk(outside, House(QUICK, community="home")), librarian


async def work(seat: Seat) -> None:
    """Until the platform goes away, or the process is killed."""
    store = await Database.open(seat.url)
    if store.shared:
        await store.join()
    mouth = SquareMessenger()
    desk, librarian = desk_of(store, HandClock(Path(seat.clock)), mouth)
    steps = (desk.handle_one, desk.keep_hold, desk.fire_deadline, desk.deliver_one)
    scheduler = Scheduler([Tick(step.__name__, step, TICKING) for step in steps])
    store.on_news = lambda word: scheduler.nudge("deliver_one") if word == "outbox" else None
    await librarian.open()
    await desk.open()
    reader, mouth.writer = await asyncio.open_unix_connection(seat.square)
    scheduler.start()
    await _listen(reader, mouth.writer, mouth, desk)
    await scheduler.stop()
    await desk.close()
    await store.close()


async def _listen(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mouth: SquareMessenger, desk: HelpDesk
) -> None:
    under_way: set[asyncio.Task[None]] = set()

    async def take(number: int, event: Any) -> None:
        try:
            await desk.receive([event])
        except StorageError:  # the database is away: whoever told us may tell us again
            write_frame(writer, ("taken", number, False))
        else:
            write_frame(writer, ("taken", number, True))

    try:
        while True:
            kind, number, what = await read_frame(reader)
            if kind == "fact":
                task = asyncio.create_task(take(number, what))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            else:
                mouth.answered(number, what)
    except (asyncio.IncompleteReadError, ConnectionError):
        await asyncio.gather(*under_way, return_exceptions=True)
