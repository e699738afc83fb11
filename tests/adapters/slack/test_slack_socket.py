"""Lines to Slack: acknowledged after the commit, replaced before they leave, and never deaf for long."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.slack.bolt import bolt_app
from adapters.slack.client import SlackApi, SlackRefusal
from adapters.slack.identity import Workspace
from adapters.slack.installations import Installed, OneWorkspace
from adapters.slack.line import Patience, pause
from adapters.slack.socket import SocketLine
from tests.fakes.slack_faults import RateLimited, Refused, Status
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.fakes.slack_workspace import BOT, TEAM

QUICK = Patience(quiet=0.1, answer=0.1, first_pause=0.02, longest_pause=0.1, leaving=1.0)


class Taker:
    """What the app takes. `gate` holds it up; `broken` is raised that many times."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = 0
        self.gaps = 0
        self.answer: Mapping[str, Any] | None = None

    async def take(self, payload: Mapping[str, Any], bot_user: str) -> Mapping[str, Any] | None:
        await self.gate.wait()
        if self.broken:
            self.broken -= 1
            raise RuntimeError("the disk is full")
        self.texts.append(payload.get("event", payload).get("text", payload.get("type")))
        return self.answer

    def gap(self) -> None:
        self.gaps += 1


@asynccontextmanager
async def listening(slack: SlackServer, taker: Taker, **how: Any) -> AsyncIterator[SocketLine]:
    api = SlackApi(slack.api_url)
    installations = OneWorkspace(Installed(Workspace(TEAM, "", BOT), BOT_TOKEN))
    app = bolt_app(installations, taker.take, slack.api_url)
    line = SocketLine(app, APP_TOKEN, api, gap=taker.gap, **{"patience": QUICK, **how})
    try:
        await line.open()
        yield line
    finally:
        await line.close()
        await api.close()


@pytest.fixture
def taker() -> Taker:
    return Taker()


async def test_an_event_is_acknowledged_after_it_was_taken(slack, taker):
    taker.gate.clear()
    async with listening(slack, taker):
        envelope = await slack.send(slack.event({"type": "message", "text": "Hello?"}))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(envelope.acked.wait(), 0.1)
        taker.gate.set()
        await asyncio.wait_for(envelope.acked.wait(), 1)
    assert taker.texts == ["Hello?"]


async def test_an_event_that_could_not_be_taken_is_not_acknowledged_and_comes_again(slack, taker, monkeypatch):
    monkeypatch.setattr("tests.fakes.slack_server.ACKNOWLEDGED_WITHIN", 0.1)
    taker.broken = 1
    async with listening(slack, taker):
        await slack.people_say("U01ALICE", "Hello?")
    assert taker.texts == ["Hello?"]
    assert [e.acked.is_set() for e in slack.sockets.envelopes] == [False, True]


async def test_an_answer_goes_with_the_acknowledgement(slack, taker):
    taker.answer = {"response_action": "clear"}
    async with listening(slack, taker):
        assert await slack.submit("U01ALICE", {"id": "V1"}, {}) == {"response_action": "clear"}


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_line_that_is_asked_to_leave_stays_until_its_successor_is_there(slack, taker, reason):
    async with listening(slack, taker):
        [old] = slack.sockets.lines
        taker.gate.clear()
        under_way = await slack.sockets.send("events_api", slack.event({"type": "message", "text": "first"}))
        await slack.sockets.ask_to_leave(reason)
        await slack.until(lambda: slack.sockets.opened == 2)
        assert old in slack.sockets.lines, "what the old line brought is still under way"
        late = await slack.sockets.send("events_api", slack.event({"type": "message", "text": "late"}), line=old)
        taker.gate.set()
        await asyncio.wait_for(asyncio.gather(under_way.acked.wait(), late.acked.wait()), 2)
        await slack.until(lambda: len(slack.sockets.lines) == 1 and old not in slack.sockets.lines)
        await slack.people_say("U01ALICE", "second")
    assert sorted(taker.texts) == ["first", "late", "second"]
    assert taker.gaps == 0, "nothing was missed"


async def test_a_cut_line_is_replaced_and_what_was_missed_is_asked_for(slack, taker):
    async with listening(slack, taker):
        await slack.sockets.cut()
        await slack.until(lambda: slack.sockets.opened == 2 and taker.gaps == 1)
        await slack.people_say("U01ALICE", "Hello again?")
    assert taker.texts == ["Hello again?"]


async def test_a_deaf_line_is_noticed_and_replaced(slack, taker):
    async with listening(slack, taker):
        slack.sockets.deafen()
        await slack.until(lambda: slack.sockets.opened == 2 and taker.gaps == 1, within=2)
        await slack.people_say("U01ALICE", "Can you hear me?")
    assert taker.texts == ["Can you hear me?"]


async def test_a_quiet_line_is_left_alone(slack, taker):
    async with listening(slack, taker):
        await asyncio.sleep(0.5)
        assert slack.sockets.opened == 1


async def test_a_line_that_is_said_to_miss_things_is_replaced(slack, taker):
    async with listening(slack, taker) as line:
        line.replace_all("missed")
        await slack.until(lambda: slack.sockets.opened == 2 and taker.gaps == 1)


async def test_with_two_lines_the_other_hears_while_one_is_gone(slack, taker):
    async with listening(slack, taker, lines=2, patience=Patience(first_pause=30, longest_pause=30)) as line:
        slack.fail("apps.connections.open", Status(503), times=-1)
        await slack.sockets.cut(slack.sockets.lines[0])
        await slack.people_say("U01ALICE", "Hello?")
        assert line.connected == 1
    assert taker.texts == ["Hello?"]


async def test_an_envelope_that_comes_on_two_lines_is_taken_once(slack, taker):
    async with listening(slack, taker, lines=2):
        envelope = await slack.send(slack.event({"type": "message", "text": "Hello?"}))
        for one in slack.sockets.lines:
            await one.socket.send_json(envelope.body)
        await asyncio.wait_for(envelope.acked.wait(), 1)
        await asyncio.sleep(0.05)
    assert taker.texts == ["Hello?"]


async def test_slack_that_is_down_is_tried_until_it_is_back(slack, taker):
    async with listening(slack, taker):
        slack.fail("apps.connections.open", Status(503), times=2)
        slack.fail("apps.connections.open", RateLimited(0.05))
        await slack.sockets.cut()
        await slack.until(lambda: slack.sockets.opened == 2, within=3)
        await slack.people_say("U01ALICE", "Hello?")
    assert taker.texts == ["Hello?"]


@pytest.mark.parametrize("first", ["ping", "closed", "[]"])
async def test_a_line_that_does_not_begin_with_hello_harms_nobody(slack, taker, first):
    """A server may ping first, or close at once because there are too many lines."""
    async with listening(slack, taker):
        slack.sockets.before_hello = first
        await slack.sockets.cut()
        await slack.until(lambda: taker.gaps == 1, within=3)
        assert slack.sockets.opened == (2 if first == "ping" else 3)
        await slack.people_say("U01ALICE", "Hello?")
    assert taker.texts == ["Hello?"]


async def test_a_server_that_counts_anew_is_heard(slack, taker):
    async with listening(slack, taker):
        for text in ("before its restart", "after it"):
            slack.sockets._count = 0
            await slack.people_say("U01ALICE", text)
    assert taker.texts == ["before its restart", "after it"]


async def test_who_is_not_let_in_at_the_start_is_told(slack, taker):
    slack.fail("apps.connections.open", Refused("invalid_auth"))
    with pytest.raises(SlackRefusal, match="invalid_auth"):
        async with listening(slack, taker):
            pass


@pytest.mark.parametrize("said", ["nonsense", "[]", '{"type": "unheard_of"}', '{"envelope_id": "e1"}', "{}", "null"])
async def test_what_is_no_envelope_harms_nobody(slack, taker, said):
    async with listening(slack, taker):
        await slack.sockets.lines[0].socket.send_str(said)
        await slack.people_say("U01ALICE", "Hello?")
    assert taker.texts[-1] == "Hello?"


async def test_a_closing_line_ends_what_it_began(slack, taker):
    taker.gate.clear()
    async with listening(slack, taker):
        envelope = await slack.send(slack.event({"type": "message", "text": "Hello?"}))
        await asyncio.sleep(0.05)
        asyncio.get_running_loop().call_later(0.1, taker.gate.set)
    assert envelope.acked.is_set()


def test_pauses_grow_and_differ_from_bot_to_bot():
    steady = [pause(n, Patience(), 0.0) for n in range(9)]
    assert steady == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert pause(4, Patience(), 1.0) == 4
    assert pause(4, Patience(), 0.5) == 6
