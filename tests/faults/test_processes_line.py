"""Two processes with one Discord token on one PostgreSQL: one speaks; when it is killed the other takes over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.samples import load_samples
from adapters.storage.database import Database
from tests.fakes.discord_payloads import ALICE, GENERAL, GUILD, HOSPITAL, MODA
from tests.fakes.discord_reading import words_of
from tests.fakes.discord_server import TOKEN, DiscordServer, discord_server
from tests.fakes.postgres_server import Databases
from tests.fakes.values import NOON, greeted
from tests.fakes.winwin_process import Winwin

pytestmark = [pytest.mark.soak, pytest.mark.process, pytest.mark.model]

SCHOOL = "The school keeps marking his infusion days as unexcused absences. What can we do?"
FOUND = "from our community's library"


async def test_the_one_that_stands_by_takes_over_and_says_nothing_twice(postgres: Databases, tmp_path: Path):
    url = await _with_a_little_library(postgres)
    async with discord_server() as discord:
        settings = {"DATABASE_URL": url, "DISCORD_TOKEN": TOKEN, "WINWIN_MODERATORS": f"discord:{GUILD}:{MODA}"}
        settings |= {"DISCORD_API_URL": discord.api_url, "DISCORD_GATEWAY_URL": discord.gateway_url}
        speaks, stands_by = Winwin(tmp_path, settings), Winwin(tmp_path, settings)
        await speaks.start()
        taking_over = asyncio.create_task(stands_by.start())
        try:
            asked = discord.people_say(ALICE, SCHOOL)
            await discord.until(lambda: _said(discord, asked["id"]), within=60)
            await speaks.kill()
            missed = discord.people_say(ALICE, f"{SCHOOL} Again?", HOSPITAL)
            await taking_over
            await discord.until(lambda: _said(discord, missed["id"]), within=60)
            assert [len(_said(discord, m["id"])) for m in (asked, missed)] == [1, 1]
            assert discord.posted_twice() == []
        finally:
            await asyncio.gather(taking_over, return_exceptions=True)
            await stands_by.stop()


async def _with_a_little_library(postgres: Databases) -> str:
    url = await postgres.fresh()
    database = await Database.open(url)
    async with database.begin() as tx:
        resources = [r for r in load_samples().resources if "school" in f"{r.title} {r.text}".lower()][:8]
        await tx.resources.put(resources, NOON)
        for channel in greeted(*(f"discord:{GUILD}:{c}" for c in (GENERAL, HOSPITAL))):
            await tx.channels.save(channel)
    await database.close()
    return url


def _said(discord: DiscordServer, thread: str) -> list[str]:
    return [words_of(m) for m in discord.posts(thread) if FOUND in words_of(m)]
