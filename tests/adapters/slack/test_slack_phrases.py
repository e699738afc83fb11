"""A question that something helped with, on Slack: read in private or on the home page, put in other words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_rules import blocks_are_good, view_is_good

from tests.dialogues.slack_stage import SlackStage, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.slack_reading import words_of

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "A letter about school absence on infusion days."}
ASKED = "Infusion days and school, who signs for the gym teacher?"


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    await stage.open(Setting((Person("dana"), Person("moda", roles=("moderator",))), (LETTER,)))
    await stage.invite("moda")
    await stage.post("dana", ASKED)
    await stage.press("dana", "This helped")
    yield stage
    await stage.close()


async def test_it_is_put_in_other_words_in_a_form_and_the_card_has_no_words_then(stage: SlackStage):
    card = stage.showing("moda", "In other words")
    blocks_are_good(card["blocks"])
    assert ASKED in words_of(card["blocks"])
    assert "Dana" not in words_of(card["blocks"])
    await stage.press("moda", "In other words")
    form = stage.modal()
    view_is_good({k: form[k] for k in ("type", "callback_id", "title", "submit", "close", "blocks") if k in form})
    assert "I find “Infusion days and school” by it." in words_of(form["blocks"])
    assert (await stage.submit("moda", {"asked_as": " "})) is not None  # said in the form, and nothing is sent
    await stage.submit("moda", {"asked_as": "Who signs for gym?"})
    async with stage.store.read() as tx:
        assert (await tx.resources.get(["r1"]))["r1"].asked_as == ("Who signs for gym?",)
    assert all("gym teacher" not in words_of(m["blocks"]) for m in stage.messages_of("moda"))


async def test_it_waits_on_the_home_page_and_is_decided_there(stage: SlackStage):
    await stage.slack.open_home(user("moda"))
    view = await stage.slack.until(lambda: stage.slack.workspace.homes.get(user("moda")))
    view_is_good({k: view[k] for k in ("type", "blocks")})
    assert ASKED in words_of(view["blocks"])
    await stage.slack.press_in_view(user("moda"), view, "Leave it out")
    await stage.desk.settle()
    async with stage.store.read() as tx:
        assert [(d.asked_as, d.asks_for) for d in await tx.drafts.all()] == [((), "r1")]
