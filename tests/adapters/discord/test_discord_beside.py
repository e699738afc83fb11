"""What a press or a form leads to is said beside it, to that person alone: no private message, nothing said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.dialogues.discord_stage import CHANNEL, DiscordStage, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_interactions import Interaction
from tests.fakes.discord_reading import words_of

CLUB = "Does anybody know a good swimming club?"
PEOPLE = (Person("dana"), Person("ben"), Person("tess", volunteer="parent"), Person("moda", roles=("moderator",)))
FOLLOW_UP = "POST /webhooks/{webhook_id}/{webhook_token}"
NOT_YOURS = "This button is meant for somebody else."


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE))
    yield stage
    await stage.close()


def private(stage: DiscordStage, who: str) -> list[str]:
    return [words_of(m) for m in stage.discord.posts(stage.discord.realm.direct(user(who))["id"])]


def alone(pressed: Interaction) -> list[str]:
    """As it stands now: an answer that became another is one."""
    return [words_of(m) for m in {m["id"]: m for m in pressed.alone}.values()]


async def meddled(stage: DiscordStage) -> Interaction:
    """Ben presses a button in the channel that is meant for Dana."""
    await stage.ask("dana", CLUB, nameless=True)
    message = dict(stage.discord.posts(CHANNEL)[-1])
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": await withdraw(stage)}]}
    return await stage._began(await stage.discord.press(user("ben"), {**message, "components": [row]}, "x"))


async def withdraw(stage: DiscordStage) -> str:
    buttons = [b for m in stage.discord.posts() for row in m["components"] for b in row["components"]]
    return next(str(b["custom_id"]) for b in buttons if "withdraw" in str(b.get("custom_id")))


async def test_whoever_presses_what_is_not_theirs_is_told_there_and_not_in_private(stage):
    pressed = await meddled(stage)
    assert alone(pressed) == [NOT_YOURS]
    assert private(stage, "ben") == []


async def test_where_that_is_refused_it_is_said_in_private(stage):
    stage.discord.fail(FOLLOW_UP, Refused(50027, 401), times=-1)
    pressed = await meddled(stage)
    assert alone(pressed) == []
    assert private(stage, "ben") == [NOT_YOURS]


async def test_a_command_is_answered_once_by_what_came_of_it(stage):
    followed = await stage.command("dana", "follow", topic="School")
    assert len(alone(followed)) == 1
    assert "I will tell you when there is something new" in alone(followed)[0]
    assert private(stage, "dana") == []


async def test_a_press_in_private_is_answered_there_for_good(stage):
    await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    await stage.press("tess", "I need more time")
    pressed = stage.discord.interactions.all[-1]
    assert alone(pressed) == []
    assert len(private(stage, "tess")) == 2


async def test_what_is_posted_without_a_name_has_its_thread_at_once_named_by_the_question(stage):
    """The post says that it is answered in its thread."""
    await stage.ask("dana", CLUB, nameless=True)
    posted = next(m for m in stage.discord.posts(CHANNEL) if CLUB in m["content"])
    thread = stage.discord.realm.channels[posted["id"]]
    assert (thread["name"], thread["parent_id"]) == (CLUB, CHANNEL)
