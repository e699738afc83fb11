"""local-slack, a Slack on this machine (npm: local-slack-linux-x64), and the hands that people in it have.

`async with local_slack() as slack:` gives a workspace with three people and two channels; point the bot at
`slack.api_url`. What it is not faithful in: any token will do, ephemerals show in the history, nothing is redelivered
or limited, and there are no message shortcuts.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.apart import Apart

ROOT = Path(__file__).parents[2]
BINARY = ROOT / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack"
TEAM, APP, BOT = "T01TEST", "A01APP", "U0BOT"
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-test-token", "xapp-test-token", "local-signing-secret"
PEOPLE = {"U01ALICE": "alice", "U02BEN": "ben", "U03MODA": "moda"}
CHANNELS = {"C01GEN": "general", "C02HOSP": "hospital-days"}
PATIENCE = 10.0  # seconds that something may take to happen

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Workspace:
    """`request_url` is where signed requests go; without one it is Socket Mode."""

    people: Mapping[str, str]
    channels: Mapping[str, str]
    request_url: str = ""

    def config(self) -> Json:
        app: Json = {"appId": APP, "botUserId": BOT, "botName": "winwin", "botToken": BOT_TOKEN, "appToken": APP_TOKEN}
        app |= {"signingSecret": SIGNING_SECRET, "mode": "socket"}
        if self.request_url:
            app |= {"mode": "events", "requestUrl": self.request_url}
        members = [*self.people, BOT]
        return {
            "workspace": {"name": "Test", "domain": "test", "teamId": TEAM},
            "app": app,
            "users": [{"id": key, "name": name} for key, name in self.people.items()],
            "channels": [{"id": key, "name": name, "members": members} for key, name in self.channels.items()],
        }


class LocalSlack:
    """What people do in the workspace, and what stands in it."""

    def __init__(self, address: str, http: aiohttp.ClientSession) -> None:
        self.address = address
        self.api_url = f"{address}/api/"
        self._http = http

    # --- what people do -----------------------------------------------------------------------------------

    async def message(self, channel: str, user: str, text: str, thread: str = "") -> Json:
        """The message as it stands then; its "ts" is its id."""
        said = {"channel": channel, "user": user, "text": text} | ({"thread_ts": thread} if thread else {})
        message: Json = (await self._control("message", said))["message"]
        return message

    async def direct(self, user: str, text: str) -> Json:
        """A message to the bot alone."""
        return await self.message(await self.direct_channel(user), user, text)

    async def direct_channel(self, user: str) -> str:
        opened = await self.api("conversations.open", users=user)
        return str(opened["channel"]["id"])

    async def command(self, channel: str, user: str, command: str, text: str = "") -> None:
        await self._control("command", {"channel": channel, "user": user, "command": command, "text": text})

    async def press(self, channel: str, message: str, user: str, button: Json) -> None:
        """`button` is an element of the message's blocks, as `buttons` gives it."""
        action = {k: button[k] for k in ("type", "action_id", "block_id", "value", "text") if k in button}
        await self._control("interact", {"channel": channel, "messageTs": message, "user": user, "action": action})

    async def react(self, channel: str, message: str, user: str, name: str, *, present: bool = True) -> None:
        said = {"channel": channel, "ts": message, "user": user, "name": name, "present": present}
        await self._control("reaction", said)

    async def edit(self, channel: str, message: str, user: str, text: str) -> None:
        await self._control("edit-message", {"channel": channel, "ts": message, "user": user, "text": text})

    async def delete(self, channel: str, message: str, user: str) -> None:
        await self._control("delete-message", {"channel": channel, "ts": message, "user": user})

    async def open_home(self, user: str) -> None:
        await self._control("open-home", {"user": user})

    async def press_in_view(self, user: str, button: Json) -> None:
        """A button of the App Home or of a modal: there is no message around it."""
        await self._in_browser({"t": "block_action", "channel": "", "messageTs": "", "user": user, "action": button})

    async def submit(self, user: str, values: Json) -> None:
        """Submit the modal on top. `values` as Slack has them: {block_id: {action_id: {"type": …, "value": …}}}; input
        blocks that are not named are left empty, whatever their initial value."""
        await self._in_browser({"t": "view_submit", "user": user, "values": values})

    async def reset(self) -> None:
        await self._control("reset", {})

    # --- what can be seen ---------------------------------------------------------------------------------

    async def messages(self, channel: str) -> list[Json]:
        """Everything in a channel, oldest first, with what only some can see (`ephemeral_to`)."""
        found: list[Json] = (await self._get(f"messages/{channel}"))["messages"]
        return found

    async def by_bot(self, channel: str) -> list[Json]:
        return [m for m in await self.messages(channel) if m.get("user") == BOT]

    async def log(self) -> list[Json]:
        """What went between Slack and the app, newest first or last as the server keeps it."""
        entries: list[Json] = (await self._get("log"))["log"]
        return entries

    async def state(self) -> Json:
        """What a browser would show: `modalStack`, `homeViews`, whether the app is connected."""
        async with self._http.ws_connect(f"{self.address}/ui") as browser:
            first = await browser.receive_json()
        state: Json = first["state"]
        return state

    async def modal(self) -> Json | None:
        """The modal on top."""
        stack = (await self.state())["modalStack"]
        return stack[-1] if stack else None

    async def connected(self) -> bool:
        return any(app["connected"] for app in (await self.state())["apps"])

    async def until(self, look: Callable[[], Awaitable[Any]], within: float = PATIENCE) -> Any:
        """What `look` gives, as soon as it gives something."""
        end = asyncio.get_running_loop().time() + within
        while not (found := await look()):
            assert asyncio.get_running_loop().time() < end, f"not seen within {within} s"
            await asyncio.sleep(0.02)
        return found

    async def api(self, method: str, **arguments: object) -> Json:
        async with self._http.post(
            self.api_url + method, json=arguments, headers={"Authorization": f"Bearer {BOT_TOKEN}"}
        ) as answer:
            found: Json = await answer.json()
        assert found["ok"], found
        return found

    # --- how ----------------------------------------------------------------------------------------------

    async def _control(self, what: str, said: Json) -> Json:
        async with self._http.post(f"{self.address}/_control/{what}", json=said) as answer:
            found: Json = await answer.json()
        assert found["ok"], found
        return found

    async def _get(self, what: str) -> Json:
        async with self._http.get(f"{self.address}/_control/{what}") as answer:
            found: Json = await answer.json()
        return found

    async def _in_browser(self, said: Json) -> None:
        async with self._http.ws_connect(f"{self.address}/ui") as browser:
            await browser.receive()
            await browser.send_str(json.dumps(said))


def buttons(message: Json) -> dict[str, Json]:
    """The buttons of a message or view by their label, each with the block it stands in."""
    found: dict[str, Json] = {}
    for block in message.get("blocks") or ():
        elements = [*(block.get("elements") or ()), *([block["accessory"]] if "accessory" in block else ())]
        for element in elements:
            if element.get("type") == "button":
                found[element["text"]["text"]] = {**element, "block_id": block.get("block_id", "")}
    return found


@asynccontextmanager
async def local_slack(
    *,
    people: Mapping[str, str] = PEOPLE,
    channels: Mapping[str, str] = CHANNELS,
    request_url: str = "",
    outward: Sequence[int] = (),
) -> AsyncIterator[LocalSlack]:
    """A running workspace. `outward`: the loopback ports its signed requests may reach. Skips where it is not there."""
    if not BINARY.is_file():
        pytest.skip("local-slack is not installed: `make test`, or `npm ci --ignore-scripts`, does so on Linux on x64")
    server = Apart(outward)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
        json.dump(Workspace(people, channels, request_url).config(), config)
        config.flush()
        server.start([str(BINARY), "--config", config.name, "--port", str(server.port), "--base-host", "127.0.0.1"])
        try:
            async with aiohttp.ClientSession() as http:
                slack = LocalSlack(f"http://127.0.0.1:{server.port}", http)
                await _answering(slack, server)
                yield slack
        finally:
            await asyncio.to_thread(server.stop)


async def _answering(slack: LocalSlack, server: Apart) -> None:
    async def answers() -> bool:
        assert server.running, server.log()
        try:
            return bool((await slack.api("auth.test"))["ok"])
        except aiohttp.ClientError:
            return False

    await slack.until(answers)
