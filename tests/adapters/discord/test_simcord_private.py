"""Somebody takes no private messages from the bot: what is theirs reaches them all the same, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from discord import Permissions

from bot.policy import Mode
from tests.dialogues.simcord_stage import SimcordStage
from tests.dialogues.stage import Person, Setting

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "A letter about school absence on infusion days."}
SCHOOL = "School marks infusion days as absence, what can we do?"
CLUB = "Does anybody know a good swimming club?"
KIND = "The one at the harbour has a very kind coach for shy kids."
DIE = "I want to die and do not know what to do any more?"
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent"),
    Person("kofi", volunteer="parent", topics=("none",)),
    Person("moda", roles=("moderator",)),
)


@pytest.fixture
async def stage() -> AsyncIterator[SimcordStage]:
    stage = SimcordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    stage.world.closed("dana")
    yield stage
    await stage.close()


async def seen(stage: SimcordStage, who: str) -> str:
    return "\n".join(s.words for s in await stage.sees(who))


async def whispering(stage: SimcordStage) -> None:
    async with stage.store.begin() as tx:
        (channel,) = await tx.channels.all()
        await tx.channels.save(type(channel)(channel.key, channel.name, Mode.HINT, welcomed=True))


def private_threads(stage: SimcordStage) -> list[list[int]]:
    """Who is in each of them, besides the bot."""
    rooms = (room for room in stage.world.backend.channels.values() if room.type == 12)
    return [sorted(set(room.thread_members) - {stage.world.bot}) for room in rooms]


async def test_a_whispered_suggestion_stands_in_a_thread_of_their_own(stage):
    await whispering(stage)
    await stage.post("dana", SCHOOL)
    assert "Infusion days and school" in await seen(stage, "dana")
    assert "Infusion days and school" not in await seen(stage, "ben")
    assert private_threads(stage) == [[stage.world.people["dana"].id]]
    await stage.press("dana", "Not what I need")
    assert "I am asking one of our volunteers now." in await seen(stage, "dana")
    assert len(private_threads(stage)) == 1


async def test_the_answer_to_what_they_asked_in_private_reaches_them(stage):
    await stage.ask("dana", CLUB, nameless=False)
    asked, also = ("tess", "kofi") if stage.offers("tess") else ("kofi", "tess")
    await stage.press(asked, "Accept")
    await stage.restart()
    await stage.answer(asked, KIND)
    assert KIND in await seen(stage, "dana")
    for other in ("ben", also, "moda"):
        assert KIND not in await seen(stage, other)
    assert private_threads(stage) == [[stage.world.people["dana"].id]]
    await stage.press("dana", "This helped")
    assert "I am glad it helped." in await seen(stage, "dana")


async def test_in_a_crisis_they_are_answered_where_only_they_see_it(stage):
    await stage.post("dana", DIE)
    assert "You matter, and you do not have to carry this alone." in await seen(stage, "dana")
    assert "Safety alert C1." in await seen(stage, "moda")
    assert "You matter" not in await seen(stage, "ben") + await seen(stage, "moda")


async def test_a_crisis_in_a_forum_is_answered_in_a_channel_that_everybody_can_view(stage):
    forum = stage.world.forum("questions")
    await stage.settled()
    stage.world.posts_in_forum("dana", forum, "Nothing helps", DIE)
    await stage.settled()
    assert "You matter, and you do not have to carry this alone." in await seen(stage, "dana")
    (room,) = [room for room in stage.world.backend.channels.values() if room.type == 12]
    assert room.parent_id == stage.world.channel.id


async def test_where_there_can_be_no_such_thread_the_moderators_learn_it_and_the_question_goes_on(stage):
    await whispering(stage)
    stage.world.may(stage.world.channel, deny=Permissions(create_private_threads=True).value)
    await stage.settled()
    await stage.post("dana", CLUB)
    assert "I could not deliver a message." in await seen(stage, "moda")
    assert CLUB in await seen(stage, "tess")


async def test_a_volunteer_who_takes_none_is_passed_over(stage):
    stage.world.closed("tess")
    await stage.post("dana", CLUB)
    assert CLUB in await seen(stage, "kofi")
    assert private_threads(stage) == []
    await stage.press("kofi", "Accept")
    assert "Kofi has taken your question" in await seen(stage, "dana")
