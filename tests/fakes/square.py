"""The platform that the processes of tests/fakes/lean.py are on: it tells them what people do, on whichever line is
there, and remembers what was acknowledged and what is shown.

It is as honest as a platform can be: with a key it knows, and a try before, it finds the card again. The same try of
the same wish coming twice is a card twice, and it says so.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.cards import BESIDE, Action, Address, Card, Direct, InThread, OnlyFor, Posted
from bot.events import PlatformEvent
from bot.ports import Clock
from tests.fakes.history import Ask
from tests.fakes.lean import read_frame, write_frame


@dataclass
class Shown:
    to: Address
    card: Card
    posted: Posted

    @property
    def reader(self) -> str:
        """The one it is for; empty when it is for all."""
        return "" if isinstance(self.to, InThread) else self.to.member.key


class Square:
    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self.clock = clock
        self.shown: dict[str, Shown] = {}  # by the key of its wish
        self.fresh: list[Shown] = []  # cards that came or changed, for people to look at
        self.twice: list[str] = []
        self.asks: list[Ask] = []  # who was asked to answer something, and when
        self._chance = chance
        self.tries: dict[tuple[str, int], None] = {}  # what was sent: the key of a wish, and the number of the try
        self._lines: dict[asyncio.StreamWriter, dict[int, asyncio.Future[bool]]] = {}
        self._there = asyncio.Event()
        self._count = 0

    @property
    def lines(self) -> int:
        """How many processes are on it."""
        return len(self._lines)

    async def tell(self, event: PlatformEvent, within: float = 20.0) -> bool:
        """Tell one of the processes; whether it said that it has it. Waits until one is there."""
        try:
            async with asyncio.timeout(within):
                while not self._lines:
                    await self._there.wait()
                line = self._chance.choice(list(self._lines))
                self._count += 1
                said = asyncio.get_running_loop().create_future()
                self._lines[line][self._count] = said
                write_frame(line, ("fact", self._count, event))
                return await said
        except TimeoutError:
            return False

    async def insist(self, event: PlatformEvent) -> None:
        """Tell it until it is acknowledged, as a platform does that delivers again."""
        for _ in range(50):
            if await self.tell(event):
                return
        raise AssertionError(f"nobody takes {event.key}")

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One process, as long as its line is there."""
        self._lines[writer] = {}
        self._there.set()
        try:
            while True:
                kind, number, *what = await read_frame(reader)
                if kind == "taken":
                    said = self._lines[writer].pop(number)
                    if not said.done():
                        said.set_result(bool(what[0]))
                else:
                    answer = self.send(*what) if kind == "send" else self.revise(*what)
                    write_frame(writer, ("answer", number, answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for said in self._lines.pop(writer).values():
                if not said.done():
                    said.set_result(False)
            if not self._lines:
                self._there.clear()
            writer.close()

    def remember(self, other: Square, tries: int) -> None:
        """What was shown there, up to so many tries."""
        self.tries = dict.fromkeys(list(other.tries)[:tries])
        keys = {key for key, _ in self.tries}
        self.shown = {key: replace(shown) for key, shown in other.shown.items() if key in keys}

    def send(self, to: Address, card: Card, key: str, tried: int) -> Posted:
        if (key, tried) in self.tries:
            self.twice.append(f"{key}, try {tried}")
        self.tries[key, tried] = None
        known = self.shown.get(key)
        if known is None:
            message = f"bot-{len(self.tries)}"
            posted = Posted("web", _space(to), _channel(to), message, self.clock.now())
            known = self.shown[key] = Shown(to, card, posted)
            self.fresh.append(known)
            if any(button.action is Action.ACCEPT for button in card.buttons):
                self.asks.append(Ask(known.reader, posted.at, posted.at))
        return known.posted

    def revise(self, posted: Posted, card: Card) -> Any:
        for shown in reversed(self.shown.values()):
            if shown.posted == posted:
                shown.card = card
                self.fresh.append(shown)
                return True
        return "that card is not there"


@asynccontextmanager
async def square(path: Path, clock: Clock, chance: random.Random) -> AsyncIterator[Square]:
    """On a socket at that path."""
    here = Square(clock, chance)
    server = await asyncio.start_unix_server(here.attend, path)
    try:
        yield here
    finally:
        server.close()
        async with asyncio.timeout(10):
            while here.lines:  # noqa: ASYNC110 -- they are gone, and their lines hear of it
                await asyncio.sleep(0.005)


def _space(to: Address) -> str:
    return f"home{BESIDE}" if isinstance(to, OnlyFor) else "home"


def _channel(to: Address) -> str:
    match to:
        case Direct():
            return f"dm-{to.member.id}"
        case InThread() | OnlyFor():
            return to.place.channel
