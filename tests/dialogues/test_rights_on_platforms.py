"""A clinician is confirmed, and who asked without a name is seen by two, as people do it on Slack and on Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.dialogues import discord_stage, slack_stage
from tests.dialogues.discord_stage import DiscordStage
from tests.dialogues.slack_stage import SlackStage
from tests.dialogues.stage import Person, Setting

PEOPLE = (
    Person("dana"),
    Person("cleo", volunteer="parent"),
    Person("moda", ("moderator",)),
    Person("mara", ("safety_lead",)),
)
GIVEN = {"role": "clinician", "on": "yes", "proof": "register"}
QUESTION = "How do we tell the school about infusion days?"


@pytest.fixture
async def slack() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    await stage.open(Setting(PEOPLE))
    yield stage
    await stage.close()


@pytest.fixture
async def discord() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE))
    yield stage
    await stage.close()


async def words(stage: SlackStage | DiscordStage, who: str) -> str:
    return "\n".join(seen.words for seen in await stage.sees(who))


async def test_on_slack(slack: SlackStage):
    await slack.command("moda", "/winwin", "appoint")
    await slack.submit("moda", {**GIVEN, "who": slack_stage.user("cleo")})
    await _confirmed(slack)
    root = await slack.ask("dana", QUESTION, nameless=True)
    link = f"https://x.slack.com/archives/{slack_stage.CHANNEL}/p{root.replace('.', '')}"
    await slack.command("moda", "/winwin", f"unmask {link}")
    await slack.submit("moda", {"reason": "danger"})
    await _seen_by_two(slack, slack_stage.key("dana"))


async def test_on_discord(discord: DiscordStage):
    await discord.command("moda", "winwin appoint")
    await discord.submit({**GIVEN, "who": discord_stage.user("cleo")})
    await _confirmed(discord)
    root = await discord.ask("dana", QUESTION, nameless=True)
    link = f"https://discord.com/channels/{discord_stage.GUILD}/{discord_stage.CHANNEL}/{root}"
    await discord.command("moda", "winwin unmask", link=link)
    await discord.submit({"reason": "danger"})
    await _seen_by_two(discord, discord_stage.key("dana"))


async def _confirmed(stage: SlackStage | DiscordStage) -> None:
    assert "Moda has put you down as clinician here. Thank you." in await words(stage, "cleo")
    async with stage.store.read() as tx:
        (given,) = await tx.appointments.all()
    assert (given.role, given.proof) == ("clinician", "register")


async def _seen_by_two(stage: SlackStage | DiscordStage, account: str) -> None:
    assert account not in await words(stage, "mara")
    await stage.press("mara", "I agree: show it to both of us")
    assert all([f"Dana asked it: {account}" in await words(stage, who) for who in ("moda", "mara")])
    stage.clock.move(timedelta(days=1))
    await stage.desk.settle()
    assert not any([account in await words(stage, who) for who in ("moda", "mara")])
    assert "two people who look after this community have seen who asked your question" in await words(stage, "dana")
