"""The project's own Slack, for everything that goes wrong: a Web API with state, Socket Mode, signed requests.

`async with slack_server() as slack:` runs it in the test's own event loop. `slack.people_say(…)` and its like are what
people do; `slack.fail(…)` is what breaks; `slack.posts(…)` and `slack.calls` are what came of it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import (
    CommitThenDrop,
    Drop,
    Expected,
    Fault,
    Garbled,
    Held,
    Limit,
    RateLimited,
    Refused,
    Slow,
    Status,
)
from tests.fakes.slack_methods import METHODS, opened
from tests.fakes.slack_sockets import ACKNOWLEDGED_WITHIN, Envelope, Sockets
from tests.fakes.slack_workspace import APP, BOT, BOT_ID, TEAM, Json, Refuses, Workspace

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-test-token", "xapp-test-token", "test-signing-secret"
TRIGGER_LIVES = 3.0  # seconds; and it works once
RESPONSES = 5  # uses of a response_url
SCOPES = (
    "app_mentions:read,channels:history,channels:read,chat:write,commands,files:write,groups:history,groups:read,"
    "im:history,im:read,im:write,reactions:read,reactions:write,users:read"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the Web API, with how it was answered: `ok`, an error's word, or the name of a fault."""

    method: str
    asked: Json
    at: float
    outcome: str


class SlackServer:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.workspace = Workspace(now)
        self.sockets = Sockets()
        self.calls: list[Call] = []
        self.scopes = SCOPES
        self.tokens = {BOT_TOKEN, APP_TOKEN}
        self.limits: dict[str, Limit] = {}
        self.address = ""
        self.request_url = ""  # where signed requests go
        self.responses: list[Json] = []  # what was said into a response_url
        self._faults: list[Expected] = []
        self._triggers: dict[str, float] = {}
        self._uses: Counter[str] = Counter()
        self._http: aiohttp.ClientSession | None = None

    @property
    def api_url(self) -> str:
        return f"{self.address}/api/"

    # --- what breaks --------------------------------------------------------------------------------------

    def fail(self, method: str, fault: Fault, *, channel: str = "", times: int = 1, after: int = 0) -> None:
        """`times=-1`: until `mend`."""
        self._faults.append(Expected(method, fault, channel, times, after))

    def mend(self) -> None:
        self._faults.clear()
        self.limits.clear()

    def limit_history(self, every: float = 60.0, objects: int = 15) -> None:
        """What distributed apps outside the Marketplace get: one request a minute and fifteen objects, per method."""
        for method in ("conversations.history", "conversations.replies"):
            self.limits[method] = Limit(every, objects)

    # --- what people do -----------------------------------------------------------------------------------

    async def people_say(self, user: str, text: str, channel: str = "C01GEN", thread: str = "", **more: object) -> Json:
        """Written and heard of: returns when the app has acknowledged. Without a way to the app it is only written."""
        message = self.write(user, text, channel, thread, **more)
        await self.deliver(self.event(payloads.message_event(self.workspace.channels[channel], message)))
        return message

    def write(self, user: str, text: str, channel: str = "C01GEN", thread: str = "", **more: object) -> Json:
        """Written while nobody listens: no event is sent."""
        return self.workspace.post(self.workspace.channels[channel], user, text, thread, **more)

    async def edit(self, channel: str, ts: str, text: str, *, heard: bool = True) -> None:
        room = self.workspace.channels[channel]
        found = room.find(ts)
        assert found is not None
        before, after = self.workspace.edit(room, ts, found["user"], text=text)
        if heard:
            await self.deliver(self.event(payloads.changed_event(self.workspace, room, before, after)))

    async def delete(self, channel: str, ts: str, *, heard: bool = True) -> None:
        room = self.workspace.channels[channel]
        gone = self.workspace.delete(room, ts)
        if heard:
            await self.deliver(self.event(payloads.deleted_event(self.workspace, room, gone)))

    async def press(self, user: str, channel: str, ts: str, label: str, *, trigger: str = "") -> Json | None:
        """The button with this label on a message of the bot. Returns the body of the acknowledgement."""
        message = self.workspace.channels[channel].find(ts)
        assert message is not None
        button = buttons(message)[label]
        body = payloads.block_actions(
            user, channel, message, button, trigger or self.trigger(), self._respond_at(), self.workspace.ts()
        )
        return await self.deliver(body)

    async def press_in_view(self, user: str, view: Json, label: str) -> Json | None:
        body = payloads.view_actions(user, view, buttons(view)[label], self.trigger(), self.workspace.ts())
        return await self.deliver(body)

    async def submit(self, user: str, view: Json, values: Mapping[str, Any]) -> Json | None:
        return await self.deliver(payloads.view_submission(user, view, values, self.trigger()))

    async def shortcut(self, user: str, callback: str, channel: str, ts: str) -> Json | None:
        message = self.workspace.channels[channel].find(ts)
        assert message is not None
        body = payloads.message_shortcut(user, callback, channel, message, self.trigger(), self._respond_at())
        return await self.deliver(body)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Json | None:
        body = payloads.slash_command(user, channel, command, text, self.trigger(), self._respond_at())
        return await self.deliver(body)

    async def open_home(self, user: str) -> None:
        room = self.workspace.direct(user)
        event = {"type": "app_home_opened", "user": user, "channel": room.id, "tab": "home"}
        await self.deliver(self.event(event | {"event_ts": self.workspace.ts()}))

    def trigger(self, *, expired: bool = False) -> str:
        trigger = self.workspace.number("trigger-")
        self._triggers[trigger] = time.monotonic() - (TRIGGER_LIVES + 1 if expired else 0)
        return trigger

    def event(self, event: Mapping[str, Any], event_id: str = "") -> Json:
        return payloads.event_callback(self.workspace, event, event_id)

    # --- to the app ---------------------------------------------------------------------------------------

    async def deliver(self, payload: Mapping[str, Any], *, tries: int = 3) -> Json | None:
        """By whichever way the app is reached, again (with the retry's number and reason) until it acknowledges. An app
        nobody reaches gets nothing, as with Slack."""
        for attempt in range(tries if self._reachable else 0):
            try:
                return await self._deliver_once(payload, attempt)
            except TimeoutError:
                continue
        return None

    @property
    def _reachable(self) -> bool:
        return bool(self.request_url or self.sockets.lines)

    async def _deliver_once(self, payload: Mapping[str, Any], attempt: int) -> Json | None:
        reason = "timeout" if attempt else ""
        if self.request_url:
            status, answer = await self.request(payload, attempt=attempt, reason=reason)
            if status != 200:
                raise TimeoutError
            return answer
        envelope = await self.send(payload, attempt=attempt, reason=reason)
        await asyncio.wait_for(envelope.acked.wait(), ACKNOWLEDGED_WITHIN)
        return envelope.answer

    async def send(self, payload: Mapping[str, Any], attempt: int = 0, reason: str = "") -> Envelope:
        """Through a socket, without waiting for the acknowledgement."""
        kind = "slash_commands" if "command" in payload else "interactive"
        if payload.get("type") == "event_callback":
            kind = "events_api"
        return await self.sockets.send(kind, payload, attempt, reason)

    async def request(
        self,
        payload: Mapping[str, Any],
        *,
        secret: str = SIGNING_SECRET,
        at: float | None = None,
        attempt: int = 0,
        reason: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Json | None]:
        """A signed request; the status and the body it is answered with. `headers` replace those of the signature."""
        assert self._http is not None
        kind, body = payloads.body_of(payload)
        sent = {"Content-Type": kind, **payloads.signed(secret, body, time.time() if at is None else at)}
        if attempt:
            sent |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": f"http_{reason}"}
        sent |= headers or {}
        async with self._http.post(self.request_url, data=body, headers=sent) as answer:
            text = await answer.text()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, None

    # --- what came of it ----------------------------------------------------------------------------------

    def posts(self, channel: str = "", thread: str = "") -> list[Json]:
        """What the bot has said, oldest first, ephemerals (`ephemeral_to`) among it."""
        rooms = [c for c in self.workspace.channels.values() if channel in ("", c.id)]
        said = [{**m, "channel": c.id} for c in rooms for m in c.messages if m.get("user") == BOT]
        return sorted((m for m in said if thread in ("", m.get("thread_ts"))), key=lambda m: m["ts"])

    def keys(self) -> Counter[str]:
        """How often each wish stands in a channel: more than once is a message posted twice."""
        found = (m.get("metadata", {}).get("event_payload", {}).get("key", "") for m in self.posts())
        return Counter(key for key in found if key)

    def posted_twice(self) -> list[str]:
        return [key for key, times in self.keys().items() if times > 1]

    def called(self, method: str, outcome: str = "") -> list[Call]:
        return [c for c in self.calls if c.method == method and outcome in ("", c.outcome)]

    async def until(self, look: Callable[[], Any], within: float = 10.0) -> Any:
        """What `look` gives (or what it gives when awaited), as soon as it gives something."""
        end = asyncio.get_running_loop().time() + within
        while True:
            found = look()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return found
            assert asyncio.get_running_loop().time() < end, f"not seen within {within} s"
            await asyncio.sleep(0.01)

    # --- the Web API --------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token, asked = await _asked(request)
        channel = str(asked.get("channel") or asked.get("channel_id") or "")
        fault = next((e.fault for e in self._faults if e.strikes(method, channel)), None)
        limit = self.limits.get(method)
        if fault is None and limit is not None and (wait := limit.wait(channel, time.monotonic())) > 0:
            fault = RateLimited(wait)
        if limit is not None and limit.objects:
            asked["limit"] = min(int(asked.get("limit") or limit.objects), limit.objects)
        return await self._struck(fault, request, method, token, asked)

    async def _struck(
        self, fault: Fault | None, request: web.Request, method: str, token: str, asked: Json
    ) -> web.StreamResponse:
        name = type(fault).__name__ if fault is not None else ""
        match fault:
            case RateLimited(seconds):
                self._note(method, asked, "ratelimited")
                answer = {"ok": False, "error": "ratelimited"}
                return web.json_response(answer, status=429, headers={"Retry-After": _seconds(seconds)})
            case Status(code):
                self._note(method, asked, name)
                return web.Response(status=code, text="upstream trouble")
            case Garbled(text, kind):
                self._note(method, asked, name)
                return web.Response(text=text, content_type=kind)
            case Drop():
                self._note(method, asked, name)
                return _hung_up(request)
            case Refused(error, needed, provided):
                self._note(method, asked, error)
                more = {"needed": needed, "provided": provided or self.scopes} if needed else {}
                return self._said({"ok": False, "error": error} | more)
        answer = self._performed(method, token, asked)
        self._note(method, asked, name or ("ok" if answer["ok"] else answer["error"]))
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.seconds)
        if isinstance(fault, Held):
            await asyncio.wait_for(fault.go.wait(), 20)
        return _hung_up(request) if isinstance(fault, CommitThenDrop) else self._said(answer)

    def _performed(self, method: str, token: str, asked: Json) -> Json:
        try:
            if method != "oauth.v2.access" and token not in self.tokens:
                raise Refuses("invalid_auth" if token else "not_authed")
            return {"ok": True} | self._method(method, asked)
        except Refuses as refused:
            return {"ok": False, "error": refused.error} | refused.more

    def _method(self, method: str, asked: Json) -> Json:
        match method:
            case "apps.connections.open":
                return {"url": f"{self.address.replace('http', 'ws', 1)}/link?ticket={self.sockets.ticket()}"}
            case "views.open" | "views.push":
                since = self._triggers.pop(str(asked.get("trigger_id")), None)
                if since is None:
                    raise Refuses("exchanged_trigger_id")
                if time.monotonic() - since > TRIGGER_LIVES:
                    raise Refuses("expired_trigger_id")
                return opened(self.workspace, asked.get("view"))
            case "files.getUploadURLExternal":
                file = {"id": self.workspace.number("F"), "name": asked.get("filename"), "bytes": b""}
                self.workspace.files.append(file)
                return {"upload_url": f"{self.address}/upload/{file['id']}", "file_id": file["id"]}
            case "oauth.v2.access":
                granted = {"access_token": BOT_TOKEN, "token_type": "bot", "scope": self.scopes, "bot_user_id": BOT}
                app = {"app_id": APP, "team": {"id": TEAM, "name": "Test"}, "enterprise": None}
                return granted | app | {"authed_user": {"id": "U03MODA"}, "is_enterprise_install": False}
            case "bots.info":
                return {"bot": {"id": BOT_ID, "app_id": APP, "user_id": BOT, "name": "winwin"}}
        if method not in METHODS:
            raise Refuses("unknown_method")
        return METHODS[method](self.workspace, asked)

    def _said(self, answer: Json) -> web.Response:
        return web.json_response(answer, headers={"x-oauth-scopes": self.scopes})

    def _note(self, method: str, asked: Json, outcome: str) -> None:
        self.calls.append(Call(method, asked, time.monotonic(), outcome))

    # --- other addresses ----------------------------------------------------------------------------------

    def _respond_at(self) -> str:
        return f"{self.address}/respond/{self.workspace.number('r')}"

    async def _responded(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        self._uses[number] += 1
        if self._uses[number] > RESPONSES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        self.responses.append(await request.json())
        return web.Response(text="ok")

    async def _uploaded(self, request: web.Request) -> web.Response:
        file = next(f for f in self.workspace.files if f["id"] == request.match_info["file"])
        if request.content_type.startswith("multipart/"):
            fields = await request.post()
            sent = next(iter(fields.values()))
            file["bytes"] = sent.file.read() if isinstance(sent, web.FileField) else str(sent).encode()
        else:
            file["bytes"] = await request.read()
        return web.Response(text="OK")

    async def start(self) -> web.AppRunner:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/api/{method}", self._answer)
        app.router.add_get("/link", self.sockets.serve)
        app.router.add_post("/respond/{number}", self._responded)
        app.router.add_post("/upload/{file}", self._uploaded)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._http = aiohttp.ClientSession()
        return runner

    async def stop(self, runner: web.AppRunner) -> None:
        await self.sockets.cut()
        assert self._http is not None
        await self._http.close()
        await runner.cleanup()


async def _asked(request: web.Request) -> tuple[str, Json]:
    """The token, and what was asked: in the address, a form or JSON."""
    asked: Json = dict(request.query)
    if request.content_type == "application/json":
        asked |= await request.json()
    elif request.method == "POST":
        asked |= dict(await request.post())
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bearer or str(asked.get("token", "")), asked


def _hung_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _seconds(seconds: float) -> str:
    return str(int(seconds)) if seconds == int(seconds) else f"{seconds:.3f}"


def buttons(message: Mapping[str, Any]) -> dict[str, Json]:
    """The buttons of a message or view by their label, each with the block it stands in."""
    found: dict[str, Json] = {}
    for block in message.get("blocks") or ():
        elements = [*(block.get("elements") or ()), *([block["accessory"]] if "accessory" in block else ())]
        for element in elements:
            if element.get("type") == "button":
                found[element["text"]["text"]] = {**element, "block_id": block.get("block_id", "")}
    return found


def peopled(slack: SlackServer) -> SlackServer:
    """Alice asks, Ben answers, Moda moderates; #general, #hospital-days, and a private #team."""
    for user, name in {"U01ALICE": "alice", "U02BEN": "ben", "U03MODA": "moda", BOT: "winwin"}.items():
        slack.workspace.enter(user, name, is_bot=user == BOT)
    slack.workspace.open_channel("C01GEN", "general")
    slack.workspace.open_channel("C02HOSP", "hospital-days")
    slack.workspace.open_channel("G01TEAM", "team", private=True)
    return slack


@asynccontextmanager
async def slack_server(now: Callable[[], float] = time.time) -> AsyncIterator[SlackServer]:
    slack = peopled(SlackServer(now))
    runner = await slack.start()
    try:
        yield slack
    finally:
        await slack.stop(runner)
