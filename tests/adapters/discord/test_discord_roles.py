"""Roles of a server that the community trusts: who sets them and has them, checked again at the press; their end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from discord_rules import modal_is_good

from bot.community import Badge, MemberRecord, QuestionFilter, Role, Trust
from bot.question import Question
from bot.routing import Kind
from tests.dialogues.discord_stage import DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_interactions import Interaction, buttons
from tests.fakes.discord_payloads import GUILD
from tests.fakes.discord_reading import words_of

SPACE = f"discord:{GUILD}"
MODS, CLINIC, BOOSTERS, PICKED = "4100", "4200", "4300", "4400"
CLUB = "Does anybody know a good swimming club?"
DOSE = "Should I double the dose of vedolizumab for my son?"
REFUSED = "This is not open to everybody here."
PEOPLE = (
    Person("olu", roles=("owner",)),
    Person("moda", roles=("moderator",)),
    Person("dana"),
    Person("rosa"),
    Person("tess", volunteer="parent"),
)


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE))
    realm = stage.discord.realm
    for role, name in ((MODS, "Team Mods"), (CLINIC, "IBD nurses"), (BOOSTERS, "Boosters"), (PICKED, "Picked")):
        realm.roles[role] = payloads.role(role, name)
    realm.roles[BOOSTERS] |= {"managed": True, "tags": {"premium_subscriber": None}}
    realm.roles[PICKED]["flags"] = 1
    yield stage
    await stage.close()


async def record(stage: DiscordStage, who: str) -> MemberRecord:
    async with stage.store.read() as tx:
        return (await tx.members.get([key(who)]))[key(who)]


async def trusts(stage: DiscordStage) -> list[tuple[str, Role, str]]:
    async with stage.store.read() as tx:
        return [(t.key.rpartition(":")[2], t.role, t.name) for t in await tx.trusts.all()]


async def trusting(stage: DiscordStage, **chosen: str) -> Interaction:
    """The owner chooses roles in the form."""
    await stage.command("olu", "winwin roles")
    return await stage.submit({"moderators": "", "clinicians": ""} | chosen)


async def wear(stage: DiscordStage, who: str, *roles: str, told: bool = True) -> None:
    stage.clock.move(timedelta(seconds=1))
    stage.discord.realm.wears(user(who), *roles, told=told)
    await stage._settled()


async def may_see_the_channels(stage: DiscordStage, who: str) -> bool:
    """Only those who moderate are shown the form of a channel."""
    return (await stage.command(who, "winwin channel")).modal is not None


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
    await stage._began(await stage.discord.press(user("rosa"), page, label))
    assert (await asked(stage, DOSE)).claimed_by == ""
    assert REFUSED in words_of(private(stage, "rosa")[-1])


# --- the end --------------------------------------------------------------------------------------------------


async def test_a_deleted_role_counts_for_nobody_any_more(stage):
    await trusting(stage, moderators=MODS, clinicians=CLINIC)
    await wear(stage, "rosa", MODS, CLINIC)
    stage.discord.realm.change_role(MODS, gone=True)
    await stage._settled()
    assert (await record(stage, "rosa")).held == {Role.CLINICIAN}
    assert await trusts(stage) == [(CLINIC, Role.CLINICIAN, "IBD nurses")]


async def test_a_role_that_members_may_give_themselves_from_now_on_counts_no_more(stage):
    await trusting(stage, moderators=MODS)
    await wear(stage, "rosa", MODS)
    stage.discord.realm.change_role(MODS, flags=1)
    await stage._settled()
    assert (await record(stage, "rosa")).held == frozenset()


async def test_a_role_with_a_new_name_is_shown_by_it(stage):
    await trusting(stage, moderators=MODS)
    stage.discord.realm.change_role(MODS, name="Care team")
    await stage._settled()
    assert await trusts(stage) == [(MODS, Role.MODERATOR, "Care team")]


async def test_roles_deleted_and_taken_away_while_nobody_listened_count_no_more(stage):
    await trusting(stage, moderators=MODS, clinicians=CLINIC)
    await wear(stage, "rosa", MODS, CLINIC)
    await wear(stage, "tess", CLINIC)
    await stage._stop()
    del stage.discord.realm.roles[MODS]
    stage.discord.realm.wears(user("rosa"), CLINIC, told=False)
    stage.discord.realm.wears(user("tess"), told=False)
    stage.clock.move(timedelta(seconds=1))
    await stage._start()
    await stage.connection.catch_up()
    await stage._settled()
    assert [(await record(stage, who)).held for who in ("rosa", "tess")] == [{Role.CLINICIAN}, frozenset()]


async def test_without_the_list_of_members_those_are_asked_about_who_had_a_role(stage):
    await trusting(stage, moderators=MODS)
    await wear(stage, "rosa", MODS)
    stage.discord.fail("GET /guilds/{guild_id}/members", Refused(50001, 403), times=-1)
    await wear(stage, "rosa", told=False)
    await stage.restart()
    await stage.connection._holders.step()
    await stage._settled()
    assert (await record(stage, "rosa")).held == frozenset()


async def test_who_leaves_the_server_is_nothing_by_role_until_they_are_back_with_one(stage):
    await trusting(stage, clinicians=CLINIC)
    await wear(stage, "tess", CLINIC)
    await stage.deactivate("tess")
    assert (await record(stage, "tess")).held == frozenset()
    async with stage.store.read() as tx:
        settings = await tx.volunteers.get(key("tess"))
    assert settings is not None
    assert settings.kind is Kind.PARENT
    stage.clock.move(timedelta(seconds=1))
    back = stage.discord.realm.enter(user("tess"), "tess", roles=[CLINIC])
    stage.discord.realm.emit("GUILD_MEMBER_ADD", {**back, "guild_id": GUILD})
    await stage._settled()
    assert (await record(stage, "tess")).held == {Role.CLINICIAN}


async def test_a_server_that_the_bot_has_left_lends_nobody_a_role(stage):
    await trusting(stage, moderators=MODS)
    await wear(stage, "rosa", MODS)
    stage.discord.realm.emit("GUILD_DELETE", {"id": GUILD})
    await stage._settled()
    assert await trusts(stage) == []
    assert (await record(stage, "rosa")).held == frozenset()
    assert (await record(stage, "moda")).held == {Role.MODERATOR}, "winwin's own list stays as it is"


async def test_an_outage_of_the_server_takes_nothing_away(stage):
    await trusting(stage, moderators=MODS)
    stage.discord.realm.emit("GUILD_DELETE", {"id": GUILD, "unavailable": True})
    await stage._settled()
    assert await trusts(stage) == [(MODS, Role.MODERATOR, "Team Mods")]


async def test_a_program_with_the_role_is_nothing(stage):
    await trusting(stage, moderators=MODS)
    stage.discord.realm.enter("5100", "helperbot", bot=True, roles=[MODS])
    stage.discord.realm.wears("5100", MODS)
    await stage.restart()
    await stage.connection._holders.step()
    await stage._settled()
    async with stage.store.read() as tx:
        assert {m.key for m in await tx.members.with_role(Role.MODERATOR)} == {key("moda")}


def test_a_trust_knows_its_space():
    assert Trust(f"{SPACE}:1", Role.MODERATOR, "x").space == SPACE
