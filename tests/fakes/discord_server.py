"""The project's own Discord, for everything that goes wrong: an HTTP API with state and limits, and a gateway.

`async with discord_server() as discord:` runs it in the test's own event loop. `discord.people_say(…)` and its like
are what people do; `discord.fail(…)` and `discord.gateway.cut()` are what breaks; `discord.posts(…)` and
`discord.calls` are what came of it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.discord_faults import Expected, Fault, Limited, Limits, Refused, limited
from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_guild import Realm, peopled
from tests.fakes.discord_interactions import Interaction, Interactions
from tests.fakes.discord_methods import METHODS, found
from tests.fakes.discord_payloads import BOT, GENERAL, MODA, QUESTIONS, Json, Refuses, application_of
from tests.fakes.slack_faults import CommitThenDrop, Drop, Slow, Status

TOKEN = "OTAwMDAwMDAwMDAwMDAwMDAx.test.token"
HOOK = "/webhooks/{webhook_id}/{webhook_token}"
OWN = (  # calls that are answered here
    *("GET /gateway", "GET /gateway/bot", "GET /oauth2/applications/@me", "GET /applications/@me"),
    *("POST /interactions/{webhook_id}/{webhook_token}/callback", f"POST {HOOK}"),
    *(f"{verb} {HOOK}/messages/{{message_id}}" for verb in ("GET", "PATCH", "DELETE")),
)
CALLS: dict[str, object] = METHODS | dict.fromkeys(OWN)


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the HTTP API and the status it was answered with; 0: the line broke."""

    call: str
    ids: Mapping[str, str]
    asked: Json
    at: float
    status: int
    reason: str = ""


class DiscordServer:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.realm = Realm(now)
        self.gateway = Gateway(self.realm, TOKEN)
        self.interactions = Interactions(self.realm)
        self.limits = Limits()
        self.calls: list[Call] = []
        self.flags = 0  # of the application: which privileged intents are switched on
        self.sessions_left = 1000
        self.sessions_reset = 0.0  # seconds
        self.lacks: set[str] = set()  # calls that this server has never heard of
        self.address = ""
        self._faults: list[Expected] = []
        self.realm.emit = self.gateway.emit

    @property
    def api_url(self) -> str:
        return f"{self.address}/api"

    @property
    def gateway_url(self) -> str:
        return self.gateway.address

    # --- what breaks --------------------------------------------------------------------------------------

    def fail(self, call: str, fault: Fault, *, times: int = 1, after: int = 0) -> None:
        """`call` as in `GET /channels/{channel_id}/messages`. `times=-1`: until `mend`."""
        self._faults.append(Expected(call, fault, times, after))

    def mend(self) -> None:
        self._faults.clear()
        self.limits = Limits()
        self.realm.forbidden.clear()

    # --- what people do -----------------------------------------------------------------------------------

    def people_say(self, user: str, text: str, channel: str = GENERAL, **more: object) -> Json:
        """In a channel, a thread or a private conversation; `reply_to` refers to a message."""
        if to := more.pop("reply_to", None):
            more["message_reference"] = {"message_id": str(to)}
        return self.realm.post(channel, user, {"content": text, **more})

    def ask_in_forum(self, user: str, title: str, text: str, channel: str = QUESTIONS) -> Json:
        thread = self.realm.start_thread(channel, title, owner=user)
        return self.people_say(user, text, thread["id"])

    def edit(self, channel: str, message: str, text: str) -> Json:
        return self.realm.edit(channel, message, {"content": text})

    def delete(self, channel: str, message: str) -> None:
        self.realm.delete(channel, message)

    async def press(self, user: str, message: Json, label: str) -> Interaction:
        """The button with this label. Returns when the app has answered."""
        return await self.began(self.interactions.press(user, message, label))

    async def choose(self, user: str, message: Json, custom_id: str, *values: str) -> Interaction:
        return await self.began(self.interactions.choose(user, message, custom_id, list(values)))

    async def submit(self, opened: Interaction, values: Mapping[str, Any]) -> Interaction:
        return await self.began(self.interactions.submit(opened, values))

    async def command(self, user: str, channel: str, name: str, **options: object) -> Interaction:
        return await self.began(self.interactions.command(user, channel, name, **options))

    async def context(self, user: str, message: Json, name: str) -> Interaction:
        return await self.began(self.interactions.context(user, message, name))

    async def began(self, interaction: Interaction) -> Interaction:
        """Sent; and answered, unless the app lets the three seconds go by."""
        self.gateway.emit("INTERACTION_CREATE", interaction.body)
        try:
            await asyncio.wait_for(interaction.answered.wait(), 3.0)
        except TimeoutError:
            return interaction
        return interaction

    # --- what came of it ----------------------------------------------------------------------------------

    def posts(self, channel: str = "") -> list[Json]:
        """What the bot has said, oldest first."""
        said = [m for c, messages in self.realm.messages.items() if channel in ("", c) for m in messages]
        return sorted((m for m in said if m["author"]["id"] == BOT), key=lambda m: int(m["id"]))

    def posted_twice(self) -> list[str]:
        nonces = [m["nonce"] for m in self.posts() if "nonce" in m]
        return sorted({n for n in nonces if nonces.count(n) > 1})

    def called(self, call: str, status: int | None = None) -> list[Call]:
        return [c for c in self.calls if c.call == call and status in (None, c.status)]

    async def until(self, look: Callable[[], Any], within: float = 10.0) -> Any:
        """What `look` gives (or what it gives when awaited), as soon as it gives something."""
        end = asyncio.get_running_loop().time() + within
        while True:
            seen = look()
            if isinstance(seen, Awaitable):
                seen = await seen
            if seen:
                return seen
            assert asyncio.get_running_loop().time() < end, f"not seen within {within} s"
            await asyncio.sleep(0.01)

    # --- the HTTP API -------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = unquote(request.path.removeprefix("/api").removeprefix("/v10"))
        asked, reason = await self._asked(request), unquote(request.headers.get("X-Audit-Log-Reason", ""))
        headers = {"Via": "1.1 google"}
        fault: Fault | None = None
        call, ids, status = f"{request.method} {path}", {}, 200
        try:
            call, ids = found(request.method, path, CALLS)
            if call in self.lacks:
                raise Refuses(404, 0, "404: Not Found")
            fault = next((e.fault for e in self._faults if e.strikes(call)), None)
            headers |= self._within_limits(call, ids)
            said = await self._struck(fault, request, call, ids, asked)
            status = 204 if said is None else 200
        except Refuses as refused:
            status, said = refused.status, {"code": refused.code, "message": refused.message} | refused.more
            headers |= refused.headers
            if not headers["Via"]:
                del headers["Via"]
        dropped = isinstance(fault, Drop | CommitThenDrop)
        self.calls.append(Call(call, ids, asked, time.monotonic(), 0 if dropped else status, reason))
        if dropped and request.transport is not None:
            request.transport.abort()
        if said is None or isinstance(fault, Status):
            return web.Response(status=status, headers=headers)
        return web.Response(text=json.dumps(said), status=status, headers=headers, content_type="application/json")

    def _within_limits(self, call: str, ids: Mapping[str, str]) -> dict[str, str]:
        now = time.monotonic()
        if self.limits.whole is not None and not call.startswith("POST /interactions"):
            wait = self.limits.whole.take(now)
            if wait > 0:
                raise limited(Limited(wait, whole=True))
        major = "/".join(ids.get(k, "") for k in ("channel_id", "guild_id", "webhook_id", "webhook_token"))
        bucket = self.limits.bucket(call, major)
        wait = bucket.take(now)
        headers = bucket.headers(call.replace(" ", "-"), now, time.time())
        if wait > 0:
            raise limited(Limited(wait), headers)
        return headers

    async def _struck(
        self, fault: Fault | None, request: web.Request, call: str, ids: dict[str, str], asked: Json
    ) -> Any:
        match fault:
            case Limited():
                raise limited(fault)
            case Refused(code, status, message):
                raise Refuses(status, code, message)
            case Status(code):
                raise Refuses(code, 0, "upstream trouble")
            case Drop():
                return None
        if request.headers.get("Authorization") != f"Bot {self.gateway.token}" and not call.startswith(
            ("POST /interactions", f"POST {HOOK}")
        ):
            raise Refuses(401, 0, "401: Unauthorized")
        said = self._method(call, ids, asked)
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.seconds)
        return said

    def _method(self, call: str, ids: dict[str, str], asked: Json) -> Any:
        if call in METHODS:
            return METHODS[call](self.realm, ids, asked)
        token, which = ids.get("webhook_token", ""), ids.get("message_id", "")
        match call.split(" ")[0], call.split("/")[1]:
            case _, "gateway":
                left = {"total": 1000, "remaining": self.sessions_left, "max_concurrency": 1}
                limit = left | {"reset_after": int(self.sessions_reset * 1000)}
                return {"url": self.gateway_url, "shards": self.gateway.shards, "session_start_limit": limit}
            case _, "oauth2" | "applications":
                return application_of(self.realm.users[MODA], self.flags)
            case _, "interactions":
                return self.interactions.respond(ids["webhook_id"], token, asked)
            case "POST", _:
                return self.interactions.follow_up(token, asked)
            case "PATCH", _:
                return self.interactions.revise(token, which, asked)
            case "DELETE", _:
                return self.interactions.delete(token, which)
        return self.interactions.message(token, which)

    async def _asked(self, request: web.Request) -> Json:
        """What stands in the address and the body; files become attachments."""
        asked: Json = dict(request.query)
        if request.content_type == "application/json":
            body = await request.json()
            return asked | (body if isinstance(body, dict) else {"list": body})
        if request.content_type.startswith("multipart/"):
            form = await request.post()
            asked |= json.loads(str(form.get("payload_json") or "{}"))
            files = [value for value in form.values() if isinstance(value, web.FileField)]
            asked["attachments"] = [self._kept(f, a) for f, a in zip(files, asked["attachments"], strict=True)]
        return asked

    def _kept(self, file: web.FileField, attachment: Json) -> Json:
        number, data = self.realm.snowflake(), file.file.read()
        self.realm.files[number] = data
        url = f"{self.address}/cdn/{number}/{file.filename}"
        return attachment | {"id": number, "size": len(data), "url": url, "proxy_url": url}

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.realm.files[request.match_info["number"]])

    async def start(self) -> web.AppRunner:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/api/{path:.*}", self._answer)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/cdn/{number}/{name}", self._file)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.gateway.address = f"{self.address.replace('http', 'ws', 1)}/gateway/"
        return runner

    async def stop(self, runner: web.AppRunner) -> None:
        await self.gateway.close()
        await runner.cleanup()


@asynccontextmanager
async def discord_server(now: Callable[[], float] = time.time) -> AsyncIterator[DiscordServer]:
    discord = DiscordServer(now)
    peopled(discord.realm)
    runner = await discord.start()
    try:
        yield discord
    finally:
        await discord.stop(runner)
