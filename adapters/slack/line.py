"""One connection of Socket Mode, from its hello to its end: what it brings, and how it is noticed that it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog

from adapters.slack.identity import part, word

Json = dict[str, Any]
HEARING = "winwin-slack-hearing"

_log = structlog.get_logger("winwin.slack")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A line on which nothing was heard for `quiet` is asked whether it is there, and has `answer` for it."""

    quiet: float = 20.0
    answer: float = 10.0
    first_pause: float = 0.5
    longest_pause: float = 60.0
    leaving: float = 5.0  # what a line that leaves has to end what it began


PATIENT = Patience()


def pause(tries: int, patience: Patience, chance: float) -> float:
    """Seconds before the next try: twice as long each time, and up to half of it left to chance (0 to 1)."""
    full = min(patience.first_pause * 2.0 ** min(tries, 16), patience.longest_pause)
    return full * (1 - chance / 2)


class Line:
    """One connection, from its hello to its end."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        take: Callable[[Json], Awaitable[tuple[bool, Json | None]]],
        patience: Patience,
    ) -> None:
        self._socket = socket
        self._take = take
        self._patience = patience
        self._busy: set[asyncio.Task[Any]] = set()
        self._leaving: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def open(self) -> bool:
        return not self._socket.closed

    async def greeted(self) -> None:
        """Raises ValueError when the first thing said is not hello; a line may be pinged, or closed, before it is."""
        first = await self._socket.receive()
        while first.type in (aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG):
            if first.type is aiohttp.WSMsgType.PING:
                await self._socket.pong(first.data)
            first = await self._socket.receive()
        if first.type is not aiohttp.WSMsgType.TEXT or part(first.json()).get("type") != "hello":
            raise ValueError("no hello")

    def leave(self, why: str) -> None:
        if not self._leaving.done():
            self._leaving.set_result(why)

    async def listen(self) -> str:
        """Why the line has to be replaced. One that was asked to leave goes on hearing until it is closed."""
        hearing = asyncio.create_task(self._hear(), name=HEARING)
        self._busy.add(hearing)
        hearing.add_done_callback(self._busy.discard)
        hearing.add_done_callback(lambda task: self.leave("cut" if task.cancelled() else task.result()))
        try:
            return await self._leaving
        except asyncio.CancelledError:
            hearing.cancel()
            raise

    async def _hear(self) -> str:
        asked = False  # whether we have asked if it is still there
        while True:
            try:
                async with asyncio.timeout(self._patience.answer if asked else self._patience.quiet):
                    said = await self._socket.receive()
            except TimeoutError:
                if asked:
                    return "deaf"
                asked = True
                with suppress(ConnectionError, RuntimeError):
                    await self._socket.ping(b"winwin")
                continue
            asked = False
            match said.type:
                case aiohttp.WSMsgType.PING:
                    await self._socket.pong(said.data)
                case aiohttp.WSMsgType.TEXT:
                    self._said(said)
                case aiohttp.WSMsgType.PONG | aiohttp.WSMsgType.BINARY:
                    continue
                case _:
                    return "cut"

    def _said(self, said: aiohttp.WSMessage) -> None:
        try:
            body = part(said.json())
        except ValueError:
            _log.warning("unreadable_envelope")
            return
        if body.get("type") == "disconnect":
            self.leave(word(body.get("reason")) or "refresh_requested")
        elif word(body.get("envelope_id")):
            task = asyncio.create_task(self._taken(dict(body)))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _taken(self, envelope: Json) -> None:
        taken, answer = await self._take(envelope)
        if not taken:
            return
        said: Json = {"envelope_id": envelope["envelope_id"]} | ({"payload": answer} if answer else {})
        with suppress(ConnectionError, RuntimeError):  # the line is gone: Slack sends it again
            await self._socket.send_json(said)

    async def finish(self) -> None:
        """What was heard is taken and acknowledged."""
        while busy := [task for task in self._busy if task.get_name() != HEARING]:
            await asyncio.gather(*busy, return_exceptions=True)

    async def close(self) -> None:
        for task in list(self._busy):
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._socket.close()
