"""The home page is drawn anew when what somebody did is handled: soon, once, and with what is true in the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from bot.cards import Action
from tests.dialogues.slack_stage import Json, SlackStage, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.slack_faults import Refused, Slow
from tests.fakes.slack_server import buttons

OUT, IN = "Leave my messages alone", "Listen to my questions again"


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    await stage.open(Setting((Person("dana"),), ()))
    await stage.slack.open_home(user("dana"))
    await stage.slack.until(lambda: drawn(stage))
    yield stage
    await stage.close()


def drawn(stage: SlackStage) -> list[set[str]]:
    """The buttons of each drawing that Slack took, in the order in which it got them."""
    return [set(buttons(call.asked["view"])) for call in stage.slack.calls if call.method == "views.publish"]


def page(stage: SlackStage) -> Json:
    shown: Json = stage.slack.workspace.homes[user("dana")]
    return shown


async def press(stage: SlackStage, action: Action) -> None:
    view = {**page(stage), "id": "V1"}
    wanted = {OUT: Action.OPT_OUT, IN: Action.OPT_IN}
    label = next(label for label, known in wanted.items() if known is action)
    button = next(iter(b for name, b in buttons(view).items() if name in wanted))
    button |= {"value": f"1|{action}|me", "text": {"type": "plain_text", "text": label}}
    view["blocks"] = [{"type": "actions", "elements": [button]}]
    await stage.slack.press_in_view(user("dana"), view, label)


async def ended(stage: SlackStage) -> None:
    await stage.desk.settle()
    await asyncio.gather(*stage.connection._listener._under_way)  # type: ignore[union-attr]


async def test_it_is_drawn_as_soon_as_the_press_is_handled(stage):
    began = time.monotonic()
    await press(stage, Action.OPT_OUT)
    await stage.slack.until(lambda: IN in buttons(page(stage)))
    assert time.monotonic() - began < 0.5
    await ended(stage)
    assert len(drawn(stage)) == 2, "when it was opened, and once for the press"


async def test_a_press_that_waits_to_be_handled_is_not_drawn_before(stage):
    async with stage.desk._handling._lock:
        await press(stage, Action.OPT_OUT)
        await asyncio.sleep(0.15)
        assert len(drawn(stage)) == 1
    await ended(stage)
    assert [IN in shown for shown in drawn(stage)] == [False, True]


async def test_two_quick_presses_are_drawn_together(stage):
    async with stage.desk._handling._lock:
        await press(stage, Action.OPT_IN)
        await press(stage, Action.OPT_OUT)
    await ended(stage)
    assert [OUT in shown for shown in drawn(stage)] == [True, False]


async def test_a_page_that_stays_the_same_is_not_sent_again_unless_it_is_opened(stage):
    await press(stage, Action.OPT_IN)
    await ended(stage)
    assert len(drawn(stage)) == 1
    await stage.slack.open_home(user("dana"))
    await ended(stage)
    assert len(drawn(stage)) == 2


async def test_a_page_that_slack_refused_is_sent_with_the_next_press(stage):
    stage.slack.fail("views.publish", Refused("internal_error"))
    await press(stage, Action.OPT_OUT)
    await ended(stage)
    assert OUT in buttons(page(stage))
    await press(stage, Action.OPT_OUT)
    await ended(stage)
    assert IN in buttons(page(stage))


async def test_a_press_while_slack_draws_the_one_before_is_shown_in_the_end(stage):
    stage.slack.fail("views.publish", Slow(0.2))
    await press(stage, Action.OPT_OUT)
    await stage.slack.until(lambda: len(drawn(stage)) == 2)
    await press(stage, Action.OPT_IN)
    await ended(stage)
    assert [OUT in shown for shown in drawn(stage)] == [True, False, True]
    assert OUT in buttons(page(stage))


async def test_who_never_opened_their_page_costs_no_drawing(stage):
    stage.slack.workspace.enter("UBEN", "ben")
    await stage.slack.command("UBEN", "C01GEN", "/winwin", "opt-out")
    await ended(stage)
    assert len(drawn(stage)) == 1
