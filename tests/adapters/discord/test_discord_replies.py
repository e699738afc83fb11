"""A channel in which questions are answered with a reply, not in a thread: who sets it, and what then belongs where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from discord_rules import modal_is_good

from bot.community import QuestionFilter
from bot.policy import Answering, Mode
from bot.question import Outcome, Question, Status
from tests.dialogues.discord_stage import CHANNEL, GUILD, DiscordStage, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_interactions import buttons
from tests.fakes.discord_payloads import QUESTIONS
from tests.fakes.discord_reading import words_of

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days."}
INFUSION = "How do I get school to excuse infusion days?"
CLUB = "Does anybody know a good swimming club?"
HARBOUR = "The one at the harbour has a very kind coach for shy kids."
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent"),
    Person("moda", roles=("moderator",)),
)


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    await stage.command("moda", "winwin channel")
    await stage.submit({"answering": "reply"})
    yield stage
    await stage.close()


def threads(stage: DiscordStage) -> list[str]:
    return [c for c, room in stage.discord.realm.channels.items() if "thread_metadata" in room]


def answering(message: dict[str, Any]) -> str:
    return str((message.get("message_reference") or {}).get("message_id") or "")


async def the_question(stage: DiscordStage, text: str) -> Question:
    async with stage.store.read() as tx:
        return next(q for q in await tx.questions.find(QuestionFilter()) if q.text == text)


async def test_a_moderator_sets_it_beside_the_mode_and_sees_it(stage):
    async with stage.store.read() as tx:
        channel = await tx.channels.get(f"discord:{GUILD}:{CHANNEL}")
        log = [(a.action, a.detail) for a in await tx.audit.all()]
    assert channel is not None
    assert (channel.answering, channel.mode) == (Answering.REPLY, Mode.THREAD)
    assert ("channel_answering", "reply") in log
    opened = await stage.command("moda", "winwin channel")
    modal_is_good({"custom_id": "", "title": "", **opened.modal})
    chosen = {
        row["component"]["custom_id"].partition("?")[0]: [
            o["value"] for o in row["component"]["options"] if "default" in o
        ]
        for row in opened.modal["components"]
        if "component" in row
    }
    assert chosen == {"mode": ["thread"], "answering": ["reply"], "digest": ["no"]}
    page = (await stage.command("moda", "winwin home")).alone[-1]
    while "#general" not in words_of(page) and "More" in buttons(page):
        await stage._began(await stage.discord.press(user("moda"), page, "More"))
    assert ": Answer with a reply" in words_of(page)


async def test_a_suggestion_stands_in_the_channel_as_a_reply_and_no_thread_is_made(stage):
    root = await stage.post("dana", INFUSION)
    shown = stage.discord.posts(CHANNEL)[-1]
    assert (answering(shown), LETTER["title"] in words_of(shown)) == (root, True)
    assert threads(stage) == []
    await stage.press("dana", "Not what I need")
    assert answering(stage.discord.posts(CHANNEL)[-1]) == root
    assert threads(stage) == []


async def test_who_takes_it_is_told_to_reply(stage):
    await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    private = stage.discord.posts(stage.discord.realm.direct(user("tess"))["id"])
    assert "Answer it with a reply" in words_of(private[-1])


@pytest.mark.parametrize("to", ["the question", "what the bot said of it", "an answer to it"])
async def test_a_reply_to_any_of_it_belongs_to_the_question(stage, to):
    root = await stage.post("dana", CLUB)
    target = root
    if to == "what the bot said of it":
        target = stage.discord.posts(CHANNEL)[-1]["id"]
    if to == "an answer to it":
        target = await stage.post("ben", HARBOUR, root)
    before = await the_question(stage, CLUB)
    await stage.post("tess", "Also the one by the old bridge is very kind to shy kids.", str(target))
    after = await the_question(stage, CLUB)
    assert len(after.answered_by) == len(before.answered_by) + 1
    async with stage.store.read() as tx:
        assert len(await tx.questions.find(QuestionFilter())) == 1


async def test_the_asker_takes_it_back_in_a_reply_to_what_the_bot_said(stage):
    await stage.post("dana", INFUSION)
    shown = stage.discord.posts(CHANNEL)[-1]
    await stage.post("dana", "never mind, solved it", shown["id"])
    question = await the_question(stage, INFUSION)
    assert (question.status, question.outcome) == (Status.CLOSED, Outcome.WITHDRAWN)


async def test_what_is_asked_without_a_name_asks_for_replies_and_brings_them_over(stage):
    post = await stage.ask("dana", CLUB, nameless=True)
    (message,) = [m for m in stage.discord.posts(CHANNEL) if m["id"] == post]
    assert "Please reply to this message." in words_of(message)
    await stage.post("ben", HARBOUR, post)
    assert HARBOUR in words_of(stage.messages_of("dana")[-1])
    await stage.press("dana", "Write back")
    await stage.submit({"text": "Is it heated?"})
    assert answering(stage.discord.posts(CHANNEL)[-1]) == post
    assert threads(stage) == []


async def test_in_a_forum_it_stays_in_the_post(stage):
    async with stage.store.begin() as tx:
        known = await tx.channels.get(f"discord:{GUILD}:{CHANNEL}")
        assert known is not None
        await tx.channels.save(replace(known, key=f"discord:{GUILD}:{QUESTIONS}"))
    asked = stage.discord.ask_in_forum(user("dana"), "School", INFUSION)
    await stage._settled()
    shown = [m for m in stage.discord.posts(asked["channel_id"]) if LETTER["title"] in words_of(m)]
    assert [answering(m) for m in shown] == [""]


async def test_nobody_is_asked_twice_after_a_restart_and_the_reply_is_posted_once(stage):
    await stage.post("dana", INFUSION)
    await stage.restart()
    assert stage.discord.posted_twice() == []
    assert len([m for m in stage.discord.posts(CHANNEL) if LETTER["title"] in words_of(m)]) == 1


async def test_back_to_threads_the_next_question_has_one(stage):
    await stage.command("moda", "winwin channel")
    await stage.submit({"answering": "thread"})
    root = await stage.post("dana", INFUSION)
    assert threads(stage) == [root]
