"""A server that speaks Discord's API and has only some of it: the bot does with what there is."""

from __future__ import annotations

import pytest

from adapters.discord.checkup import DiscordSetup, check_up
from adapters.discord.commands import commands
from adapters.discord.registering import PATH, register
from tests.adapters.discord.discord_line import Line
from tests.fakes.discord_payloads import ALICE, BOT
from tests.fakes.discord_server import TOKEN, DiscordServer

OLD, NEW = "GET /oauth2/applications/@me", "GET /applications/@me"


@pytest.mark.parametrize("lacks", [{OLD}, {NEW}, {OLD, NEW}])
async def test_is_heard_with_either_address_of_the_application_or_none(
    discord: DiscordServer, line: Line, lacks: set[str]
) -> None:
    discord.lacks = lacks
    await line.supervisor.open()
    discord.people_say(ALICE, "Which hospital has a pool?")
    await discord.until(line.said)
    assert line.said() == ["Which hospital has a pool?"]
    assert line.api.application == BOT


async def test_the_doctor_asks_at_the_other_address(discord: DiscordServer) -> None:
    discord.lacks = {OLD}
    discord.flags = 1 << 19
    found = await check_up(DiscordSetup(discord.api_url, discord.gateway_url, TOKEN))
    assert [f.fault for f in found if f.check == "discord token"] == [False]
    says = [f.says for f in found if f.check == "discord intents"]
    assert "Message Content Intent switched on, for up to 100 servers" in says


async def test_commands_are_registered_where_nobody_tells_which_there_are(discord: DiscordServer, line: Line) -> None:
    discord.lacks = {f"GET {PATH}"}
    await line.supervisor.open()
    assert await register(line.api)
    assert len(discord.realm.commands[""]) == len(commands())
