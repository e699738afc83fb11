"""When a role of a server counts no more: deleted, taken away unheard, its bearer or the bot gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from discord_roles import CLINIC, MODS, SPACE, opened, record, trusting, trusts, wear

from bot.community import Role, Trust
from bot.routing import Kind
from tests.dialogues.discord_stage import DiscordStage, key, user
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_payloads import GUILD


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = await opened()
    yield stage
    await stage.close()


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
