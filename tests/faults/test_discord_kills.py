"""The real program on Discord, killed with kill -9, cut off and sent away: questions end right, nothing is said
twice."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.discord_faults import Slow
from tests.fakes.discord_payloads import ALICE, BEN, GENERAL, GUILD, HOSPITAL, MODA
from tests.fakes.discord_reading import filled, words_of
from tests.fakes.discord_server import TOKEN, DiscordServer, discord_server
from tests.fakes.tables import little_library
from tests.fakes.winwin_process import Winwin

pytestmark = [pytest.mark.process, pytest.mark.model]

KILLS = int(os.environ.get("WINWIN_KILLS", "20"))
SCHOOL = "The school keeps marking his infusion days as unexcused absences. What can we do?"
FOUND = "from our community's library"
POST = "POST /channels/{channel_id}/messages"


@dataclass
class Scene:
    discord: DiscordServer
    winwin: Winwin
    database: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(query).fetchall()

    async def restarted(self) -> None:
        await self.winwin.kill()
        await self.winwin.start()

    def said(self, thread: str) -> list[str]:
        return [words_of(m) for m in self.discord.posts(thread) if FOUND in words_of(m)]


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """A program on a Discord, with a little library."""
    file = folder / "winwin.db"
    await little_library(file, *(f"discord:{GUILD}:{c}" for c in (GENERAL, HOSPITAL)))
    async with discord_server() as discord:
        settings = {"DISCORD_TOKEN": TOKEN, "WINWIN_MODERATORS": f"discord:{GUILD}:{MODA}"}
        settings |= {"DISCORD_API_URL": discord.api_url, "DISCORD_GATEWAY_URL": discord.gateway_url}
        winwin = Winwin(folder, settings)
        await winwin.start()
        try:
            yield Scene(discord, winwin, file)
        finally:
            await winwin.stop()


async def test_killed_between_the_post_and_the_note_of_it(folder):
    async with scene(folder) as here:
        discord = here.discord
        discord.fail(POST, Slow(30))
        asked = discord.people_say(ALICE, SCHOOL)
        await discord.until(lambda: here.said(asked["id"]), within=20)
        noted = "SELECT posted_message FROM outbox WHERE posted_message IS NOT NULL AND kind = 'ShowSuggestions'"
        assert here.rows(noted) == []
        discord.mend()
        await here.restarted()
        [(message,)] = await discord.until(lambda: here.rows(noted), within=20)
        assert [m["id"] for m in discord.posts(asked["id"]) if FOUND in words_of(m)] == [message]


@pytest.mark.soak
async def test_killed_with_a_form_open(folder):
    async with scene(folder) as here:
        discord = here.discord
        asked = discord.people_say(ALICE, SCHOOL)
        await discord.until(lambda: here.said(asked["id"]), within=20)
        words = "We asked the headteacher for a fixed contact, and bring a plan for missed lessons every September."
        answer = discord.people_say(BEN, words, asked["id"])
        opened = await discord.context(MODA, answer, "Save as resource")
        assert opened.modal is not None
        await here.restarted()
        sent = await discord.submit(opened, filled(opened.modal, {"title": "A fixed contact at school"}))
        assert sent.answer
        room = discord.realm.direct(BEN)["id"]
        await discord.until(lambda: discord.posts(room), within=20)
        assert "Your answer could help the next family." in words_of(discord.posts(room)[-1])


@pytest.mark.soak
async def test_killed_and_cut_at_any_moment_nothing_is_lost_or_said_twice(folder):
    seed = int(os.environ.get("WINWIN_SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed}")
    chance = random.Random(seed)
    asked: list[str] = []
    async with scene(folder) as here:
        discord = here.discord

        async def ask() -> None:
            while True:
                text = f"How do you keep a child busy during infusion number {len(asked)}?"
                asked.append(discord.people_say(ALICE, text, chance.choice((GENERAL, HOSPITAL)))["id"])
                await asyncio.sleep(chance.uniform(0.3, 1.5))

        asking = asyncio.create_task(ask())
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 4.0))
            match chance.randrange(4):
                case 0:
                    await discord.gateway.cut()
                case 1:
                    await discord.gateway.invalidate()
                case _:
                    await here.restarted()
        asking.cancel()
        await discord.until(lambda: here.rows("SELECT count(*) FROM question") == [(len(asked),)], within=120)
        left = "SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL), (SELECT count(due_at) FROM outbox)"
        # Discord lets a channel have so many new threads in five minutes; after long kills more wait for that
        await discord.until(lambda: here.rows(left) == [(0, 0)], within=400)
        posts = [(m["channel_id"], words_of(m)) for m in discord.posts()]
        twice = sorted({post for post in posts if posts.count(post) > 1 and post[0] in asked})
        print(f"{KILLS} kills and cuts, {len(asked)} questions, {len(posts)} messages")
        assert twice == []
        assert discord.posted_twice() == []
