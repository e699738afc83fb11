"""Every press is answered, whatever happens, and nothing is said to be done that is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.community import QuestionFilter
from bot.events import PlatformEvent
from bot.question import Status
from tests.dialogues.discord_stage import CHANNEL, DiscordStage, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_faults import Status as Http
from tests.fakes.discord_interactions import Interaction
from tests.fakes.discord_reading import words_of

CLUB = "Does anybody know a good swimming club?"
PEOPLE = (Person("dana"), Person("ben"), Person("tess", volunteer="parent"), Person("moda", roles=("moderator",)))
CALLBACK = "POST /interactions/{webhook_id}/{webhook_token}/callback"


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE))
    yield stage
    await stage.close()


async def questions(stage: DiscordStage) -> dict[str, Status]:
    async with stage.store.read() as tx:
        return {q.text: q.status for q in await tx.questions.find(QuestionFilter())}


def private(stage: DiscordStage, who: str) -> list[str]:
    return [words_of(m) for m in stage.discord.posts(stage.discord.realm.direct(user(who))["id"])]


async def test_a_press_is_answered_when_it_is_kept_and_not_before(stage):
    await stage.post("dana", CLUB)
    keep, answers = stage.connection._listener._receive, []

    async def receive(facts: Sequence[PlatformEvent]) -> None:
        await keep(facts)
        answers.append(stage.discord.interactions.all[-1].answer)

    stage.connection._listener._receive = receive
    await stage.press("tess", "Accept")
    assert answers == [0]
    assert stage.discord.interactions.all[-1].answer == 6


async def press_raw(stage: DiscordStage, who: str, custom_id: str) -> Interaction:
    await stage.post("dana", CLUB)
    message: dict[str, Any] = dict(stage.discord.posts()[-1])
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": custom_id}]}
    return await stage._began(await stage.discord.press(user(who), {**message, "components": [row]}, "x"))


@pytest.mark.parametrize(
    "custom_id",
    ["1|no_such_thing|q1", "0|helped|q1", "nonsense", "1|sheet:no_form|x", "1|open_resource|q/~0123456789abcdef", "1|"],
)
async def test_a_button_that_nobody_understands_is_answered_with_a_kind_line(stage, custom_id):
    pressed = await press_raw(stage, "dana", custom_id)
    assert "This is no longer there." in words_of(pressed.alone[-1])


async def test_a_command_that_is_none_of_ours_any_more_is_answered(stage):
    asked = await stage.command("dana", "gone-long-ago")
    assert "This is no longer there." in words_of(asked.alone[-1])


async def test_a_press_that_could_not_be_kept_says_so_and_can_be_made_again(stage):
    await stage.post("dana", CLUB)
    keep, failed = stage.connection._listener._receive, 0

    async def receive(facts: Sequence[PlatformEvent]) -> None:
        nonlocal failed
        failed += 1
        raise OSError("the disk is full")

    stage.connection._listener._receive = receive
    message = stage.showing("tess", "Accept")
    pressed = await stage._began(await stage.discord.press(user("tess"), message, "Accept"))
    assert "Please press once more" in words_of(pressed.alone[-1])
    assert failed == 1
    stage.connection._listener._receive = keep
    await stage.press("tess", "Accept")
    assert await questions(stage) == {CLUB: Status.CLAIMED}


async def test_what_takes_long_to_be_kept_is_promised_within_three_seconds(stage, monkeypatch):
    await stage.post("dana", CLUB)
    monkeypatch.setattr("adapters.discord.listener.COMMITTED", 0.05)
    keep, free = stage.connection._listener._receive, asyncio.Event()

    async def receive(facts: Sequence[PlatformEvent]) -> None:
        await free.wait()
        await keep(facts)

    stage.connection._listener._receive = receive
    pressed = await stage.discord.press(user("tess"), stage.showing("tess", "Accept"), "Accept")
    assert pressed.answer == 5
    assert await questions(stage) == {CLUB: Status.OFFERED}, "nothing is said to be done that is not"
    free.set()
    await stage._settled()
    assert "Thank you" in words_of(pressed.alone[-1])
    assert await questions(stage) == {CLUB: Status.CLAIMED}


async def test_a_form_that_comes_too_late_ends_in_one_kind_line_in_private(stage):
    stage.discord.fail(CALLBACK, Refused(10062, 404))
    asked = await stage.discord.command(user("dana"), CHANNEL, "ask")
    await stage._settled()
    assert asked.modal is None
    assert "Please press once more" in private(stage, "dana")[-1]


async def test_words_for_an_interaction_that_ended_come_in_private(stage):
    stage.discord.fail("PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", Refused(50027, 401))
    await stage.command("dana", "winwin help")
    assert "What you can write to me" in private(stage, "dana")[-1]


async def test_an_answer_whose_receipt_got_lost_is_not_given_twice(stage):
    stage.discord.fail(CALLBACK, Http(502))
    helped = await stage.command("dana", "winwin help")
    assert "What you can write to me" in words_of(helped.alone[-1])


async def test_a_file_that_discord_does_not_take_becomes_words(stage):
    stage.discord.fail("POST /webhooks/{webhook_id}/{webhook_token}", Refused(40005, 413))
    await stage.post("dana", CLUB)
    sent = await stage.command("dana", "winwin my-data")
    assert "everything I hold about you" in words_of(sent.alone[-1])


async def test_an_event_that_is_none_ends_nothing(stage):
    for name in ("MESSAGE_CREATE", "MESSAGE_DELETE", "INTERACTION_CREATE", "GUILD_CREATE", "THREAD_CREATE"):
        await stage.discord.gateway.say(name, {"id": "x", "channel_id": [], "author": 3, "guild_id": {}})
    await stage.post("dana", CLUB)
    assert list(await questions(stage)) == [CLUB]
