"""Socket Mode: the way in for one workspace, without an address of our own.

Each connection is a `Line`. When Slack asks a line to leave, its successor is there before it goes; one that was cut or
went deaf is replaced, with growing pauses that differ from bot to bot. What came on a line is acknowledged on the same
line, and only after it was taken; what could not be acknowledged comes again, and the inbox ends the repeat.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.bolt import NOT_TAKEN
from adapters.slack.client import SlackApi, SlackRefusal, SlackSilence
from adapters.slack.figures import Figures
from adapters.slack.identity import part, word
from bot.ports import DeliveryError

Json = dict[str, Any]
SWITCHED_OFF = "link_disabled"  # Slack's word for: Socket Mode was turned off in the app's settings
HEARING = "winwin-slack-hearing"
HELLO_WITHIN = 10.0  # seconds
REMEMBERED = 2_000  # envelopes, in case one comes on two lines

_log = structlog.get_logger("winwin.slack")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A line on which nothing was heard for `quiet` is asked whether it is there, and has `answer` for it."""

    quiet: float = 20.0
    answer: float = 10.0
    first_pause: float = 0.5
    longest_pause: float = 60.0
    leaving: float = 5.0  # what a line that leaves has to end what it began


def pause(tries: int, patience: Patience, chance: float) -> float:
    """Seconds before the next try: twice as long each time, and up to half of it left to chance (0 to 1)."""
    full = min(patience.first_pause * 2.0 ** min(tries, 16), patience.longest_pause)
    return full * (1 - chance / 2)


class SocketLine:
    """`lines` connections at once. `gap` is called when there was none, or one was deaf, and there is one again: what
    happened meanwhile has to be read up on."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        api: SlackApi,
        *,
        figures: Figures | None = None,
        gap: Callable[[], None] = lambda: None,
        lines: int = 1,
        patience: Patience = Patience(),
    ) -> None:
        self._app = app
        self._token = app_token
        self._api = api
        self._figures = figures or Figures()
        self._gap = gap
        self._count = lines
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None
        self._lines: set[_Line] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._taken: OrderedDict[str, asyncio.Task[tuple[bool, Json | None]]] = OrderedDict()
        self._closing = False

    @property
    def connected(self) -> int:
        return sum(line.open for line in self._lines)

    async def open(self) -> None:
        """Raises DeliveryError when Slack does not let us in."""
        self._session = aiohttp.ClientSession()
        try:
            for _ in range(self._count):
                self._go_on(await self._connect())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """What is under way is ended and acknowledged, then the lines are closed."""
        self._closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.leaving):
                await asyncio.gather(*(line.finish() for line in self._lines))
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        for line in list(self._lines):
            await line.close()
        await asyncio.gather(*(t for t in self._taken.values() if not t.done()), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def replace_all(self, why: str) -> None:
        """Somebody knows that the lines do not hear everything."""
        for line in self._lines:
            line.leave(why)

    # --- connecting -------------------------------------------------------------------------------------------

    async def _connect(self) -> _Line:
        """One line that has said hello. Raises DeliveryError."""
        assert self._session is not None
        answer = await self._api.call("apps.connections.open", self._token)
        line = None
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                socket = await self._session.ws_connect(word(answer.get("url")), autoping=False, max_msg_size=0)
                line = _Line(socket, self._take, self._patience)
                await line.greeted()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            if line is not None:
                await line.close()
            raise SlackSilence(f"the socket: {type(error).__name__}") from error
        self._lines.add(line)
        return line

    def _go_on(self, line: _Line) -> None:
        task = asyncio.create_task(self._keep(line), name="winwin-slack-line")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _keep(self, line: _Line) -> None:
        """Listen on a line until it has to be replaced; then there is another in its place."""
        why = await line.listen()
        if self._closing:
            return
        self._figures.reconnected.labels(why).inc()
        _log.info("line_replaced", why=why)
        asked_to_go = why not in ("cut", "deaf")
        if not asked_to_go:
            self._lines.discard(line)
            await line.close()
        successor = await self._again(refused=why == SWITCHED_OFF)
        missed = why in ("cut", "deaf", "missed") or not line.open
        if asked_to_go:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.leaving):
                    await line.finish()
            self._lines.discard(line)
            await line.close()
        self._go_on(successor)
        if missed:
            self._gap()

    async def _again(self, *, refused: bool) -> _Line:
        """Until there is a line: trying again for as long as it takes."""
        tries = 4 if refused else 0
        if refused:
            _log.error("socket_mode_is_off", do="api.slack.com/apps > your app > Socket Mode > Enable Socket Mode")
            await asyncio.sleep(pause(tries, self._patience, random.random()))  # noqa: S311 -- only spreads the bots
        while True:
            try:
                return await self._connect()
            except DeliveryError as error:
                wait = pause(tries, self._patience, random.random())  # noqa: S311
                if isinstance(error, SlackRefusal) and error.retry_after is not None:
                    wait = max(wait, error.retry_after)
                _log.warning("not_connected", error=str(error), again_in=round(wait, 1))
                await asyncio.sleep(wait)
                tries += 1

    # --- what comes -------------------------------------------------------------------------------------------

    async def _take(self, envelope: Json) -> tuple[bool, Json | None]:
        """Whether it was taken, and what is answered with the acknowledgement. An envelope that comes on two lines is
        taken once."""
        key = f"{word(envelope.get('envelope_id'))}:{envelope.get('retry_attempt') or 0}"
        if key not in self._taken:
            self._taken[key] = asyncio.create_task(self._dispatch(envelope))
            while len(self._taken) > REMEMBERED:
                self._taken.popitem(last=False)
        taken, answer = await asyncio.shield(self._taken[key])  # a line that ends does not end what it began
        if not taken:
            self._taken.pop(key, None)
        return taken, answer

    async def _dispatch(self, envelope: Json) -> tuple[bool, Json | None]:
        request = SocketModeRequest(
            type=word(envelope.get("type")),
            envelope_id=word(envelope.get("envelope_id")),
            payload=envelope.get("payload") or {},
            accepts_response_payload=envelope.get("accepts_response_payload"),
            retry_attempt=envelope.get("retry_attempt"),
            retry_reason=envelope.get("retry_reason"),
        )
        try:
            answer = await run_async_bolt_app(self._app, request)
        except Exception as error:  # Bolt cannot read it, and could not the next time either
            _log.warning("unreadable_payload", kind=request.type, error=type(error).__name__)
            return True, None
        if answer.status not in (200, NOT_TAKEN):
            _log.warning("unreadable_payload", kind=request.type, status=answer.status)
            return True, None
        return answer.status == 200, _body(answer.body)


def _body(body: object) -> Json | None:
    if not isinstance(body, str) or not body:
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return {"text": body}
    return found if isinstance(found, dict) else None


class _Line:
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
        """Raises ValueError when the first thing said is not hello."""
        first = await self._socket.receive_json()
        if part(first).get("type") != "hello":
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
