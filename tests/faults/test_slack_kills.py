"""The real program on Slack, killed with kill -9 where it hurts: questions end right, nothing is said twice."""

from __future__ import annotations

import asyncio
import os
import random
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from adapters.samples import load_samples
from adapters.storage.database import Database
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import CommitThenDrop, RateLimited, Slow
from tests.fakes.slack_reading import filled, words_of
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer, slack_server
from tests.fakes.slack_workspace import TEAM, Json
from tests.fakes.values import NOON, greeted
from tests.fakes.winwin_process import Winwin

pytestmark = [pytest.mark.process, pytest.mark.model]

ALICE, BEN, MODA, GENERAL = "U01ALICE", "U02BEN", "U03MODA", "C01GEN"
SCHOOL = "The school keeps marking his infusion days as unexcused absences. What can we do?"
KILLS = int(os.environ.get("WINWIN_KILLS", "20"))


class Scene:
    def __init__(self, slack: SlackServer, winwin: Winwin, folder: Path) -> None:
        self.slack = slack
        self.winwin = winwin
        self._file = folder / "winwin.db"

    async def shown(self, thread: str) -> Json:
        """The suggestion under a question."""
        return (await self.slack.until(lambda: self.slack.posts(GENERAL, thread), within=20))[0]

    async def restarted(self) -> None:
        await self.winwin.kill()
        await self.slack.sockets.cut()
        await self.winwin.start()
        await self.slack.until(lambda: self.slack.sockets.lines)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self._file, timeout=5) as database:
            found = database.execute(sql).fetchall()
        database.close()
        return found

    async def counted(self) -> dict[str, float]:
        """What the program counts about Slack, by name."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.winwin.address}/metrics") as answer:
            text = await answer.text()
        return {name: float(value) for name, value in re.findall(r"winwin_slack_(\w+)_total ([\d.]+)", text)}


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'winwin.db'}")
    few = [r for r in load_samples().resources if "school" in f"{r.title} {r.text}".lower()][:8]
    async with database.begin() as tx:
        await tx.resources.put(few, NOON)
        for channel in greeted(*(f"slack:{TEAM}:{c}" for c in ("C01GEN", "C02HOSP", "G01TEAM"))):
            await tx.channels.save(channel)
    await database.close()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_server())
        settings = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": slack.api_url}
        winwin = Winwin(folder, {**settings, "WINWIN_MODERATORS": f"slack:{TEAM}:{MODA}"})
        await winwin.start()
        stack.push_async_callback(winwin.stop)
        await slack.until(lambda: slack.sockets.lines)
        yield Scene(slack, winwin, folder)


async def test_killed_between_the_post_and_the_note_of_it(tmp_path):
    async with scene(tmp_path) as here:
        slack = here.slack
        slack.fail("chat.postMessage", RateLimited(1))
        slack.fail("chat.postMessage", Slow(30))
        asked = await slack.people_say(ALICE, SCHOOL)
        await here.shown(asked["ts"])
        assert here.rows("SELECT count(*) FROM outbox WHERE posted_message IS NOT NULL") == [(0,)]
        slack.mend()
        await here.restarted()
        noted = "SELECT posted_message FROM outbox WHERE posted_message IS NOT NULL AND kind = 'ShowSuggestions'"
        [(message,)] = await slack.until(lambda: here.rows(noted), within=20)
        assert [m["ts"] for m in slack.posts(GENERAL, asked["ts"])] == [message]
        counted = await here.counted()
        print(f"ambiguous {counted['ambiguous']:.0f}, found {counted['found']:.0f}, blind {counted['blind']:.0f}")
        assert counted["found"] == counted["ambiguous"] == 1

        slack.fail("chat.postMessage", CommitThenDrop())
        again = await slack.people_say(BEN, "How do we get the school to excuse infusion days?")
        await here.shown(again["ts"])
        await slack.until(
            lambda: here.rows("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL") == [(0,)], within=20
        )
        assert slack.posted_twice() == []


async def test_killed_between_the_commit_and_the_acknowledgement_and_away_for_a_while(tmp_path):
    async with scene(tmp_path) as here:
        slack = here.slack
        await slack.until(lambda: here.rows("SELECT count(*) FROM channel WHERE seen_to <> ''") != [(0,)], within=20)
        slack.sockets.loses_acknowledgements = True
        asked = slack.write(ALICE, SCHOOL)
        event = slack.event(payloads.message_event(slack.workspace.channels[GENERAL], asked))
        envelope = await slack.send(event)
        await slack.until(lambda: here.rows("SELECT count(*) FROM inbox") != [(0,)])
        await here.winwin.kill()
        assert not envelope.acked.is_set()
        slack.sockets.loses_acknowledgements = False
        await slack.sockets.cut()

        missed = slack.write(BEN, "How do we get the school to excuse infusion days?")
        await here.winwin.start()
        await slack.until(lambda: slack.sockets.lines)
        again = await slack.send(event, attempt=1, reason="timeout")
        await asyncio.wait_for(again.acked.wait(), 3)
        for ts in (asked["ts"], missed["ts"]):
            assert len(await slack.until(lambda ts=ts: slack.posts(GENERAL, ts), within=20)) == 1
        assert here.rows("SELECT count(*) FROM question") == [(2,)]
        assert slack.posted_twice() == []


async def test_killed_with_a_form_open(tmp_path):
    async with scene(tmp_path) as here:
        slack = here.slack
        asked = await slack.people_say(ALICE, SCHOOL)
        await here.shown(asked["ts"])
        words = "We asked the headteacher for a fixed contact, and bring a plan for missed lessons every September."
        answer = await slack.people_say(BEN, words, thread=asked["ts"])
        await slack.shortcut(MODA, "save_as_resource", GENERAL, answer["ts"])
        view = (await slack.until(lambda: list(slack.workspace.views.values())))[0]
        await here.restarted()
        await slack.submit(MODA, view, filled(view, {"title": "A fixed contact at school"}))
        room = slack.workspace.direct(BEN).id
        [consent] = await slack.until(lambda: slack.posts(room), within=20)
        assert "Your answer could help the next family." in words_of(consent["blocks"])
        await slack.submit(MODA, view, filled(view, {"title": "A fixed contact at school"}))
        await asyncio.sleep(0.5)
        assert len(slack.posts(room)) == 1, "the same form again makes no second draft"


@pytest.mark.soak
async def test_killed_at_any_moment_nothing_is_lost_or_said_twice(tmp_path):
    seed = int(os.environ.get("WINWIN_SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed}")
    chance = random.Random(seed)
    asked: list[str] = []
    async with scene(tmp_path) as here:
        slack = here.slack
        ambiguous = found = 0.0

        async def ask() -> None:
            while True:
                text = f"How do you keep a child busy during infusion number {len(asked)}?"
                channel = chance.choice((GENERAL, "C02HOSP"))
                message = slack.write(ALICE, text, channel)
                asked.append(message["ts"])
                await slack.send(slack.event(payloads.message_event(slack.workspace.channels[channel], message)))
                await asyncio.sleep(chance.uniform(0.3, 1.5))  # about what Slack lets be said in two channels

        asking = asyncio.create_task(ask())
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 4.0))
            counted = await here.counted()
            ambiguous, found = ambiguous + counted["ambiguous"], found + counted["found"]
            await here.restarted()
        asking.cancel()
        await slack.until(lambda: here.rows("SELECT count(*) FROM question") == [(len(asked),)], within=120)
        left = "SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL), (SELECT count(due_at) FROM outbox)"
        await slack.until(lambda: here.rows(left) == [(0, 0)], within=120)
        counted = await here.counted()
        ambiguous, found = ambiguous + counted["ambiguous"], found + counted["found"]
        sent = len(slack.posts())
        print(f"{KILLS} kills, {len(asked)} questions, {sent} messages: ambiguous {ambiguous:.0f}, found {found:.0f}")
        assert slack.posted_twice() == []
