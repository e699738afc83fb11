"""A Slack-compatible server of another make: it knows ten methods, and says no more than Slack's pages promise.

Its answers hold only what a caller must have, its envelopes only what an app must read, and its ids look different. It
shows that the program speaks Slack's API, and not the habits of one server.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes.slack_reading import words_of

Json = dict[str, Any]

TEAM, SELF, SQUARE = "THOME9", "WROBOT", "CSQUARE"
BOT_TOKEN, APP_TOKEN = "xoxb-of-another-make", "xapp-of-another-make"


class SmallSlack:
    """`page`: what is not known is answered with this status and a page to read; 0: with Slack's `unknown_method`."""

    def __init__(self, page: int = 0) -> None:
        self.page = page
        self.address = ""
        self.said: list[Json] = []  # messages of the bot, as they are now
        self.views: list[Json] = []
        self.unknown: list[str] = []  # methods that were asked for in vain
        self._count = 100
        self._line: web.WebSocketResponse | None = None
        self._acknowledged: dict[str, asyncio.Future[Json]] = {}

    # --- the Web API ------------------------------------------------------------------------------------------

    async def _called(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        asked = await request.json() if request.can_read_body else dict(request.query)
        known: dict[str, Callable[[Json], Json]] = {
            "auth.test": lambda _: {"team_id": TEAM, "user_id": SELF},
            "apps.connections.open": lambda _: {"url": f"{self.address.replace('http', 'ws', 1)}/socket"},
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.open": lambda a: {"channel": {"id": f"D{a['users']}"}},
            "views.open": self._open,
        }
        if method in known:
            return web.json_response({"ok": True, **known[method](asked)})
        self.unknown.append(method)
        if self.page:
            return web.Response(status=self.page, text="<h1>No such page</h1>", content_type="text/html")
        return web.json_response({"ok": False, "error": "unknown_method"})

    def _post(self, asked: Json) -> Json:
        message = {"ts": self.ts(), "channel": asked["channel"], "thread_ts": asked.get("thread_ts")}
        self.said.append({**message, "user": SELF, "text": asked["text"], "blocks": asked.get("blocks", [])})
        return {"ts": message["ts"], "channel": asked["channel"]}

    def _update(self, asked: Json) -> Json:
        message = next(m for m in self.said if m["ts"] == asked["ts"])
        message |= {"text": asked["text"], "blocks": asked.get("blocks", [])}
        return {}

    def _delete(self, asked: Json) -> Json:
        self.said = [m for m in self.said if m["ts"] != asked["ts"]]
        return {}

    def _open(self, asked: Json) -> Json:
        self.views.append({**asked["view"], "id": f"view/{len(self.views)}"})
        return {}

    def ts(self) -> str:
        self._count += 1
        return f"{int(asyncio.get_running_loop().time()) + 1_790_000_000}.{self._count:06d}"

    # --- Socket Mode ------------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        await line.ping(b"are you there")
        await line.send_json({"type": "hello"})
        self._line = line
        async for said in line:
            answer = json.loads(said.data)
            self._acknowledged[answer["envelope_id"]].set_result(answer.get("payload") or {})
        return line

    async def send(self, kind: str, payload: Json) -> Json:
        """To the app; what its acknowledgement brings."""
        assert self._line is not None
        number = str(uuid.uuid4())
        self._acknowledged[number] = asyncio.get_running_loop().create_future()
        await self._line.send_json({"payload": payload, "envelope_id": number, "type": kind})
        return await asyncio.wait_for(self._acknowledged[number], 3)

    # --- what people do ---------------------------------------------------------------------------------------

    async def say(self, user: str, text: str, thread: str = "") -> str:
        message: Json = {"type": "message", "channel": SQUARE, "user": user, "text": text, "ts": self.ts()}
        event = {**message, "thread_ts": thread} if thread else message
        await self.send("events_api", {"type": "event_callback", "team_id": TEAM, "event": event})
        return str(message["ts"])

    async def command(self, user: str, command: str) -> None:
        around = {"team_id": TEAM, "channel_id": SQUARE, "user_id": user, "text": "", "trigger_id": uuid.uuid4().hex}
        await self.send("slash_commands", {**around, "command": command})

    async def press(self, user: str, message: Json, label: str) -> None:
        button = next(e for b in message["blocks"] for e in _elements(b) if e["text"]["text"] == label)
        action = {k: button[k] for k in ("type", "action_id", "value")} | {"action_ts": self.ts()}
        where = {"channel": {"id": message["channel"]}, "message": message, "actions": [action]}
        await self.send("interactive", {**_by("block_actions", user), **where})

    async def shortcut(self, user: str, callback: str, message: Json) -> None:
        where = {"channel": {"id": SQUARE}, "message_ts": message["ts"], "message": message, "callback_id": callback}
        await self.send("interactive", {**_by("message_action", user), **where})

    async def submit(self, user: str, view: Json, state: Json) -> Json:
        sent = {**view, "state": {"values": state}}
        return await self.send("interactive", {**_by("view_submission", user), "view": sent})

    # --- what came of it --------------------------------------------------------------------------------------

    async def newest(self, words: str, channel: str, thread: str = "") -> Json:
        """The newest message of the bot with these words; waits until there is one."""

        def look() -> Json | None:
            here = [m for m in self.said if m["channel"] == channel and thread in ("", m["thread_ts"])]
            found = [m for m in here if words in words_of(m["blocks"])]
            return found[-1] if found else None

        return await self._there(look)

    async def window(self, number: int) -> Json:
        return await self._there(lambda: self.views[number] if len(self.views) > number else None)

    async def _there(self, look: Callable[[], Json | None], within: float = 15) -> Json:
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while (found := look()) is None:
            assert loop.time() < end, f"not seen within {within} s; in vain were asked for {set(self.unknown)}"
            await asyncio.sleep(0.02)
        return found

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._called)
        app.router.add_get("/socket", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner


def _by(kind: str, user: str) -> Json:
    return {"type": kind, "user": {"id": user}, "team": {"id": TEAM}, "trigger_id": uuid.uuid4().hex}


def _elements(block: Json) -> list[Json]:
    found = [*(block.get("elements") or ()), *([block["accessory"]] if "accessory" in block else ())]
    return [e for e in found if e.get("type") == "button"]


@asynccontextmanager
async def small_slack(page: int = 0) -> AsyncIterator[SmallSlack]:
    slack = SmallSlack(page)
    runner = await slack.start()
    try:
        yield slack
    finally:
        if slack._line is not None:
            await slack._line.close()
        await runner.cleanup()
