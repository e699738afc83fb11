"""The real program on a Slack that refreshes, limits, drops, goes deaf and repeats itself: each question ends right."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import CommitThenDrop, Held, RateLimited, Status
from tests.fakes.slack_scene import ALICE, BEN, EXCUSED, GENERAL, HOSPITAL, SCHOOL, Scene, scene
from tests.fakes.slack_server import SlackServer, buttons
from tests.fakes.slack_workspace import Json
from tests.reliability import Reached

pytestmark = [pytest.mark.process, pytest.mark.model]

ANSWER = "Ask the clinic for one letter for the whole year: since ours wrote it the office excuses every infusion day."
REWORDED = "Who has a letter that makes the school excuse infusion days?"
BAR = "all delivered; nothing twice but where the platform cannot tell, and that is counted"
SOON_DEAF = """
import adapters.slack.line as line
line.PATIENT = line.Patience(quiet=0.4, answer=0.4)
from adapters.cli import main
main()
"""


def asked_now(slack: SlackServer, text: str, channel: str = GENERAL) -> tuple[str, Json]:
    """A question that stands in the channel, and the event that tells of it."""
    message = slack.write(ALICE, text, channel)
    return message["ts"], slack.event(payloads.message_event(slack.workspace.channels[channel], message))


async def once_each(here: Scene, *questions: str, channel: str = GENERAL) -> None:
    """Every question is there once and has its one suggestion."""
    for ts in questions:
        await here.shown(ts, channel)
    await here.idle()
    assert [len(here.slack.posts(channel, ts)) for ts in questions] == [1] * len(questions)
    assert here.slack.posted_twice() == []


async def test_a_line_is_refreshed_and_what_comes_three_times_is_taken_once(folder, reached: Reached):
    async with scene(folder) as here:
        slack = here.slack
        [old] = slack.sockets.lines
        next_line = Held()
        slack.fail("apps.connections.open", next_line)
        await slack.sockets.ask_to_leave()
        first, event = asked_now(slack, SCHOOL)
        on_the_old = await slack.sockets.send("events_api", event, line=old)
        await asyncio.wait_for(on_the_old.acked.wait(), 3)
        assert slack.sockets.lines == [old], "it stays until there is another"
        next_line.go.set()
        await slack.until(lambda: slack.sockets.opened == 2)
        await slack.until(lambda: old not in slack.sockets.lines)

        second, event = asked_now(slack, EXCUSED)
        again = [await slack.send(event, attempt=n, reason="timeout") for n in (0, 1, 2)]
        await slack.sockets.lines[0].socket.send_json(again[0].body)
        await asyncio.wait_for(asyncio.gather(*(e.acked.wait() for e in again)), 3)
        await once_each(here, first, second)
        assert (await here.counted())["backfilled"] == 0, "nothing had to be read up"

        await here.restarted()
        for n in (3, 4):
            late = await slack.send(event, attempt=n, reason="timeout")
            await asyncio.wait_for(late.acked.wait(), 3)
        await once_each(here, first, second)
        assert here.rows("SELECT count(*) FROM question") == [(2,)]
        reached("platforms", "Slack, SQLite", BAR, "refresh_requested, events 5 times, a kill: 0 lost, 0 twice")


@pytest.mark.soak
async def test_a_storm_of_limits_and_answers_that_never_come(folder, reached: Reached):
    async with scene(folder) as here:
        slack = here.slack
        slack.fail("chat.postMessage", RateLimited(1), channel=GENERAL, times=4)
        slack.fail("chat.postMessage", CommitThenDrop(), channel=HOSPITAL)
        slack.fail("chat.postMessage", Status(502), channel=HOSPITAL)
        slack.fail("users.info", RateLimited(1), times=3)
        slack.fail("conversations.replies", RateLimited(1))
        loud = [await slack.people_say(ALICE, f"{EXCUSED} ({n})") for n in range(3)]
        await slack.until(lambda: slack.called("chat.postMessage", "ratelimited"))
        await asyncio.sleep(0.3)
        loud.append(await slack.people_say(BEN, EXCUSED))
        quiet = [await slack.people_say(BEN, f"{SCHOOL} ({n})", HOSPITAL) for n in range(3)]
        await once_each(here, *(m["ts"] for m in loud))
        await once_each(here, *(m["ts"] for m in quiet), channel=HOSPITAL)
        calls = [c for c in slack.called("chat.postMessage") if c.asked["channel"] == GENERAL]
        refused = [c.at for c in calls if c.outcome == "ratelimited"]
        early = [c for c in calls for at in refused if 0.2 < c.at - at < 0.95]  # what was on its way may still arrive
        assert early == [], "nobody asks before Retry-After is over"
        assert len(refused) == 4
        assert (await here.counted())["found"] == 1
        figure = f"{len(refused)} x 429, 502, an answer that never came: 7 of 7 said, 0 twice, 1 doubtful and found"
        reached("platforms", "Slack, SQLite", BAR, figure)


async def test_a_deaf_line_is_replaced_and_what_it_missed_is_read_up(folder, reached: Reached):
    async with scene(folder, [sys.executable, "-c", SOON_DEAF]) as here:
        slack = here.slack
        await here.marked()
        slack.sockets.deafen()
        missed, event = asked_now(slack, SCHOOL)
        unheard = await slack.send(event)
        await once_each(here, missed)
        assert slack.sockets.opened == 2
        assert not unheard.acked.is_set()
        counted = await here.counted()
        assert (counted["reconnected"], counted["backfilled"]) == (1, 1)
        late = await slack.send(event, attempt=1, reason="timeout")
        await asyncio.wait_for(late.acked.wait(), 3)
        await once_each(here, missed)
        reached("platforms", "Slack, SQLite", BAR, "a deaf line: 1 missed, read up on, 0 twice")


async def test_an_hour_away(folder):
    """Asked before: one is answered meanwhile, one edited, one deleted, one loses its answer. Asked meanwhile: one in a
    channel, one that was answered, one that was taken back, one in private."""
    async with scene(folder) as here:
        slack = here.slack
        await here.marked()
        ago = [3700.0]
        slack.workspace.now = lambda: time.time() - ago[0]
        before = [f"{EXCUSED} ({name})" for name in ("answered", "edited", "deleted", "bereft")]
        answered, edited, deleted, bereft = [(await slack.people_say(ALICE, text))["ts"] for text in before]
        lost = await slack.people_say(BEN, ANSWER, thread=bereft)
        await once_each(here, answered, edited, deleted, bereft)
        assert here.question(bereft) == ("answered", None)
        await here.winwin.stop()
        here.rewind(3690)

        ago[0] = 1800.0
        slack.write(BEN, ANSWER, thread=answered)
        await slack.edit(GENERAL, edited, REWORDED, heard=False)
        await slack.delete(GENERAL, deleted, heard=False)
        await slack.delete(GENERAL, lost["ts"], heard=False)
        new, _ = asked_now(slack, SCHOOL)
        settled, _ = asked_now(slack, f"{SCHOOL} (settled)")
        slack.write(BEN, ANSWER, thread=settled)
        taken_back, _ = asked_now(slack, f"{SCHOOL} (withdrawn)")
        await slack.delete(GENERAL, taken_back, heard=False)
        private, _ = asked_now(slack, SCHOOL, slack.workspace.direct(ALICE).id)
        ago[0] = 0.0
        await here.winwin.start()

        await here.shown(new)
        told = (answered, bereft, deleted, edited, settled, private)
        await slack.until(lambda: all(here.question(q) for q in told), within=20)
        await slack.until(lambda: here.question(bereft) == ("escalated", None), within=20)
        both = [("answered", None)] * 2  # threads are read one after the other
        await slack.until(lambda: [here.question(q) for q in (answered, settled)] == both, within=20)
        reworded = f"SELECT text FROM question WHERE thread_key LIKE '%:{edited}'"
        await slack.until(lambda: here.rows(reworded) == [(REWORDED,)], within=20)
        await here.idle()
        assert [here.question(q) for q in (edited, new, private)] == [("open", None)] * 3
        await slack.until(lambda: here.question(deleted) == ("closed", "withdrawn"), within=20)
        assert here.question(taken_back) is None
        open_still = [buttons(slack.posts(GENERAL, q)[0]).keys() >= {"Ask a person"} for q in told[:-1]]
        assert open_still == [False, False, False, True, False], "what is settled asks nobody any more"
        assert len(slack.posts(slack.workspace.direct(ALICE).id)) == 1
        assert slack.posted_twice() == []
