"""Forms on Discord: in pages, not right yet, begun before a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from discord_rules import message_is_good

from bot.community import QuestionFilter, Topic
from bot.question import Status
from tests.dialogues.discord_stage import CHANNEL, DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_interactions import Interaction, buttons
from tests.fakes.discord_reading import filled, words_of

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days. Take 5 days."}
CLUB = "Does anybody know a good swimming club?"
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent"),
    Person("moda", roles=("moderator",)),
    Person("lucia", language="es"),
)


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    yield stage
    await stage.close()


def shown(interaction: Interaction) -> dict[str, Any]:
    """What they alone are shown, and that Discord takes it."""
    assert interaction.alone, "nothing was shown"
    message = interaction.alone[-1]
    if not message["attachments"]:
        message_is_good(message["content"], message["embeds"], message["components"])
    return message


def label_of(message: dict[str, Any], words: str) -> str:
    """On a page with several things to press, a label bears the number of its thing."""
    found = [label for label in buttons(message) if label.partition(". ")[2] == words or label == words]
    assert found, f"no “{words}” among {list(buttons(message))}"
    return found[0]


async def press(stage: DiscordStage, who: str, message: dict[str, Any], label: str) -> Interaction:
    return await stage._began(await stage.discord.press(user(who), message, label_of(message, label)))


def page_with(message: dict[str, Any], words: str) -> str:
    return next(label for label in buttons(message) if words in label)


async def test_a_form_in_pages_keeps_what_stands_in_the_others(stage):
    opened = await stage.command("ben", "volunteer")
    panel = shown(opened)
    await press(stage, "ben", panel, page_with(panel, "Questions a week"))
    await stage.submit({"weekly_cap": "3", "languages": "en,es"})
    assert "Questions a week, at most: 3" in words_of(panel)
    await press(stage, "ben", panel, page_with(panel, "Quiet from"))
    await stage.submit({"quiet_from": "22h", "quiet_to": "7", "quiet_days": "mon,tue"})
    async with stage.store.read() as tx:
        settings = await tx.volunteers.get(key("ben"))
    assert settings is not None
    assert (settings.weekly_cap, settings.languages, len(settings.quiet)) == (3, {"en", "es"}, 2)


async def test_what_is_not_right_is_said_and_nothing_typed_is_lost(stage):
    panel = shown(await stage.command("ben", "volunteer"))
    await press(stage, "ben", panel, page_with(panel, "Questions a week"))
    said = shown(await stage.submit({"weekly_cap": "7", "time_zone": "Atlantis"}))
    assert "My time zone" in words_of(said)
    again = await press(stage, "ben", said, "Volunteering")
    assert "Questions a week, at most: 7" in words_of(shown(again))
    async with stage.store.read() as tx:
        assert await tx.volunteers.get(key("ben")) is None


async def test_an_empty_answer_is_asked_for_again(stage):
    await stage.command("dana", "ask")
    said = shown(await stage.submit({"text": " "}))
    assert "Please write a few words here." in words_of(said)
    assert (await press(stage, "dana", said, "Ask a question")).modal is not None


@pytest.mark.parametrize("heard", [True, False])
async def test_an_answer_saved_in_pages_is_one_draft(stage, heard):
    """Also of a message that was not heard as an answer: then Discord says what stands in it."""
    topics = tuple(Topic(f"t{n}", f"Topic {n}") for n in range(40))
    stage.topics = topics
    await stage.restart()
    root = await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    where = root if heard else ""
    answer = await stage.post("tess", "The one at the harbour has a very kind coach for shy kids.", where)
    message = stage.discord.realm.message(where or CHANNEL, answer)
    panel = shown(await stage._began(await stage.discord.context(user("moda"), message, "Save as resource")))
    first, second = [label for label in buttons(panel) if label != "Save"]
    await press(stage, "moda", panel, first)
    await stage.submit({"title": "A kind swimming club", "topics": "t3"})
    assert "A kind swimming club" in words_of(panel)
    await press(stage, "moda", panel, second)
    await stage.submit({})
    async with stage.store.read() as tx:
        assert await tx.drafts.all() == []
    await press(stage, "moda", panel, "Save")
    assert not buttons(panel)
    async with stage.store.read() as tx:
        [draft] = await tx.drafts.all()
    assert (draft.title, draft.topics, draft.text) == ("A kind swimming club", ("t3",), message["content"])


async def test_a_form_is_only_for_those_who_may(stage):
    root = await stage.post("dana", CLUB)
    message = stage.discord.realm.message(CHANNEL, root)
    refused = await stage._began(await stage.discord.context(user("ben"), message, "Save as resource"))
    assert refused.modal is None
    assert shown(refused)["content"]


async def test_an_answer_sent_too_late_comes_back_to_who_wrote_it(stage):
    await stage.command("dana", "ask", question=CLUB)
    await stage.submit({"how": "private"})
    await stage.press("tess", "Accept")
    await stage.press("tess", "Write an answer")
    opened = stage._last
    assert opened is not None
    async with stage.store.read() as tx:
        [question] = await tx.questions.find(QuestionFilter())
    async with stage.store.begin() as tx:
        closed = replace(question, status=Status.CLOSED, claimed_by="", version=question.version + 1)
        await tx.questions.save(closed)
    late = await stage._began(await stage.discord.submit(opened, filled(opened.modal or {}, {"text": "The harbour."})))
    assert "This is settled already. Thank you." in words_of(shown(late))
    assert "The harbour." in words_of(shown(late))
    async with stage.store.read() as tx:
        assert await tx.answers.of(question.id) == []


async def test_a_form_begun_before_a_restart_is_taken_after_it(stage):
    await stage.command("dana", "ask", question=CLUB)
    opened = stage._last
    await stage.restart()
    assert opened is not None
    await stage._began(await stage.discord.submit(opened, filled(opened.modal or {}, {"how": "private"})))
    async with stage.store.read() as tx:
        assert [q.text for q in await tx.questions.find(QuestionFilter())] == [CLUB]
