"""The open board on Slack's App Home: turned, narrowed to a topic, taken from, and within what Slack takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from slack_rules import view_is_good

from adapters.slack.outbound_home import home_view
from bot.cards import Card, Text
from bot.events import Place
from bot.question import Status
from bot.showing.home import Item, Part
from tests.dialogues.slack_stage import CHANNEL, TEAM, SlackStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_reading import words_of
from tests.fakes.slack_server import buttons
from tests.fakes.values import question

PEOPLE = (Person("dana"), Person("moda", roles=("moderator",)), Person("luz", volunteer="parent", language="es"))
TAKE = "I'll take it"


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    await stage.open(Setting(PEOPLE, ()))
    async with stage.store.begin() as tx:
        for n in range(1, 9):
            asked = question(
                id=f"q{n}",
                place=Place("slack", TEAM, CHANNEL, f"17000000{n}.0", f"17000000{n}.0"),
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


async def published(stage: SlackStage, who: str) -> dict[str, Any]:
    view: dict[str, Any] = await stage.slack.until(lambda: stage.slack.workspace.homes.get(user(who)))
    view_is_good({k: view[k] for k in ("type", "blocks")})
    return view


async def home_of(stage: SlackStage, who: str) -> dict[str, Any]:
    stage.slack.workspace.homes.pop(user(who), None)
    await stage.slack.open_home(user(who))
    return await published(stage, who)


async def press(stage: SlackStage, who: str, label: str) -> dict[str, Any]:
    view = stage.slack.workspace.homes.pop(user(who))
    await stage.slack.press_in_view(user(who), view, label)
    return await published(stage, who)


async def choose(stage: SlackStage, who: str, label: str) -> dict[str, Any]:
    view = stage.slack.workspace.homes.pop(user(who))
    (topics,) = [e for b in view["blocks"] for e in b.get("elements", ()) if e["type"] == "static_select"]
    chosen = next(o for o in topics["options"] if o["text"]["text"] == label)
    body = payloads.view_actions(
        user(who), view, {**topics, "selected_option": chosen}, stage.slack.trigger(), stage.slack.workspace.ts()
    )
    await stage.slack.deliver(body)
    return await published(stage, who)


def listed(view: dict[str, Any]) -> list[int]:
    words = words_of(view["blocks"])
    return [n for n in range(1, 9) if f"Question {n}" in words]


async def test_the_board_is_turned_and_narrowed_to_a_topic(stage):
    view = await home_of(stage, "moda")
    assert listed(view) == [1, 2, 3, 4, 5, 6]
    assert "8 questions have no answer yet, the oldest first. Here are 1 to 6." in words_of(view["blocks"])
    assert "Dana · asked 19 hours ago · school" in words_of(view["blocks"])
    assert "only a clinician takes it. Thank you" in words_of(view["blocks"])
    assert listed(await press(stage, "moda", "Newer ones")) == [7, 8]
    assert listed(await press(stage, "moda", "Older ones")) == [1, 2, 3, 4, 5, 6]
    view = await choose(stage, "moda", "diet (2)")
    assert listed(view) == [4, 8]
    view = await press(stage, "moda", TAKE)
    async with stage.store.read() as tx:
        assert key("moda") in [(await tx.questions.get(f"q{n}")).claimed_by for n in (4, 8)]
    assert "1 question about diet has no answer yet." in words_of(view["blocks"]), "it stays with the topic"
    assert len(listed(await choose(stage, "moda", "All topics"))) >= 6


async def test_it_is_for_those_who_may_help_and_in_their_language(stage):
    assert "Question 1" in words_of((await home_of(stage, "luz"))["blocks"])
    assert "8 preguntas aún no tienen respuesta" in words_of((await home_of(stage, "luz"))["blocks"])
    assert TAKE not in buttons(await home_of(stage, "dana"))


def test_the_board_has_its_room_whatever_stands_before_and_after_it():
    def part(title: str, count: int, *, whole: bool = False) -> Part:
        return Part(title, tuple(Item(Card((Text(f"{title} {n}"),))) for n in range(count)), whole)

    view = home_view([part("Held", 70), part("Board", 9, whole=True), part("Asked", 70)], lambda _: "")
    view_is_good(view)
    assert "Board 8" in words_of(view["blocks"])
    assert "Held 20" in words_of(view["blocks"])
