"""Slack's side of Socket Mode: connections, envelopes, and everything a connection can suffer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.fakes.slack_workspace import APP, Json

CONNECTIONS = 10  # Slack allows at most so many at once
ACKNOWLEDGED_WITHIN = 3.0  # seconds until Slack takes an envelope for lost


@dataclass
class Envelope:
    """One that was sent. `acked` is set with the acknowledgement; `answer` is what came with it."""

    id: str
    body: Json
    sent_at: float
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    acked_at: float = 0.0
    answer: Json | None = None

    @property
    def took(self) -> float:
        """Seconds to the acknowledgement."""
        assert self.acked.is_set(), f"{self.id} was never acknowledged"
        return self.acked_at - self.sent_at


@dataclass(eq=False)
class Line:
    """One connection. A deaf one stands open, and nothing is heard on it any more: no ping, no envelope, no answer."""

    socket: web.WebSocketResponse
    number: int
    deaf: bool = False


class Sockets:
    """Every connection there is and was. Envelopes go to the connections in turn, as Slack spreads them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.opened = 0  # connections ever made
        self.envelopes: list[Envelope] = []
        self.tickets: set[str] = set()
        self.before_hello = ""  # once: a `ping`, the line `closed`, or these words
        self.loses_acknowledgements = False  # they are on the way when the line, or the app, is gone
        self._turn = 0
        self._count = 0

    @property
    def hearing(self) -> list[Line]:
        return [line for line in self.lines if not line.deaf]

    def ticket(self) -> str:
        """What a connection is opened with, once."""
        self._count += 1
        self.tickets.add(f"ticket-{self._count}")
        return f"ticket-{self._count}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets or len(self.lines) >= CONNECTIONS:
            return web.Response(status=403)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.opened += 1
        line = Line(socket, self.opened)
        self.lines.append(line)
        try:
            await self._before_hello(socket)
            hello = {"type": "hello", "num_connections": len(self.lines), "connection_info": {"app_id": APP}}
            await socket.send_json(hello | {"debug_info": {"host": "fake", "approximate_connection_time": 18060}})
            await self._listen(line)
        finally:
            if line in self.lines:
                self.lines.remove(line)
        return socket

    async def _before_hello(self, socket: web.WebSocketResponse) -> None:
        first, self.before_hello = self.before_hello, ""
        if first == "ping":
            await socket.ping(b"are you there")
        elif first == "closed":
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        elif first:
            await socket.send_str(first)

    async def _listen(self, line: Line) -> None:
        async for said in line.socket:
            if line.deaf:
                continue
            if said.type is WSMsgType.PING:
                await line.socket.pong(said.data)
            elif said.type is WSMsgType.TEXT:
                self._acknowledged(json.loads(said.data))

    def _acknowledged(self, said: Json) -> None:
        if self.loses_acknowledgements:
            return
        for envelope in self.envelopes:
            if envelope.id == said.get("envelope_id") and not envelope.acked.is_set():
                envelope.acked_at = asyncio.get_running_loop().time()
                envelope.answer = said.get("payload") or None
                envelope.acked.set()

    # --- sending ------------------------------------------------------------------------------------------

    async def send(
        self, kind: str, payload: Mapping[str, Any], attempt: int = 0, reason: str = "", line: Line | None = None
    ) -> Envelope:
        """Send without waiting for the acknowledgement. With nobody there to hear it, it is lost, as with Slack."""
        self._count += 1
        body: Json = {"envelope_id": f"envelope-{self._count}", "type": kind, "payload": dict(payload)}
        body["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            body |= {"retry_attempt": attempt, "retry_reason": reason}
        envelope = Envelope(body["envelope_id"], body, asyncio.get_running_loop().time())
        self.envelopes.append(envelope)
        target = line or self._next()
        if target is not None and not target.deaf:
            await target.socket.send_json(body)
        return envelope

    def _next(self) -> Line | None:
        if not self.lines:
            return None
        self._turn += 1
        return self.lines[self._turn % len(self.lines)]

    # --- what a connection can suffer ---------------------------------------------------------------------

    async def ask_to_leave(self, reason: str = "refresh_requested", line: Line | None = None) -> None:
        """`warning` comes some seconds before `refresh_requested`; `link_disabled`: Socket Mode was switched off."""
        for one in [line] if line else list(self.hearing):
            await one.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})

    async def cut(self, line: Line | None = None) -> None:
        """The connection is gone from one moment to the next."""
        for one in [line] if line else list(self.lines):
            self.lines.remove(one)
            if one.deaf and one.socket._req is not None and one.socket._req.transport is not None:
                one.socket._req.transport.abort()
                continue
            await one.socket.close(code=WSCloseCode.GOING_AWAY)

    def deafen(self, line: Line | None = None) -> None:
        for one in [line] if line else list(self.lines):
            one.deaf = True
