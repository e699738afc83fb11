"""The open board on Discord's panel: turned, narrowed to a topic, taken from, and within what Discord takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from discord_rules import message_is_good

from bot.community import Topic
from bot.events import Place
from bot.question import Status
from tests.dialogues.discord_stage import CHANNEL, GUILD, DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_interactions import Interaction, buttons
from tests.fakes.discord_reading import words_of
from tests.fakes.values import question

PEOPLE = (Person("dana"), Person("moda", roles=("moderator",)), Person("luz", volunteer="parent", language="es"))
TAKE = "I'll take it"
TOPICS = (Topic("school", "School and rights", {"es": "Escuela"}), Topic("diet", "Food"))


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    stage.topics = TOPICS
    await stage.open(Setting(PEOPLE, ()))
    async with stage.store.begin() as tx:
        for n in range(1, 9):
            asked = question(
                id=f"q{n}",
                place=Place("discord", GUILD, CHANNEL, f"17000000{n}", f"17000000{n}"),
                asker=key("dana"),
                text=f"Question {n}",
                topics=("diet",) if n % 4 == 0 else ("school",),
                medical=n == 2,
                asked_at=stage.clock.now() - timedelta(hours=20 - n),
                status=Status.ESCALATED,
            )
            await tx.questions.add(asked)
    yield stage
    await stage.close()


def good(page: dict[str, Any]) -> dict[str, Any]:
    message_is_good(page["content"], page["embeds"], page["components"])
    return page


async def home_of(stage: DiscordStage, who: str) -> dict[str, Any]:
    opened = await stage.command(who, "winwin home")
    return good(opened.alone[-1])


async def press(stage: DiscordStage, who: str, page: dict[str, Any], label: str) -> Interaction:
    found = next(one for one in buttons(page) if one == label or one.partition(". ")[2] == label)
    done = await stage._began(await stage.discord.press(user(who), page, found))
    good(page)
    return done


async def choose(stage: DiscordStage, who: str, page: dict[str, Any], label: str) -> None:
    topics = next(c for row in page["components"] for c in row["components"] if c["type"] == 3)
    value = next(o["value"] for o in topics["options"] if o["label"] == label)
    await stage._began(await stage.discord.choose(user(who), page, topics["custom_id"], value))
    good(page)


def listed(page: dict[str, Any]) -> list[int]:
    return [n for n in range(1, 9) if f"Question {n}" in words_of(page)]


async def test_the_board_is_turned_and_narrowed_to_a_topic(stage):
    page = await home_of(stage, "moda")
    assert "8 questions have no answer yet, the oldest first. Here are 1 to 6." in words_of(page)
    assert listed(page)[:2] == [1, 2]
    assert "Dana · asked 19 hours ago · School and rights" in words_of(page)
    assert "only a clinician takes it. Thank you" in words_of(page)
    await press(stage, "moda", page, "Newer ones")
    assert listed(page) == [7, 8]
    await press(stage, "moda", page, "Older ones")
    assert listed(page)[:2] == [1, 2]
    await choose(stage, "moda", page, "Food (2)")
    assert listed(page) == [4, 8]
    await press(stage, "moda", page, TAKE)
    async with stage.store.read() as tx:
        assert (await tx.questions.get("q4")).claimed_by == key("moda")
    await choose_from_the_board(stage, page)


async def choose_from_the_board(stage: DiscordStage, page: dict[str, Any]) -> None:
    """What they took stands above the board now; the board is where it was turned to."""
    while "1 question about Food has no answer yet." not in words_of(page):
        await press(stage, "moda", page, "More")
    await choose(stage, "moda", page, "All topics")
    assert "7 questions have no answer yet" in words_of(page)


async def test_it_is_for_those_who_may_help_and_in_their_language(stage):
    page = await home_of(stage, "luz")
    assert "8 preguntas aún no tienen respuesta" in words_of(page)
    assert "Escuela" in words_of(page)
    assert "Question 1" not in words_of(await home_of(stage, "dana")).split("What you asked")[0]
