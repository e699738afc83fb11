"""The real program on a Slack of this machine, over both ways in: from a question to a resource for the next one."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.fakes import slack_payloads as payloads
from tests.fakes.local_slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, TEAM, Json, LocalSlack, buttons, local_slack
from tests.fakes.slack_reading import filled, words_of
from tests.fakes.tables import little_library
from tests.fakes.winwin_process import Winwin

pytestmark = [pytest.mark.process, pytest.mark.model]

ALICE, BEN, MODA, GENERAL = "U01ALICE", "U02BEN", "U03MODA", "C01GEN"
SCHOOL = "The school keeps marking his infusion days as unexcused absences. What can we do?"
FOUND = "from our community's library"


@dataclass
class Scene:
    slack: LocalSlack
    winwin: Winwin
    signed: bool

    async def thread(self, ts: str) -> list[Json]:
        return [m for m in await self.slack.by_bot(GENERAL) if m.get("thread_ts") == ts]

    async def newest(self, channel: str, words: str, thread: str = "") -> Json:
        """The newest message of the bot that holds these words; waits until there is one."""

        async def look() -> Json | None:
            said = [m for m in await self.slack.by_bot(channel) if thread in ("", m.get("thread_ts"))]
            found = [m for m in said if words in words_of(m.get("blocks", []))]
            return found[-1] if found else None

        message: Json = await self.slack.until(look)
        return message

    async def private(self, user: str, words: str) -> Json:
        return await self.newest(await self.slack.direct_channel(user), words)

    async def press(self, user: str, message: Json, label: str) -> None:
        await self.slack.press(message["channel"], message["ts"], user, buttons(message)[label])

    async def form(self, title: str) -> Json:
        async def look() -> Json | None:
            view = await self.slack.modal()
            return view if view and view["title"]["text"] == title else None

        view: Json = await self.slack.until(look)
        return view

    async def shortcut(self, user: str, callback: str, message: Json) -> None:
        """A message's menu, as a signed request: local-slack has none. Its trigger is one of local-slack's own."""
        trigger = await self._trigger(user)
        body = payloads.message_shortcut(user, callback, GENERAL, message, trigger, "")
        kind, text = payloads.body_of({**body, "team": {"id": TEAM}})
        headers = {"Content-Type": kind, **payloads.signed(SIGNING_SECRET, text, time.time())}
        address = f"{self.winwin.address}/slack/events"
        async with aiohttp.ClientSession() as http, http.post(address, data=text, headers=headers) as answer:
            assert answer.status == 200

    async def _trigger(self, user: str) -> str:
        """Of a command that asks for nothing."""
        await self.slack.command(GENERAL, user, "/nothing-of-ours")
        entries = [str(e["detail"]) for e in await self.slack.log() if e["kind"] == "slash_commands"]
        found = [e.partition("trigger_id=")[2] for e in entries if "trigger_id=" in e]
        return found[-1].partition("&")[0]


@pytest.fixture(params=[pytest.param("socket", marks=pytest.mark.soak), "http"])
async def scene(request, folder: Path) -> AsyncIterator[Scene]:
    signed = request.param == "http"
    await little_library(folder / "winwin.db", *(f"slack:{TEAM}:{c}" for c in ("C01GEN", "C02HOSP")))
    settings = {"SLACK_BOT_TOKEN": BOT_TOKEN, "WINWIN_MODERATORS": f"slack:{TEAM}:{MODA}"}
    settings |= {"SLACK_SIGNING_SECRET": SIGNING_SECRET} if signed else {"SLACK_APP_TOKEN": APP_TOKEN}
    async with AsyncExitStack() as stack:
        winwin = Winwin(folder, settings, cold=True)
        hooks = {"request_url": f"{winwin.address}/slack/events", "outward": [winwin.port]} if signed else {}
        slack = await stack.enter_async_context(local_slack(**hooks))
        winwin._settings["SLACK_API_URL"] = slack.api_url
        await winwin.start()
        stack.push_async_callback(winwin.stop)
        yield Scene(slack, winwin, signed)


async def test_a_question_becomes_a_resource_for_the_next_one(scene: Scene):
    slack = scene.slack
    await slack.command(GENERAL, BEN, "/volunteer")
    await slack.submit(BEN, filled(await scene.form("Volunteering"), {"languages": "en", "time_zone": "UTC"}))
    await scene.private(BEN, "Saved.")

    asked = await slack.message(GENERAL, ALICE, SCHOOL)
    shown = await scene.newest(GENERAL, FOUND, asked["ts"])
    assert {"Read it", "This helped", "Not what I need", "Ask a person"} <= set(buttons(shown))
    await scene.press(ALICE, shown, "Ask a person")

    offer = await scene.private(BEN, SCHOOL)
    assert "Alice has a question" in words_of(offer["blocks"]) or "alice has a question" in words_of(offer["blocks"])
    await scene.press(BEN, offer, "Accept")
    await scene.newest(GENERAL, "has taken your question", asked["ts"])
    words = "We asked the headteacher for a fixed contact, and bring a plan for missed lessons every September."
    answer = await slack.message(GENERAL, BEN, words, asked["ts"])
    await scene.private(BEN, "This question has been answered. Thank you")

    if scene.signed:  # local-slack has no shortcuts of its own
        await _saved_and_found(scene, answer)
    assert "winwin: connected to Test" in scene.winwin.said
    assert not [w for w in ("headteacher", "absences", BOT_TOKEN) if w in scene.winwin.said]
    await _killed_after_the_acknowledgement(scene)


async def _saved_and_found(scene: Scene, answer: Json) -> None:
    slack = scene.slack
    await scene.shortcut(MODA, "save_as_resource", answer)
    view = await scene.form("Save as a resource")
    title = "A fixed contact at school"
    await slack.submit(MODA, filled(view, {"title": title, "topics": "school"}))
    await scene.press(BEN, await scene.private(BEN, "Your answer could help the next family."), "Yes, keep it")
    await scene.press(MODA, await scene.private(MODA, "waiting to be read"), "Publish")
    await scene.private(BEN, "is in the library now")
    later = await slack.message(GENERAL, ALICE, "Who is our contact at school for a plan for missed lessons?")
    await scene.newest(GENERAL, title, later["ts"])


async def _killed_after_the_acknowledgement(scene: Scene) -> None:
    asked = await scene.slack.message(GENERAL, ALICE, SCHOOL)
    await scene.winwin.kill()
    await scene.winwin.start()
    await scene.newest(GENERAL, FOUND, asked["ts"])
    keys = [json.dumps(m.get("blocks")) for m in await scene.thread(asked["ts"])]
    assert len(keys) == len(set(keys)), "something was said twice"
