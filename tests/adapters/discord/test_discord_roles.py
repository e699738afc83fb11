"""Roles of a server that the community trusts: who sets them and has them, checked again at the press; their end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from discord_roles import (
    BOOSTERS,
    CLINIC,
    CLUB,
    DOSE,
    MODS,
    PICKED,
    REFUSED,
    SPACE,
    may_see_the_channels,
    opened,
    record,
    trusting,
    trusts,
    wear,
)
from discord_rules import modal_is_good

from bot.community import Badge, QuestionFilter, Role
from bot.question import Question
from bot.routing import Kind
from tests.dialogues.discord_stage import DiscordStage, key, user
from tests.fakes.discord_interactions import buttons
from tests.fakes.discord_payloads import GUILD
from tests.fakes.discord_reading import words_of


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = await opened()
    yield stage
    await stage.close()


# --- setting them ---------------------------------------------------------------------------------------------


async def test_the_owner_chooses_roles_and_sees_them_chosen(stage):
    opened = await stage.command("olu", "winwin roles")
    modal_is_good({"custom_id": "", "title": "", **opened.modal})
    await stage.submit({"moderators": MODS, "clinicians": CLINIC})
    assert await trusts(stage) == [(MODS, Role.MODERATOR, "Team Mods"), (CLINIC, Role.CLINICIAN, "IBD nurses")]
    again = await stage.command("olu", "winwin roles")
    chosen = [row["component"]["default_values"] for row in again.modal["components"] if "component" in row]
    assert chosen == [[{"id": MODS, "type": "role"}], [{"id": CLINIC, "type": "role"}]]
    await stage.submit({"moderators": ""})
    assert await trusts(stage) == [(CLINIC, Role.CLINICIAN, "IBD nurses")]
    async with stage.store.read() as tx:
        log = [(a.actor, a.action, a.subject, a.detail) for a in await tx.audit.all() if "trust" in a.action]
    assert log == [
        (key("olu"), "trust_role", f"{SPACE}:{MODS}", "moderator"),
        (key("olu"), "trust_role", f"{SPACE}:{CLINIC}", "clinician"),
        (key("olu"), "distrust_role", f"{SPACE}:{MODS}", "moderator"),
    ]


async def test_nobody_but_the_owner_sets_them_not_even_who_moderates_by_a_role(stage):
    await trusting(stage, moderators=MODS)
    await wear(stage, "rosa", MODS)
    for who in ("moda", "rosa", "dana"):
        assert REFUSED in words_of((await stage.command(who, "winwin roles")).alone[-1])
    opened = await stage.command("olu", "winwin roles")
    forged = stage.discord.interactions.submit(opened, {"clinicians": [MODS]})
    forged.body["member"] = stage.discord.realm.members[user("rosa")]
    await stage._began(await stage.discord.began(forged))
    assert await trusts(stage) == [(MODS, Role.MODERATOR, "Team Mods")]


@pytest.mark.parametrize(("role", "name"), [(GUILD, "@everyone"), (BOOSTERS, "Boosters"), (PICKED, "Picked")], ids=str)
async def test_what_everybody_has_or_takes_and_what_a_program_has_cannot_be_trusted(stage, role, name):
    refused = await trusting(stage, moderators=f"{MODS},{role}")
    assert name in words_of(refused.alone[-1])
    assert "Please choose another one." in words_of(refused.alone[-1])
    assert await trusts(stage) == []
    assert any("Roles" in label for label in buttons(refused.alone[-1])), "there is a way back"


async def test_moderators_see_on_their_page_what_counts_and_the_owner_can_change_it_there(stage):
    await trusting(stage, moderators=MODS)
    page = (await stage.command("moda", "winwin home")).alone[-1]
    seen = words_of(page)
    for _ in range(3):
        if "Roles that count here" in seen or "More" not in buttons(page):
            break
        await stage._began(await stage.discord.press(user("moda"), page, "More"))
        seen = words_of(page)
    assert "Moderators: Team Mods" in seen
    assert "Clinicians: nobody by a role" in seen
    assert "Roles that count here" not in words_of((await stage.command("dana", "winwin home")).alone[-1])


# --- having one -----------------------------------------------------------------------------------------------


async def test_who_has_the_role_already_counts_as_soon_as_it_is_trusted(stage):
    stage.discord.realm.wears(user("rosa"), MODS, told=False)
    await trusting(stage, moderators=MODS)
    assert (await record(stage, "rosa")).badges == {Badge(Role.MODERATOR, f"{SPACE}:{MODS}")}
    assert await may_see_the_channels(stage, "rosa")
    async with stage.store.read() as tx:
        assert {m.key for m in await tx.members.with_role(Role.MODERATOR)} == {key("moda"), key("rosa")}


async def test_only_roles_that_are_trusted_are_kept(stage):
    await trusting(stage, moderators=MODS)
    await wear(stage, "rosa", CLINIC, MODS, BOOSTERS)
    assert (await record(stage, "rosa")).badges == {Badge(Role.MODERATOR, f"{SPACE}:{MODS}")}


async def test_where_nothing_is_trusted_nobodys_roles_are_handed_on(stage):
    heard: list[Any] = []
    keep = stage.connection._listener._receive

    async def receive(facts: Any) -> None:
        heard.extend(type(fact).__name__ for fact in facts)
        await keep(facts)

    stage.connection._listener._receive = receive
    await wear(stage, "rosa", MODS)
    await stage.post("rosa", CLUB)
    assert "RolesHeld" not in heard


@pytest.mark.parametrize("told", [True, False], ids=["by an event", "only with the press"])
async def test_a_role_that_is_given_works_at_once_and_one_that_is_taken_away_refuses_kindly(stage, told):
    await trusting(stage, moderators=MODS)
    assert not await may_see_the_channels(stage, "rosa")
    await wear(stage, "rosa", MODS, told=told)
    assert await may_see_the_channels(stage, "rosa")
    form = stage._last
    await wear(stage, "rosa", told=told)
    sent = await stage._began(await stage.discord.submit(form, {}))
    assert REFUSED in words_of([*sent.alone, *private(stage, "rosa")][-1])
    assert (await record(stage, "rosa")).held == frozenset()


def private(stage: DiscordStage, who: str) -> list[dict[str, Any]]:
    return stage.discord.posts(stage.discord.realm.direct(user(who))["id"])


async def test_what_is_pressed_in_private_is_checked_with_discord(stage):
    """A press in private does not say which roles somebody has."""
    await trusting(stage, moderators=MODS)
    await wear(stage, "rosa", MODS)
    await stage.post("dana", "I want to die")
    card = next(m for m in reversed(private(stage, "rosa")) if buttons(m))
    label = next(label for label in buttons(card) if "on it" in label.lower() or "take" in label.lower())
    await wear(stage, "rosa", told=False)
    await stage._began(await stage.discord.press(user("rosa"), card, label))
    assert REFUSED in words_of(private(stage, "rosa")[-1])
    async with stage.store.read() as tx:
        (alert,) = await tx.alerts.open()
    assert alert.taken_by == ""


async def test_a_message_tells_of_a_role_too(stage):
    await trusting(stage, moderators=MODS)
    await wear(stage, "rosa", MODS, told=False)
    await stage.post("rosa", "Good morning everybody")
    assert (await record(stage, "rosa")).held == {Role.MODERATOR}


# --- clinicians -----------------------------------------------------------------------------------------------


async def asked(stage: DiscordStage, text: str) -> Question:
    async with stage.store.read() as tx:
        return next(q for q in await tx.questions.find(QuestionFilter()) if q.text == text)


async def test_a_clinician_by_role_is_asked_about_medicines_and_no_more_when_it_is_gone(stage):
    await trusting(stage, clinicians=CLINIC)
    await wear(stage, "tess", CLINIC)
    await stage.post("dana", DOSE)
    question = await asked(stage, DOSE)
    assert (question.medical, question.offered_to) == (True, key("tess"))
    await stage.press("tess", "Accept")
    await wear(stage, "tess")
    question = await asked(stage, DOSE)
    assert (question.claimed_by, question.offered_to) == ("", "")
    async with stage.store.read() as tx:
        settings = await tx.volunteers.get(key("tess"))
    assert settings is not None
    assert settings.kind is Kind.PARENT


async def test_what_a_clinician_may_take_is_refused_to_one_whose_role_was_taken_away(stage):
    await trusting(stage, clinicians=CLINIC)
    await wear(stage, "rosa", CLINIC)
    await stage.post("dana", DOSE)
    page = (await stage.command("rosa", "winwin home")).alone[-1]
    label = next(label for label in buttons(page) if "take it" in label)
    await wear(stage, "rosa", told=False)
    pressed = await stage._began(await stage.discord.press(user("rosa"), page, label))
    assert (await asked(stage, DOSE)).claimed_by == ""
    assert any("only a clinician takes it" in words_of(message) for message in pressed.alone)
