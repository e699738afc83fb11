"""What the bot may not do in a channel, by an overwrite: nothing is lost, and whoever looks after it learns why."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import structlog
from discord import Permissions
from structlog.testing import capture_logs

from adapters.discord import messenger
from tests.dialogues.simcord_stage import SimcordStage
from tests.dialogues.stage import Person, Setting

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "A letter about school absence on infusion days."}
SCHOOL = "School marks infusion days as absence, what can we do?"
CLUB = "Does anybody know a good swimming club?"
KIND = "The one at the harbour has a very kind coach for shy kids."
PEOPLE = (Person("dana"), Person("ben"), Person("tess", volunteer="parent"), Person("moda", roles=("moderator",)))


@pytest.fixture
async def stage() -> AsyncIterator[SimcordStage]:
    stage = SimcordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    yield stage
    await stage.close()


async def without(stage: SimcordStage, *names: str) -> None:
    stage.world.may(stage.world.channel, deny=Permissions(**dict.fromkeys(names, True)).value)
    await stage.settled()


async def said(stage: SimcordStage, who: str) -> str:
    return "\n".join(s.words for s in await stage.sees(who))


def answers(stage: SimcordStage, root: str) -> list[str]:
    """What the bot said in the channel by reference to a message, each by its first line."""
    rows = stage.world.backend.messages[stage.world.channel.id].values()
    return [m.content.partition("\n")[0] for m in rows if m.reference and m.reference["message_id"] == root]


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ("create_public_threads", "Create Public Threads"),
        ("send_messages_in_threads", "Send Messages in Threads"),
    ],
)
async def test_without_threads_it_answers_in_the_channel_and_says_what_it_lacks(stage, monkeypatch, denied, named):
    structlog.reset_defaults()  # a command that ran before in this process may have made it quiet
    monkeypatch.setattr(messenger, "_log", structlog.get_logger())
    await without(stage, denied)
    with capture_logs() as logs:
        root = await stage.post("dana", SCHOOL)
    assert answers(stage, root) == ["This is from our community's library. It may help."]
    assert any(named in str(line.get("reason")) for line in logs)
    await stage.press("dana", "Not what I need")
    assert "I am asking one of our volunteers now." in await said(stage, "dana")
    assert stage.world.channel.threads == []


async def test_who_may_not_send_in_the_channel_still_answers_in_the_thread(stage):
    await without(stage, "send_messages")
    root = await stage.post("dana", SCHOOL)
    assert answers(stage, root) == []
    assert "Infusion days and school" in await said(stage, "ben")


async def test_where_nothing_can_be_said_the_asker_is_told_in_private_and_goes_on_from_there(stage):
    await without(stage, "send_messages", "send_messages_in_threads")
    await stage.post("dana", SCHOOL)
    assert "Infusion days and school" in await said(stage, "dana")
    assert await said(stage, "ben") == ""
    await stage.press("dana", "Not what I need")
    assert "I am asking one of our volunteers now." in await said(stage, "dana")
    assert SCHOOL in await said(stage, "tess")


async def test_who_asks_without_a_name_there_is_told_that_nothing_can_be_posted(stage):
    await without(stage, "send_messages")
    await stage.ask("dana", CLUB, nameless=True)
    assert "I can't post in that channel." in await said(stage, "dana")
    assert await said(stage, "tess") == ""


async def test_a_channel_that_it_may_not_view_any_more_is_left_and_the_question_goes_on_in_private(stage):
    await stage.post("dana", CLUB)
    await without(stage, "view_channel")
    assert "I am no longer in the channel where you asked" in await said(stage, "dana")
    await stage.press("moda", "I'll take it")
    assert "Moda has taken your question" in await said(stage, "dana")


async def test_what_is_a_moderators_is_refused_to_others_at_the_click(stage):
    root = await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    answer = await stage.post("tess", KIND, root)
    refused = await stage.context("ben", answer, "Save as resource")
    assert refused.modal is None
    assert refused.response is not None
    assert "A moderator can help you." in refused.response.content
    assert (await stage.context("moda", answer, "Save as resource")).modal is not None


async def test_without_the_message_content_intent_it_says_so_and_works_by_mention():
    stage = SimcordStage(content=False)
    with capture_logs() as logs:
        await stage.open(Setting(PEOPLE, (LETTER,)))
    try:
        assert any("Message Content Intent" in str(line.get("do")) for line in logs)
        await stage.post("dana", SCHOOL)
        assert await said(stage, "dana") == ""
        await stage.post("ben", f"<@{stage.world.bot}> {SCHOOL}")
        assert "Infusion days and school" in await said(stage, "ben")
    finally:
        await stage.close()
