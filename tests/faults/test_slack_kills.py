"""The real program on Slack, killed with kill -9 where it hurts: questions end right, nothing is said twice."""

from __future__ import annotations

import asyncio
import os
import random
import time

import pytest

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import CommitThenDrop, RateLimited, Slow
from tests.fakes.slack_reading import filled, words_of
from tests.fakes.slack_scene import ALICE, BEN, EXCUSED, GENERAL, MODA, SCHOOL, scene

pytestmark = [pytest.mark.process, pytest.mark.model]

KILLS = int(os.environ.get("WINWIN_KILLS", "20"))


async def test_killed_between_the_post_and_the_note_of_it(folder):
    async with scene(folder) as here:
        slack = here.slack
        slack.fail("chat.postMessage", RateLimited(1), channel=GENERAL)
        slack.fail("chat.postMessage", Slow(30), channel=GENERAL)
        asked = await slack.people_say(ALICE, SCHOOL)
        await here.shown(asked["ts"])
        noted = "SELECT posted_message FROM outbox WHERE posted_message IS NOT NULL AND kind = 'ShowSuggestions'"
        assert here.rows(noted) == []
        slack.mend()
        await here.restarted()
        [(message,)] = await slack.until(lambda: here.rows(noted), within=20)
        assert [m["ts"] for m in slack.posts(GENERAL, asked["ts"])] == [message]
        counted = await here.counted()
        print(f"ambiguous {counted['ambiguous']:.0f}, found {counted['found']:.0f}, blind {counted['blind']:.0f}")
        assert counted["found"] == counted["ambiguous"] == 1

        slack.fail("chat.postMessage", CommitThenDrop())
        again = await slack.people_say(BEN, EXCUSED)
        await here.shown(again["ts"])
        await slack.until(
            lambda: here.rows("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL") == [(0,)], within=20
        )
        assert slack.posted_twice() == []


async def test_killed_between_the_commit_and_the_acknowledgement_and_away_for_a_while(folder):
    async with scene(folder) as here:
        slack = here.slack
        await here.marked()
        slack.sockets.loses_acknowledgements = True
        asked = slack.write(ALICE, SCHOOL)
        event = slack.event(payloads.message_event(slack.workspace.channels[GENERAL], asked))
        envelope = await slack.send(event)
        await slack.until(lambda: here.rows("SELECT count(*) FROM inbox") != [(0,)])
        await here.winwin.kill()
        assert not envelope.acked.is_set()
        slack.sockets.loses_acknowledgements = False
        await slack.sockets.cut()

        missed = slack.write(BEN, EXCUSED)
        await here.winwin.start()
        await slack.until(lambda: slack.sockets.lines)
        again = await slack.send(event, attempt=1, reason="timeout")
        await asyncio.wait_for(again.acked.wait(), 3)
        for ts in (asked["ts"], missed["ts"]):
            assert len(await slack.until(lambda ts=ts: slack.posts(GENERAL, ts), within=20)) == 1
        assert here.rows("SELECT count(*) FROM question") == [(2,)]
        assert slack.posted_twice() == []


@pytest.mark.soak
async def test_killed_with_a_form_open(folder):
    async with scene(folder) as here:
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
async def test_killed_at_any_moment_nothing_is_lost_or_said_twice(folder):
    seed = int(os.environ.get("WINWIN_SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed}")
    chance = random.Random(seed)
    asked: list[str] = []
    async with scene(folder) as here:
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
