"""The real program comes back after an hour to five thousand messages on Slack, and on Discord: all are found, and what
is a crisis is paged as soon as it is read. From the reconnect it takes as long as its platform takes to be read."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.fakes.discord_payloads import ALICE as ANN
from tests.fakes.discord_payloads import GENERAL as ROOM
from tests.fakes.discord_payloads import GUILD, HOSPITAL, MODA
from tests.fakes.discord_server import TOKEN, discord_server
from tests.fakes.slack_scene import ALICE, EXCUSED, GENERAL
from tests.fakes.slack_scene import HOSPITAL as WARD
from tests.fakes.slack_scene import MODA as LEAD
from tests.fakes.slack_scene import scene as slack_scene
from tests.fakes.tables import little_library
from tests.fakes.winwin_process import Winwin
from tests.faults.test_discord_kills import Scene
from tests.reliability import Reached

pytestmark = [pytest.mark.soak, pytest.mark.process, pytest.mark.model]

MISSED, CRISES, ASKS = 5_000, 60, 50
CRISIS = "I can't do this any more. I want to kill myself tonight."
SECONDS = 5.0
BAR = f"all found; a crisis overtakes the queue, p99 {SECONDS:g} s"
FOUND = "SELECT count(*) FROM inbox WHERE key LIKE 'posted:%' AND id > {}"
WAITED = "SELECT received_at, handled_at FROM inbox WHERE crisis AND id > {}"
PAGED = "SELECT min(delivered_at) FROM outbox WHERE kind = 'PageSafety' AND delivered_at IS NOT NULL GROUP BY about"


def texts(chance: random.Random) -> list[str]:
    """Chatter, a question now and then, and crises anywhere."""
    said = [f"{EXCUSED} ({n})" if n % ASKS == 0 else f"Good morning everybody, day {n}" for n in range(MISSED)]
    for number in chance.sample(range(MISSED), CRISES):
        said[number] = f"{CRISIS} {number}"
    return said


def figure_of(rows: Callable[[str], list[tuple[object, ...]]], last: object, since: float) -> tuple[float, str]:
    """How long each crisis waited once it was read, and how long after the reconnect each was paged."""
    waits = sorted(_seconds(handled) - _seconds(read) for read, handled in rows(WAITED.format(last)))
    paged = sorted(_seconds(at) - since for (at,) in rows(PAGED))
    assert (len(waits), len(paged)) == (CRISES, CRISES)
    p99 = waits[int(0.99 * CRISES)]
    figure = (
        f"{MISSED} found; {CRISES} crises: p99 {p99:.2f} s from being read to raised; "
        f"paged {paged[0]:.1f} s (first) to {paged[-1]:.1f} s (last) after the reconnect"
    )
    return p99, figure


def _seconds(at: object) -> float:
    return datetime.fromisoformat(f"{at}+00:00").timestamp()


async def test_an_hour_offline_on_slack(folder: Path, seed: int, reached: Reached):
    chance = random.Random(seed)
    async with slack_scene(folder) as here:
        slack = here.slack
        await here.marked()
        await here.winwin.stop()
        here.rewind(3600)
        [(last,)] = here.rows("SELECT coalesce(max(id), 0) FROM inbox")
        for number, text in enumerate(texts(chance)):
            slack.workspace.now = lambda ago=3500 - number / 2: time.time() - ago
            slack.write(ALICE, text, (GENERAL, WARD)[number % 2])
        slack.workspace.now = time.time
        since = time.time()
        await here.winwin.start()
        await slack.until(lambda: here.rows(FOUND.format(last)) == [(MISSED,)], within=900)
        await slack.until(lambda: len(here.rows(PAGED)) == CRISES, within=900)
        p99, figure = figure_of(here.rows, last, since)
        assert len(slack.posts(slack.workspace.direct(LEAD).id)) >= CRISES
        assert slack.posted_twice() == []
    reached("backlog on Slack", "SQLite, 1", BAR, figure)
    assert p99 <= SECONDS


async def test_an_hour_offline_on_discord(folder: Path, seed: int, reached: Reached):
    chance = random.Random(seed)
    file = folder / "winwin.db"
    await little_library(file, *(f"discord:{GUILD}:{c}" for c in (ROOM, HOSPITAL)))
    async with discord_server() as discord:
        settings = {"DISCORD_TOKEN": TOKEN, "WINWIN_MODERATORS": f"discord:{GUILD}:{MODA}"}
        settings |= {"DISCORD_API_URL": discord.api_url, "DISCORD_GATEWAY_URL": discord.gateway_url}
        here = Scene(discord, Winwin(folder, settings), file)
        await here.winwin.start()
        await discord.until(lambda: here.rows("SELECT count(*) FROM channel WHERE seen_to <> ''") != [(0,)], within=60)
        await here.winwin.stop()
        [(last,)] = here.rows("SELECT coalesce(max(id), 0) FROM inbox")
        for number, text in enumerate(texts(chance)):
            discord.people_say(ANN, text, (ROOM, HOSPITAL)[number % 2])
        since = time.time()
        await here.winwin.start()
        try:
            await discord.until(lambda: here.rows(FOUND.format(last)) == [(MISSED,)], within=900)
            await discord.until(lambda: len(here.rows(PAGED)) == CRISES, within=900)
        finally:
            await here.winwin.stop()
        p99, figure = figure_of(here.rows, last, since)
        assert discord.posted_twice() == []
    reached("backlog on Discord", "SQLite, 1", BAR, figure)
    assert p99 <= SECONDS
