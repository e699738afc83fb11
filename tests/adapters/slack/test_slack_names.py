"""Slack is told that we have it before it is asked anything; names and languages come after that, and come for sure."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from bot.community import MemberRecord
from tests.dialogues.slack_stage import CHANNEL, SlackStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.slack_faults import Slow
from tests.fakes.slack_reading import words_of
from tests.fakes.slack_workspace import BOT, TEAM

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days. Take 5 days."}
INFUSION = "How do I get school to excuse infusion days?"
HANGS = 1.0  # seconds


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    await stage.open(Setting((Person("moda", roles=("moderator",)),), (LETTER,)))
    stage.slack.workspace.enter(user("lucia"), "lucia", locale="es-ES")
    stage.slack.workspace.channels[CHANNEL].members.add(user("lucia"))
    yield stage
    await stage.close()


async def record(stage: SlackStage, who: str) -> MemberRecord | None:
    async with stage.store.read() as tx:
        return (await tx.members.get([key(who)])).get(key(who))


async def acknowledged(stage: SlackStage, text: str) -> float:
    """Seconds until Slack was told that we have it."""
    began = time.monotonic()
    await stage.slack.people_say(user("lucia"), text)
    return time.monotonic() - began


async def test_somebody_new_is_answered_in_their_language(stage):
    body = {"type": "block_actions", "user": {"id": user("lucia"), "team_id": TEAM}, "team": {"id": TEAM}}
    body |= {"container": {"message_ts": "1.2", "channel_id": CHANNEL}, "trigger_id": "t", "response_url": ""}
    pressed = {"value": "1|helped|q-none", "action_id": "helped:0", "action_ts": "1700000000.000001"}
    await stage.slack.deliver({**body, "actions": [pressed]})
    await stage.desk.settle()
    assert (
        words_of(stage.messages_of("lucia")[-1]["blocks"])
        == "Esto ya no está. Si necesitas algo, vuelve a preguntar con confianza."
    )
    known = await record(stage, "lucia")
    assert known is not None
    assert (known.name, known.language) == ("lucia", "es")


async def test_an_event_is_acknowledged_while_slack_does_not_say_who_wrote_it(stage):
    stage.slack.fail("users.info", Slow(HANGS))
    assert await acknowledged(stage, INFUSION) < HANGS / 4
    async with stage.store.read() as tx:
        assert [row.arrival.event.text for row in await tx.inbox.by(key("lucia"))] == [INFUSION], "it is safe"
    await stage.desk.settle()
    assert stage.messages_of("lucia"), "answered, too, before Slack has said the name"
    known = await record(stage, "lucia")
    assert known is not None
    assert known.name == ""

    async def followed() -> bool:
        return (await record(stage, "lucia")).name == "lucia"  # type: ignore[union-attr]

    assert await stage.slack.until(followed)


async def test_an_event_is_acknowledged_before_slack_is_asked_anything(stage):
    stage.desk._worker.cancel()  # nobody handles it
    before = len(stage.slack.calls)
    await acknowledged(stage, INFUSION)
    assert stage.slack.calls[before:] == []


async def test_an_invitation_is_acknowledged_while_slack_does_not_say_the_channels_name(stage):
    stage.slack.fail("conversations.info", Slow(HANGS))
    joined = {"type": "member_joined_channel", "user": BOT, "channel": CHANNEL, "inviter": user("moda"), "team": TEAM}
    began = time.monotonic()
    await stage.slack.deliver(stage.slack.event({**joined, "event_ts": stage.slack.workspace.ts()}))
    assert time.monotonic() - began < HANGS / 4

    async def named() -> bool:
        async with stage.store.read() as tx:
            channel = await tx.channels.get(f"slack:{TEAM}:{CHANNEL}")
        return channel is not None and channel.name == "general" and channel.welcomed

    assert await stage.slack.until(named)


async def test_a_form_that_slack_is_slow_to_open_does_not_delay_the_acknowledgement(stage, monkeypatch):
    monkeypatch.setattr("adapters.slack.listener.OPENED", 0.1)
    stage.slack.fail("views.open", Slow(HANGS))
    began = time.monotonic()
    await stage.slack.command(user("lucia"), CHANNEL, "/ask", "")
    assert time.monotonic() - began < HANGS / 2
    assert await stage.slack.until(lambda: stage.modal()["title"]["text"])
