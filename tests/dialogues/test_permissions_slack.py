"""Every action and form by everybody, as forged presses and forms of Slack."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from adapters.slack.inbound_interactions import interaction
from bot.cards import Action, Form
from bot.surfaces.wanted import OpenSheet
from tests.dialogues.rights import OPENED, Case, Fact, Home, World, cases, windows
from tests.fakes.values import NOON

TEAM = "T01HOME"
AT = Home("slack", TEAM, lambda name: f"U{name.upper().replace('_', '')}", "C01GEN")
TRIED = [case for case in cases(AT) if case.what is not Form.ROLES]  # Slack has no roles


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World(AT)
    await made.open()
    yield made
    await made.close()


def forged(who: str, case: Case, number: str) -> Fact | OpenSheet | None:
    body: dict[str, Any] = {"user": {"id": AT.user(who), "team_id": TEAM}, "team": {"id": TEAM}, "trigger_id": number}
    if isinstance(case.what, Action):
        body |= _press(f"1|{case.what}|{case.subject}", number)
    elif case in windows(AT):
        body |= _press(f"1|sheet:{case.what}|{case.subject}", number)
    else:
        body |= _form(case, number)
    made = interaction(body, NOON)
    assert made is not None, f"{case.name} is nothing to Slack"
    assert made.whence.member == AT.member(who)
    return made.facts[0] if made.facts else made.opens if isinstance(made.opens, OpenSheet) else None


def _press(value: str, number: str) -> dict[str, Any]:
    action = {"type": "button", "value": value, "action_ts": f"17000{number}.000100"}
    where = {"message_ts": "1700000000.000001", "channel_id": "C01GEN"}
    return {"type": "block_actions", "actions": [action], "container": where}


def _form(case: Case, number: str) -> dict[str, Any]:
    typed: Mapping[str, Any] = {
        name: {name: {"type": "plain_text_input", "value": value}} for name, value in case.values.items()
    }
    unseen = json.dumps({"subject": case.subject, "kept": {}})
    view = {"id": f"V{number}", "callback_id": f"1|{case.what}", "private_metadata": unseen, "state": {"values": typed}}
    return {"type": "view_submission", "view": view}


async def test_whom_it_is_not_for_is_refused_and_nothing_has_changed(world: World):
    assert await world.refused(forged, TRIED) == []


async def test_whom_it_is_for_does_it(world: World):
    assert await world.done(forged, TRIED) == []


async def test_a_form_that_is_not_for_somebody_is_not_shown_to_them(world: World):
    assert await world.opened(forged, windows(AT)) == []


def test_everything_slack_has_is_tried():
    assert {case.what for case in [*TRIED, *windows(AT)]} == {*Action, *Form} - {Form.ROLES}
    assert all(isinstance(forged("member", Case(a, "q-held", AT_NOBODY), "1"), OpenSheet) for a in OPENED)


AT_NOBODY = frozenset[str]()
