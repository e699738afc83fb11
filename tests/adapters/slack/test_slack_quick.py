"""The short way of messages over HTTP takes what Bolt would take, and leaves everything else to it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest
from starlette.datastructures import Headers

from adapters.slack.identity import Workspace
from adapters.slack.installations import Installed
from adapters.slack.quick import Quick
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_server import SIGNING_SECRET, SlackServer
from tests.fakes.slack_workspace import BOT, BOT_ID, TEAM, Json


class OneTeam:
    """The bot is installed in one workspace, and nowhere else."""

    async def at(self, team: str, enterprise: str) -> Installed | None:
        return Installed(Workspace(TEAM, "", BOT), "xoxb") if team == TEAM else None

    async def all(self) -> list[Installed]:
        return []

    async def removed(self, workspace: Workspace) -> None:
        raise AssertionError("nobody asked for that")


@dataclass
class Way:
    taken: list[Json] = field(default_factory=list)
    full: bool = False

    async def take(self, payload: Json, bot_user: str) -> None:
        if self.full:
            raise OSError("the disk is full")
        assert bot_user == BOT
        self.taken.append(payload)

    async def status(self, payload: Json, *, secret: str = SIGNING_SECRET, late: float = 0) -> int | None:
        _, body = payloads.body_of(payload)
        quick = Quick(SIGNING_SECRET, OneTeam(), self.take)
        return await quick.status(body.encode(), Headers(payloads.signed(secret, body, time.time() - late)))


@pytest.fixture
def way() -> Way:
    return Way()


def message(slack: SlackServer, **more: object) -> Json:
    said = {"type": "message", "channel": "C01GEN", "user": "U01ALICE", "text": "Hello?", "ts": "1700000000.000100"}
    return slack.event({**said, **more})


async def test_a_message_of_a_person_goes_the_short_way(way: Way, slack: SlackServer):
    sent = message(slack)
    assert await way.status(sent) == 200
    assert way.taken == [sent]


async def test_what_cannot_be_kept_is_sent_again(way: Way, slack: SlackServer):
    way.full = True
    assert await way.status(message(slack)) == 503


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"late": 301}, {"late": -301}])
async def test_forged_and_stale_messages_are_left_to_bolt(way: Way, slack: SlackServer, wrong: Json):
    assert await way.status(message(slack), **wrong) is None
    assert way.taken == []


@pytest.mark.parametrize("more", [{"user": BOT}, {"bot_id": BOT_ID}, {"user": None}, {"type": "app_home_opened"}])
async def test_bots_and_other_events_are_left_to_bolt(way: Way, slack: SlackServer, more: Json):
    assert await way.status(message(slack, **more)) is None
    assert way.taken == []


async def test_a_workspace_without_the_bot_is_left_to_bolt(way: Way, slack: SlackServer):
    elsewhere = message(slack)
    elsewhere["authorizations"][0]["team_id"] = "T99OTHER"
    assert await way.status(elsewhere) is None
    assert way.taken == []
