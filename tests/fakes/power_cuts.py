"""A life on a disk that is recorded, and the same life taken up again from what that disk may have held at some moment.
One process, which is the test's own: what it loses in memory it loses by beginning anew."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from adapters.storage.database import Database
from bot.cards import Address, Card, Posted
from bot.events import Place, PlatformEvent
from bot.helpdesk import HelpDesk
from bot.ports import DeliveryError
from tests.fakes.clock import MovableClock
from tests.fakes.history import file_rows
from tests.fakes.lean import desk_of
from tests.fakes.played_out import Life
from tests.fakes.power import Recorder, recording
from tests.fakes.square import Square
from tests.fakes.tables import tables
from tests.fakes.townsfolk import Townsfolk, move_in

FILE = "winwin.db"


class Room(Square):
    """See Square; without lines: the desk is in the same room."""

    desk: HelpDesk

    async def tell(self, event: PlatformEvent, within: float = 20.0) -> bool:
        await self.desk.receive([event])
        return True


class RoomMessenger:
    """See bot.ports.Messenger."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        return self._room.send(to, card, key, tried)

    async def send_picture(self, to: Address, card: Card, png: bytes, alt: str, key: str, *, tried: int = 0) -> Posted:
        return await self.send(to, card, key, tried=tried)

    async def revise(self, posted: Posted, card: Card) -> None:
        if self._room.revise(posted, card) is not True:
            raise DeliveryError("that card is not there", permanent=True)

    def link(self, place: Place) -> str:
        return f"https://example.org/{place.key}"


@dataclass
class House(Life):
    desk: HelpDesk

    async def settled(self) -> None:
        await self.desk.settle()


@asynccontextmanager
async def house(
    folder: Path, clock: MovableClock, chance: random.Random, room: Room, folk: Townsfolk
) -> AsyncIterator[House]:
    store = await Database.open(f"sqlite+aiosqlite:///{folder / FILE}")
    desk, librarian = desk_of(store, clock, RoomMessenger(room))
    room.desk = desk
    await librarian.open()
    await desk.open()
    try:
        yield House(folk, room, clock, file_rows(folder / FILE), chance, desk)
    finally:
        await desk.close()
        await store.close()


@dataclass
class Recorded:
    """What was written, and by which moment people had been told what."""

    disk: Recorder
    clock: MovableClock
    folk: Townsfolk
    room: Room
    marks: list[tuple[int, int, int, int]] = field(default_factory=list)  # moment, acknowledged, asked, tries

    def mark(self) -> None:
        self.marks.append((self.disk.moment, len(self.folk.acknowledged), len(self.folk.asked), len(self.room.tries)))


class Watchful(Room):
    """Notes what people have been told, as soon as they are."""

    recorded: Recorded

    def send(self, to: Address, card: Card, key: str, tried: int) -> Posted:
        posted = super().send(to, card, key, tried)
        self.recorded.mark()
        return posted


class Noting(Townsfolk):
    recorded: Recorded

    def took(self, event: PlatformEvent) -> None:
        super().took(event)
        self.recorded.mark()


async def a_life(folder: Path, chance: random.Random, acts: int) -> Recorded:
    """So many things that people do, while time goes by."""
    file = tables(folder / FILE)
    store = await Database.open(f"sqlite+aiosqlite:///{file}")
    await move_in(store)
    await store.close()
    clock = MovableClock()
    room = Watchful(clock, chance)
    folk = Noting(room, chance)
    with recording(folder) as disk:
        room.recorded = folk.recorded = recorded = Recorded(disk, clock, folk, room)
        recorded.mark()
        async with house(folder, clock, chance, room, folk) as here:
            for _ in range(acts):
                await folk.act()
                if chance.random() < 0.3:
                    clock.move(timedelta(seconds=chance.uniform(0, 300)))
                    await here.settled()
    return recorded


@asynccontextmanager
async def after_a_cut(
    recorded: Recorded, moment: int, files: Sequence[str], folder: Path, chance: random.Random
) -> AsyncIterator[House]:
    """The life as it goes on from what was left of the disk: people know what they had been told by then."""
    _, acknowledged, asked, tries = max(mark for mark in recorded.marks if mark[0] <= moment)
    assert FILE in files, files
    room = Room(recorded.clock, chance)
    room.remember(recorded.room, tries)
    folk = Townsfolk(room, chance)
    folk.remember(recorded.folk, acknowledged, asked)
    clock = MovableClock(recorded.clock.now())
    room.clock = clock
    async with house(folder, clock, chance, room, folk) as here:
        yield here
