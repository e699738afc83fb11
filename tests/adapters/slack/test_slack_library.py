"""Moderators look after the library from Slack: who may can put right and retire what `/resources` finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from slack_rules import blocks_are_good, view_is_good

from bot.community import Role
from knowledge.resources import Resource, ReviewState
from tests.dialogues.slack_stage import CHANNEL, Json, SlackStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_reading import filled, words_of
from tests.fakes.slack_server import buttons

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days."}
DOSES = {"id": "r2", "title": "Infusion days and doses at school", "text": "Only the clinic says.", "medical": "yes"}
WORDS = "infusion days at school"


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    people = (Person("dana"), Person("moda", roles=("moderator",)), Person("cleo", roles=("clinician",)))
    await stage.open(Setting(people, (LETTER, DOSES)))
    yield stage
    await stage.close()


async def searched(stage: SlackStage, who: str) -> Json:
    """What `/resources` says to somebody, and that Slack takes it."""
    before = len(stage.slack.responses)
    await stage.command(who, "/resources", WORDS)
    await stage.slack.until(lambda: len(stage.slack.responses) > before)
    said: Json = stage.slack.responses[-1]
    blocks_are_good(said["blocks"])
    return said


def opener(said: Json, form: str, resource: str) -> Json | None:
    """The button that opens this form for this resource."""
    elements = [e for block in said["blocks"] if block["type"] == "actions" for e in block["elements"]]
    return next((e for e in elements if e["value"] == f"1|sheet:{form}|{resource}"), None)


async def pressed(stage: SlackStage, who: str, form: str, resource: str) -> None:
    button = {"type": "button", "action_id": "x", "value": f"1|sheet:{form}|{resource}"}
    message = {"ts": "1700000000.000001", "blocks": []}
    ways = stage.slack.trigger(), stage.slack._respond_at()
    await stage.slack.deliver(payloads.block_actions(user(who), CHANNEL, message, button, *ways, "1700000000.000002"))
    await stage.desk.settle()


async def stored(stage: SlackStage, resource: str = "r1") -> Resource:
    async with stage.store.read() as tx:
        return (await tx.resources.get([resource]))[resource]


async def test_each_sees_what_they_may_do_with_what_is_found(stage):
    offered = {}
    for who in ("dana", "moda", "cleo"):
        said = await searched(stage, who)
        assert {LETTER["title"], DOSES["title"]} <= set(words_of(said["blocks"]).replace("*", "").splitlines())
        forms = [(f, r) for f in ("edit_resource", "retire_resource") for r in ("r1", "r2")]
        offered[who] = {(form, resource) for form, resource in forms if opener(said, form, resource)}
    assert offered == {
        "dana": set(),
        "moda": {("edit_resource", "r1"), ("retire_resource", "r1"), ("retire_resource", "r2")},
        "cleo": {("edit_resource", "r1"), ("edit_resource", "r2")},
    }


async def test_a_resource_is_put_right(stage):
    await pressed(stage, "moda", "edit_resource", "r1")
    form = stage.modal()
    view_is_good({k: v for k, v in form.items() if k not in ("id", "app_id", "team_id", "root_view_id")})
    assert filled(form, {})["text"]["text"]["value"] == LETTER["text"]
    await stage.submit("moda", {"title": "Infusion days, school and trips"})
    changed = await stored(stage)
    assert (changed.title, changed.text, changed.reviewed_by) == (
        "Infusion days, school and trips",
        LETTER["text"],
        "Moda",
    )
    assert "Infusion days, school and trips" in words_of((await searched(stage, "dana"))["blocks"])


async def test_a_resource_is_retired_after_one_more_question(stage):
    await pressed(stage, "moda", "retire_resource", "r1")
    form = stage.modal()
    view_is_good({k: v for k, v in form.items() if k not in ("id", "app_id", "team_id", "root_view_id")})
    assert LETTER["title"] in words_of(form["blocks"])
    assert (await stored(stage)).state is ReviewState.PUBLISHED
    await stage.submit("moda", {})
    assert (await stored(stage)).state is ReviewState.RETIRED
    assert LETTER["title"] not in words_of((await searched(stage, "moda"))["blocks"]).replace("*", "").splitlines()
    await pressed(stage, "moda", "edit_resource", "r1")
    assert "This is no longer there." in words_of(stage.slack.responses[-1]["blocks"])


@pytest.mark.parametrize(
    ("who", "form", "resource"),
    [
        ("dana", "edit_resource", "r1"),
        ("dana", "retire_resource", "r1"),
        ("cleo", "retire_resource", "r1"),
        ("moda", "edit_resource", "r2"),
    ],
)
async def test_a_button_pressed_by_somebody_who_may_not_opens_nothing(stage, who, form, resource):
    await pressed(stage, who, form, resource)
    assert "A moderator can help you." in words_of(stage.slack.responses[-1]["blocks"])
    assert not stage.slack.called("views.open")


async def test_who_is_no_moderator_any_more_when_they_send_it_changes_nothing(stage):
    await pressed(stage, "moda", "retire_resource", "r1")
    async with stage.store.begin() as tx:
        record = (await tx.members.get([key("moda")]))[key("moda")]
        await tx.members.save(replace(record, roles=record.roles - {Role.MODERATOR}))
    await stage.submit("moda", {})
    assert (await stored(stage)).state is ReviewState.PUBLISHED
    assert "A moderator can help you." in words_of(stage.messages_of("moda")[-1]["blocks"])


async def test_whoever_reads_has_the_same_button_as_before(stage):
    assert "Read it" in buttons(await searched(stage, "moda"))
