"""Slack and Discord limit, refuse, break off, cut lines and call for new ones, at random, while people ask: all that
is to be said is said, and nothing twice but where a platform cannot tell, which is counted."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

import aiohttp
import pytest

from tests.fakes import slack_faults as faults
from tests.fakes.discord_faults import Fault, Limited
from tests.fakes.discord_payloads import ALICE as ANN
from tests.fakes.discord_payloads import GENERAL as ROOM
from tests.fakes.discord_payloads import HOSPITAL
from tests.fakes.slack_scene import ALICE, EXCUSED, GENERAL
from tests.fakes.slack_scene import HOSPITAL as WARD
from tests.fakes.slack_scene import Scene as SlackScene
from tests.fakes.slack_scene import scene as slack_scene
from tests.faults.test_discord_kills import POST, Scene
from tests.faults.test_discord_kills import scene as discord_scene
from tests.reliability import Reached

pytestmark = [pytest.mark.soak, pytest.mark.process, pytest.mark.model]

ASKED = 120
BAR = "all delivered; nothing twice but where the platform cannot tell, and that is counted"
IDLE = "SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL), (SELECT count(due_at) FROM outbox)"


async def counted(address: str, platform: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"{address}/metrics") as answer:
        text = await answer.text()
    names = ("ambiguous", "found", "blind", "backfilled")
    found = {name: re.search(rf"winwin_{platform}_{name}_total ([\d.]+)", text) for name in names}
    return ", ".join(f"{name} {float(match[1]):.0f}" for name, match in found.items() if match)


async def test_a_storm_on_slack(folder: Path, seed: int, reached: Reached):
    chance = random.Random(seed)
    async with slack_scene(folder) as here:
        slack = here.slack
        await here.marked()
        asked: list[tuple[str, str]] = []
        for number in range(ASKED):
            channel = chance.choice((GENERAL, WARD))
            message = await slack.people_say(ALICE, f"{EXCUSED} ({number})", channel)
            asked.append((channel, message["ts"]))
            for _ in range(chance.randint(0, 2)):
                slack.fail("chat.postMessage", _slack_fault(chance))
            match chance.randrange(12):
                case 0:
                    await slack.sockets.cut()
                case 1:
                    await slack.sockets.ask_to_leave()
                case 2:
                    slack.fail("apps.connections.open", faults.Status(503))
            await asyncio.sleep(chance.uniform(0.0, 0.8))
        slack.mend()
        await slack.until(lambda: here.rows(IDLE) == [(0, 0)] and len(_questions(here)) == ASKED, within=400)
        for channel, ts in asked:
            assert len(slack.posts(channel, ts)) == 1, ts
        assert slack.posted_twice() == []
        figure = f"{ASKED} questions, each suggestion once; {await counted(here.winwin.address, 'slack')}"
    reached("platforms", "Slack, SQLite", BAR, figure)


def _questions(here: Scene | SlackScene) -> list[tuple[object, ...]]:
    return here.rows("SELECT id FROM question")


def _slack_fault(chance: random.Random) -> faults.Fault:
    return chance.choice(
        [faults.RateLimited(1), faults.Status(502), faults.Status(503), faults.CommitThenDrop(), faults.Drop()]
    )


async def test_a_storm_on_discord(folder: Path, seed: int, reached: Reached):
    chance = random.Random(seed)
    async with discord_scene(folder) as here:
        discord = here.discord
        asked: list[str] = []
        for number in range(ASKED):
            text = f"The school marks infusion day {number} as an absence. What can we do?"
            asked.append(discord.people_say(ANN, text, chance.choice((ROOM, HOSPITAL)))["id"])
            for _ in range(chance.randint(0, 2)):
                discord.fail(POST, _discord_fault(chance))
            match chance.randrange(10):
                case 0:
                    await discord.gateway.cut()
                case 1:
                    await discord.gateway.ask_to_reconnect()  # op 7
                case 2:
                    await discord.gateway.invalidate(resumable=chance.random() < 0.5)  # op 9
            await asyncio.sleep(chance.uniform(0.0, 0.8))
        discord.mend()
        await discord.until(lambda: here.rows(IDLE) == [(0, 0)] and len(_questions(here)) == ASKED, within=400)
        shown = "SELECT count(*) FROM outbox WHERE kind = 'ShowSuggestions' AND posted_message IS NOT NULL"
        [(suggestions,)] = here.rows(shown)
        assert sum(len(here.said(thread)) for thread in asked) == suggestions > ASKED / 2
        assert max(len(here.said(thread)) for thread in asked) == 1
        assert discord.posted_twice() == []
        figure = f"{ASKED} questions, {suggestions} suggestions once each; " + await counted(
            here.winwin.address, "discord"
        )
    reached("platforms", "Discord, SQLite", BAR, figure)


def _discord_fault(chance: random.Random) -> Fault:
    several = [Limited(0.5), Limited(1.0, whole=True), faults.Status(502), faults.Status(503)]
    return chance.choice([*several, faults.CommitThenDrop(), faults.Drop()])
