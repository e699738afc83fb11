"""One run with Discord, Slack and the local web community at once: one library, one desk, and one person wherever they
write."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.storage.database import Database
from tests.fakes import slack_reading, warm
from tests.fakes.command_line import PROGRAM
from tests.fakes.discord_interactions import Interaction
from tests.fakes.discord_payloads import ALICE, BEN, GENERAL, GUILD, MODA, Json
from tests.fakes.discord_reading import filled, words_of
from tests.fakes.discord_server import TOKEN, DiscordServer, discord_server
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer, slack_server
from tests.fakes.slack_workspace import TEAM
from tests.fakes.tables import little_library
from tests.fakes.winwin_process import Winwin

pytestmark = [pytest.mark.process, pytest.mark.model]

BEN_ON_SLACK, ON_SLACK = "U02BEN", "C01GEN"
SCHOOL = "The school keeps marking his infusion days as unexcused absences. What can we do?"
ANSWER = "We asked the headteacher for a fixed contact, and bring a plan for missed lessons every September."
TITLE = "A fixed contact at school"
AGAIN = "Who is our contact at school for a plan for missed lessons?"
POOL = "Which pool in our town is warm enough for a child who gets cold and tires quickly?"
FOUND = "from our community's library"


@dataclass
class Scene:
    discord: DiscordServer
    slack: SlackServer
    winwin: Winwin
    file: Path
    filled: int = 0  # windows on Slack that were sent

    async def on_discord(self, channel: str, words: str) -> Json:
        """The newest message of the bot there that holds these words; waits until there is one."""

        def look() -> Json | None:
            found = [m for m in self.discord.posts(channel) if words in words_of(m)]
            return found[-1] if found else None

        message: Json = await self.discord.until(look, within=20)
        return message

    async def to_discord(self, user: str, words: str) -> Json:
        return await self.on_discord(self.discord.realm.direct(user)["id"], words)

    async def beside(self, order: Interaction, words: str) -> None:
        """Said to whoever gave the order, beside it."""
        await self.discord.until(lambda: any(words in words_of(m) for m in order.alone), within=20)

    async def on_slack(self, channel: str, words: str, ts: str = "") -> Json:
        def look() -> Json | None:
            there = [m for m in self.slack.posts(channel) if ts in ("", m["ts"])]
            found = [m for m in there if words in slack_reading.words_of(m.get("blocks", []))]
            return found[-1] if found else None

        message: Json = await self.slack.until(look, within=20)
        return message

    async def to_slack(self, words: str) -> Json:
        """To Ben, in private."""
        return await self.on_slack(self.slack.workspace.direct(BEN_ON_SLACK).id, words)

    async def press(self, user: str, message: Json, label: str) -> Interaction:
        pressed = await self.discord.press(user, message, label)
        assert pressed.answer, f"{label} was not answered"
        return pressed

    async def press_on_slack(self, message: Json, label: str) -> None:
        await self.slack.press(BEN_ON_SLACK, message["channel"], message["ts"], label)

    async def fill_on_slack(self, title: str, **values: str) -> None:
        def look() -> Json | None:
            opened = list(self.slack.workspace.views.values())[self.filled :]
            return next((v for v in opened if v["title"]["text"] == title), None)

        view: Json = await self.slack.until(look)
        self.filled = len(self.slack.workspace.views)
        await self.slack.submit(BEN_ON_SLACK, view, slack_reading.filled(view, values))

    async def counted(self) -> Json:
        """How many people `winwin report` counts, by tier."""
        order = [*PROGRAM, "report", "--json", "--show-small", "--database", str(self.file)]
        said = await asyncio.to_thread(warm.told, order, os.environ, self.file.parent)
        return {tier: cell["cumulative"] for tier, cell in json.loads(said)["tiers"].items()}


@pytest.fixture
async def scene(folder: Path) -> AsyncIterator[Scene]:
    file = folder / "winwin.db"
    await little_library(file, f"discord:{GUILD}:{GENERAL}", f"slack:{TEAM}:{ON_SLACK}")
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(discord_server())
        slack = await stack.enter_async_context(slack_server())
        settings = {"DISCORD_TOKEN": TOKEN, "WINWIN_MODERATORS": f"discord:{GUILD}:{MODA}"}
        settings |= {"DISCORD_API_URL": discord.api_url, "DISCORD_GATEWAY_URL": discord.gateway_url}
        settings |= {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": slack.api_url}
        winwin = Winwin(folder, settings, local=True)
        stack.push_async_callback(winwin.stop)
        await winwin.start()
        await slack.until(lambda: slack.sockets.lines)
        yield Scene(discord, slack, winwin, file)


async def test_asked_on_discord_accepted_on_slack_answered_saved_and_suggested_on_the_web(scene: Scene):
    await _ben_volunteers_on_slack_and_is_on_discord_too(scene)
    answer = await _asked_and_answered(scene)
    await _saved(scene, answer)
    assert TITLE in await _asked_on_the_web(scene, AGAIN)
    await _asked_in_private_and_answered_from_slack(scene)
    # Accepted from one account, answered from the other: Ben produces, once; until the accounts are parted again.
    counted = await scene.counted()
    assert counted["producing"] == 1, counted
    parted = await scene.discord.command(BEN, GENERAL, "winwin unlink")
    await scene.beside(parted, "this account stands for itself again")
    assert (await scene.counted())["producing"] == 2
    await _answered_in_the_thread_by_somebody_who_is_only_on_slack(scene)

    assert await _open_channels(scene) == {GENERAL, ON_SLACK, "kitchen-table"}
    assert scene.winwin.said.count("winwin: connected to Test") == 2
    assert scene.winwin.said.count("Ready.") == 1
    assert not scene.discord.posted_twice()
    assert not scene.slack.posted_twice()


async def _open_channels(scene: Scene) -> set[str]:
    """Those of these that are known to be open to everybody: each platform has said so."""
    database = await Database.open(f"sqlite+aiosqlite:///{scene.file}")
    async with database.read() as tx:
        found = {c.key.rpartition(":")[2] for c in await tx.channels.all() if c.public}
    await database.close()
    return found & {GENERAL, ON_SLACK, "kitchen-table"}


async def _ben_volunteers_on_slack_and_is_on_discord_too(scene: Scene) -> None:
    await scene.slack.command(BEN_ON_SLACK, ON_SLACK, "/volunteer")
    await scene.fill_on_slack("Volunteering", languages="en", time_zone="UTC")
    await scene.to_slack("Saved.")
    await scene.slack.command(BEN_ON_SLACK, ON_SLACK, "/winwin", "link")
    shown = slack_reading.words_of((await scene.to_slack("code"))["blocks"])
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", shown)
    assert code, shown
    linked = await scene.discord.command(BEN, GENERAL, "winwin link", code=code[0])
    await scene.beside(linked, "your two accounts are one person now")
    await scene.to_slack("your two accounts are one person now")


async def _asked_and_answered(scene: Scene) -> Json:
    """In a thread on Discord. Whoever has no account there can't write in it; Ben has."""
    asked = scene.discord.people_say(ALICE, SCHOOL)
    await scene.press(ALICE, await scene.on_discord(asked["id"], FOUND), "Not what I need")
    await scene.press_on_slack(await scene.to_slack(SCHOOL), "Accept")
    await scene.on_discord(asked["id"], "has taken your question")
    taken = json.dumps((await scene.to_slack("This question is yours."))["blocks"])
    assert f"<https://discord.com/channels/{GUILD}/{GENERAL}/{asked['id']}|Answer it in the thread>" in taken, taken
    answer = scene.discord.people_say(BEN, ANSWER, asked["id"])
    await scene.to_slack("This question has been answered. Thank you")
    return answer


async def _saved(scene: Scene, answer: Json) -> None:
    menu = await scene.discord.context(MODA, answer, "Save as resource")
    assert menu.modal is not None
    await scene.discord.submit(menu, filled(menu.modal, {"title": TITLE}))
    await scene.press(BEN, await scene.to_discord(BEN, "Your answer could help the next family."), "Yes, keep it")
    await scene.press(MODA, await scene.to_discord(MODA, "waiting to be read"), "Publish")
    await scene.to_discord(BEN, "is in the library now")


async def _asked_on_the_web(scene: Scene, question: str) -> str:
    """The page of the question's thread, as soon as something was suggested in it."""
    async with httpx.AsyncClient(base_url=scene.winwin.address, follow_redirects=True) as http:
        page = await http.get("/")
        values: dict[str, Any] = {"channel": page.url.path.rpartition("/")[2], "thread": "", "text": question}
        values |= {name: _hidden(page.text, name) for name in ("csrf", "press")}
        thread = await http.post("/say", data=values)

        async def look() -> str:
            page = (await http.get(thread.url)).text
            return page if FOUND in page.replace("&#39;", "'") else ""

        shown: str = await scene.discord.until(look, within=20)
        return shown


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def _asked_in_private_and_answered_from_slack(scene: Scene) -> None:
    """Nobody needs an account on Discord for that: the bot brings the answer over."""
    private = "How do I tell his swimming coach that he needs to leave the pool quickly at times?"
    scene.discord.people_say(ALICE, private, scene.discord.realm.direct(ALICE)["id"])
    offer = await scene.to_slack(private)
    await scene.press_on_slack(offer, "Accept")
    await scene.press_on_slack(await scene.to_slack("press “Write an answer”"), "Write an answer")
    await scene.fill_on_slack("Write an answer", text="We gave the coach a card with three lines on it.")
    await scene.to_discord(ALICE, "a card with three lines")


async def _answered_in_the_thread_by_somebody_who_is_only_on_slack(scene: Scene) -> None:
    """Whoever can't open the thread reads the question on their card, and the bot posts their answer there."""
    asked = scene.discord.people_say(ALICE, POOL)
    offer = await scene.to_slack(POOL)
    assert "Read it in the channel" not in json.dumps(offer["blocks"])
    await scene.press_on_slack(offer, "Accept")
    taken = await scene.to_slack("I will post it in the thread under your name.")
    assert POOL in slack_reading.words_of(taken["blocks"])
    assert "discord.com" not in json.dumps(taken["blocks"])
    await scene.press_on_slack(taken, "Write an answer")
    await scene.fill_on_slack("Write an answer", text="The one at the old harbour is warm on Fridays.")
    posted = await scene.on_discord(asked["id"], "from our Slack, answers:")
    assert "warm on Fridays" in words_of(posted)
    done = await scene.on_slack(taken["channel"], "This question has been answered. Thank you", taken["ts"])
    await scene.press_on_slack(done, "Write something more")
    await scene.fill_on_slack("Write an answer", text="The one at the old harbour is warm on Sundays.")
    await scene.on_discord(asked["id"], "warm on Sundays")
    assert len([m for m in scene.discord.posts(asked["id"]) if "from our Slack" in words_of(m)]) == 1
    menu = await scene.discord.context(MODA, posted, "Save as resource")
    assert menu.modal is not None
    await scene.discord.submit(menu, filled(menu.modal, {"title": "A warm pool"}))
    await scene.to_slack("Your answer could help the next family.")
    await scene.press(ALICE, await scene.on_discord(asked["id"], "warm on Sundays"), "This helped")
    await scene.on_discord(asked["id"], "I am glad it helped.")
