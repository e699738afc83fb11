"""The gateway of the project's own Discord: sessions that outlive their connections, and what these can suffer."""

from __future__ import annotations

import asyncio
import json
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord_guild import Realm
from tests.fakes.discord_payloads import BOT, DM, GUILD, Json

MEMBERS, GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 1, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = MEMBERS | CONTENT | 1 << 8


@dataclass(eq=False)
class Session:
    """`log`: everything that was sent in it, for a RESUME."""

    id: str
    intents: int
    shard: tuple[int, int]
    log: list[Json] = field(default_factory=list)
    line: Line | None = None
    sent: int = 0  # up to which number on this line

    def next(self, event: str, data: object) -> Json:
        self.log.append({"op": 0, "t": event, "s": len(self.log) + 1, "d": data})
        return self.log[-1]


@dataclass(eq=False)
class Line:
    """One connection. A deaf one stands open, and nothing is heard or said on it any more."""

    socket: web.WebSocketResponse
    request: web.Request
    stream: Any = None  # of zlib
    session: Session | None = None
    deaf: bool = False

    async def send(self, payload: object) -> None:
        """A line that its other end has just let go takes nothing more: the session's log has it for a resume."""
        if self.deaf or self.socket.closed:
            return
        with suppress(ConnectionError):
            await self._send(json.dumps(payload))

    async def _send(self, text: str) -> None:
        if self.stream is None:
            await self.socket.send_str(text)
            return
        packed = self.stream.compress(text.encode()) + self.stream.flush(zlib.Z_SYNC_FLUSH)
        half = len(packed) // 2  # a message may come in pieces, and often does
        if len(packed) > 2000:
            await self.socket.send_bytes(packed[:half])
            packed = packed[half:]
        await self.socket.send_bytes(packed)

    def abort(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()


class Gateway:
    def __init__(self, realm: Realm, token: str) -> None:
        self.realm = realm
        self.token = token
        self.address = ""
        self.heartbeat = 41.25  # seconds
        self.approved = PRIVILEGED  # privileged intents that the application may ask for
        self.shards = 1  # as many at least must be asked for
        self.lines: list[Line] = []
        self.sessions: dict[str, Session] = {}
        self.identified: list[Json] = []
        self.resumed: list[Json] = []
        self.heartbeats = 0
        self.opened = 0  # connections ever made
        self.hang_up_before_hello = 0  # so many connections
        self.refuse = 0  # so many connections, with 503
        self.compress = True  # what a line asks for
        self._count = 0
        self._waiting: list[tuple[Session, Json]] = []
        self._sending: asyncio.Task[None] | None = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.opened += 1
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        line = Line(socket, request)
        if request.query.get("compress") == "zlib-stream" and self.compress:
            line.stream = zlib.compressobj()
        self.lines.append(line)
        try:
            if self.hang_up_before_hello:
                self.hang_up_before_hello -= 1
                await socket.close(code=1001)
                return socket
            await line.send({"op": 10, "d": {"heartbeat_interval": int(self.heartbeat * 1000)}})
            async for said in socket:
                if said.type is WSMsgType.TEXT and not line.deaf:
                    await self._said(line, json.loads(said.data))
        finally:
            self._gone(line)
        return socket

    def _gone(self, line: Line) -> None:
        if line in self.lines:
            self.lines.remove(line)
        session = line.session
        if session is not None and session.line is line:
            session.line = None
            if line.socket.close_code in (1000, 1001):  # said by the client: it does not want it back
                self.sessions.pop(session.id, None)

    async def _said(self, line: Line, said: Json) -> None:
        match said.get("op"):
            case 1:
                self.heartbeats += 1
                await line.send({"op": 11})
            case 2:
                await self._identify(line, said["d"])
            case 6:
                await self._resume(line, said["d"])

    async def _identify(self, line: Line, asked: Json) -> None:
        self.identified.append(asked)
        shard = tuple(asked.get("shard") or (0, 1))
        code = 0
        if asked["token"] != self.token:
            code = 4004
        elif asked["intents"] & PRIVILEGED & ~self.approved:
            code = 4014
        elif shard[1] < self.shards:
            code = 4011
        elif shard[0] >= shard[1]:
            code = 4010
        if code:
            await line.socket.close(code=code)
            return
        self._count += 1
        session = Session(f"session-{self._count}", asked["intents"], (shard[0], shard[1]), line=line)
        line.session = self.sessions[session.id] = session
        ours = int(GUILD) >> 22
        guilds = [GUILD] if ours % shard[1] == shard[0] else []
        ready = {
            "v": 10,
            "user": self.realm.users[BOT],
            "session_id": session.id,
            "resume_gateway_url": self.address,
            "guilds": [{"id": g, "unavailable": True} for g in guilds],
            "shard": list(shard),
            "application": {"id": BOT, "flags": 0},
        }
        await self._tell(session, session.next("READY", ready))
        for _ in guilds:
            await self._tell(session, session.next("GUILD_CREATE", self.realm.guild()))

    async def _resume(self, line: Line, asked: Json) -> None:
        self.resumed.append(asked)
        session = self.sessions.get(str(asked.get("session_id")))
        if session is None or asked["token"] != self.token:
            await line.send({"op": 9, "d": False})
            return
        if asked["seq"] > len(session.log):
            await line.socket.close(code=4007)
            return
        session.sent = asked["seq"]
        while session.sent < len(session.log):  # it may grow meanwhile
            session.sent += 1
            await line.send(session.log[session.sent - 1])
        line.session, session.line = session, line
        await self._tell(session, session.next("RESUMED", {"_trace": []}))

    async def _tell(self, session: Session, payload: Json) -> None:
        if session.line is not None and payload["s"] > session.sent:
            session.sent = payload["s"]
            await session.line.send(payload)

    # --- sending ------------------------------------------------------------------------------------------

    def emit(self, event: str, data: Json) -> None:
        """To every session that asked for it, whether there is a line just now or not."""
        for session in list(self.sessions.values()):
            mine = (int(data.get("guild_id") or 0) >> 22) % session.shard[1] == session.shard[0]
            if _wanted(event, data, session.intents) and mine:
                self._waiting.append((session, session.next(event, _seen(event, data, session.intents))))
        if self._waiting and (self._sending is None or self._sending.done()):
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            session, payload = self._waiting.pop(0)
            await self._tell(session, payload)

    async def say(self, event: str, data: object) -> None:
        """As it is, wrong as it may be, and in its turn."""
        if self._sending is not None:
            await self._sending
        for session in list(self.sessions.values()):
            await self._tell(session, session.next(event, data))

    # --- what a connection can suffer ---------------------------------------------------------------------

    async def cut(self, code: int = 0) -> None:
        """From one moment to the next; with a code, Discord says why."""
        for line in list(self.lines):
            self._gone(line)
            if code:
                await line.socket.close(code=code)
            else:
                line.abort()

    async def ask_to_reconnect(self) -> None:
        for line in list(self.lines):
            await line.send({"op": 7, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        for line in list(self.lines):
            if not resumable and line.session is not None:
                self.sessions.pop(line.session.id, None)
            await line.send({"op": 9, "d": resumable})

    def forget(self) -> None:
        """No session can be resumed any more."""
        self.sessions.clear()

    def deafen(self) -> None:
        for line in self.lines:
            line.deaf = True
            if line.request.transport is not None:
                line.request.transport.pause_reading()  # type: ignore[attr-defined]

    async def close(self) -> None:
        for line in list(self.lines):
            line.abort()
        if self._sending is not None:
            await asyncio.gather(self._sending, return_exceptions=True)


def _wanted(event: str, data: Json, intents: int) -> bool:
    if event.startswith("MESSAGE_"):
        return bool(intents & (GUILD_MESSAGES if data.get("guild_id") else DIRECT_MESSAGES))
    if event.startswith("GUILD_MEMBER_"):
        return bool(intents & MEMBERS)
    return True


def _seen(event: str, data: Json, intents: int) -> Json:
    """Without the intent for it a message has no words, unless it mentions the bot or is for it alone."""
    data = json.loads(json.dumps(data))
    if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or intents & CONTENT or data.get("channel_type") == DM:
        return data
    ours = data["author"]["id"] == BOT or any(u["id"] == BOT for u in data["mentions"])
    return data if ours else data | {"content": "", "embeds": [], "attachments": [], "components": []}
