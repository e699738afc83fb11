"""A question that something helped with, on Discord: read in private, put in other words in a form."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from discord_rules import message_is_good, modal_is_good

from tests.dialogues.discord_stage import DiscordStage
from tests.dialogues.stage import Person, Setting

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "A letter about school absence on infusion days."}
ASKED = "Infusion days and school, who signs for the gym teacher?"


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting((Person("dana"), Person("moda", roles=("moderator",))), (LETTER,)))
    await stage.invite("moda")
    await stage.post("dana", ASKED)
    await stage.press("dana", "This helped")
    yield stage
    await stage.close()


async def test_it_is_put_in_other_words_in_a_form_and_the_card_has_no_words_then(stage: DiscordStage):
    card = [seen for seen in await stage.sees("moda") if "In other words" in seen.buttons][-1]
    assert ASKED in card.words
    assert "Dana" not in card.words
    message = stage.messages_of("moda")[-1]
    message_is_good(message["content"], message["embeds"], message["components"])
    await stage.press("moda", "In other words")
    assert stage._last is not None
    assert stage._last.modal is not None
    modal_is_good(stage._last.modal)
    await stage.submit({"asked_as": "Who signs for gym?"})
    async with stage.store.read() as tx:
        assert (await tx.resources.get(["r1"]))["r1"].asked_as == ("Who signs for gym?",)
    assert all("has helped somebody" not in seen.words for seen in await stage.sees("moda"))
