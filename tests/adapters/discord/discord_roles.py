"""A server with roles of every kind, and what people do with them."""

from __future__ import annotations

from datetime import timedelta

from bot.community import MemberRecord, Role
from tests.dialogues.discord_stage import DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_interactions import Interaction
from tests.fakes.discord_payloads import GUILD

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


async def opened() -> DiscordStage:
    """With an owner, a moderator, a volunteer, and roles of every kind."""
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE))
    realm = stage.discord.realm
    for role, name in ((MODS, "Team Mods"), (CLINIC, "IBD nurses"), (BOOSTERS, "Boosters"), (PICKED, "Picked")):
        realm.roles[role] = payloads.role(role, name)
    realm.roles[BOOSTERS] |= {"managed": True, "tags": {"premium_subscriber": None}}
    realm.roles[PICKED]["flags"] = 1
    return stage
