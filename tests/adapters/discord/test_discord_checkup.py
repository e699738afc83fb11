"""`winwin doctor` on Discord: every fault with the clicks that mend it."""

import asyncio

import discord as discord_py
import pytest

from adapters.discord import checkup
from adapters.discord.checkup import DiscordSetup, Finding, check_up
from adapters.discord.commands import commands
from adapters.discord.invite import NEEDED, invite_link
from tests.fakes import discord_guild
from tests.fakes import discord_payloads as payloads
from tests.fakes import discord_server as server
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_payloads import BOT, GENERAL, GUILD, HOSPITAL, QUESTIONS, application_of
from tests.fakes.discord_server import TOKEN, DiscordServer
from tests.fakes.slack_faults import Drop, Slow

FULL, LIMITED, MEMBERS, MEMBERS_LIMITED = 1 << 18, 1 << 19, 1 << 14, 1 << 15
CHANNELS = "discord channels of Test"


@pytest.fixture(autouse=True)
def _set_up(discord: DiscordServer, monkeypatch) -> None:
    """Everybody may everything that the bot needs; nobody is an administrator."""
    discord.flags = LIMITED | MEMBERS_LIMITED
    everyone = payloads.role(GUILD, "@everyone", str(sum(p.bit for p in NEEDED)))
    monkeypatch.setattr(discord_guild, "everyone", lambda: everyone)
    discord.realm.commands[""] = commands()


@pytest.fixture
def application(monkeypatch):
    """Other words on the application's own page."""

    def said(**more: object) -> None:
        monkeypatch.setattr(server, "application_of", lambda owner, flags: application_of(owner, flags) | more)

    said(bot_public=False)
    return said


async def looked(discord: DiscordServer, token: str = TOKEN, **facts: str) -> list[Finding]:
    known = {"address": discord.api_url, "gateway": discord.gateway_url, "token": token} | facts
    return await check_up(DiscordSetup(**known))


def fault(found: list[Finding]) -> Finding:
    [only] = [finding for finding in found if finding.fault]
    assert only.do
    return only


def closed(discord: DiscordServer, channel: str, *names: str) -> None:
    """These permissions are denied to everybody there."""
    denied = sum(p.bit for p in NEEDED if p.name in names)
    overwrite = {"id": GUILD, "type": 0, "allow": "0", "deny": str(denied)}
    discord.realm.channels[channel]["permission_overwrites"] = [overwrite]


async def test_a_whole_setup_has_no_fault_and_begins_no_session(discord, application):
    found = await looked(discord)
    assert [f for f in found if f.do] == []
    assert [(f.check, f.says) for f in found] == [
        ("discord token", "winwin"),
        ("discord intents", "Server Members Intent switched on, for up to 100 servers"),
        ("discord intents", "Message Content Intent switched on, for up to 100 servers"),
        ("discord commands", f"all {len(commands())} registered"),
        ("discord servers", "in Test"),
        (CHANNELS, "listens in #general, #hospital-days, #questions"),
        ("discord gateway", "greets us"),
    ]
    assert discord.gateway.opened == 1
    assert discord.gateway.identified == []


async def test_nothing_is_changed_by_looking(discord, application):
    await looked(discord)
    assert {call.call.split(" ")[0] for call in discord.calls} == {"GET"}


async def test_a_token_that_is_not_taken(discord):
    found = await looked(discord, "another.token.here")
    assert found == [Finding("discord token", "Discord does not know it", checkup.NEW_TOKEN, fault=True)]
    assert "Bot > Reset Token" in found[0].do


async def test_the_token_is_never_printed(discord):
    assert TOKEN not in repr(DiscordSetup(discord.api_url, discord.gateway_url, TOKEN))
    assert TOKEN not in str(await looked(discord))


async def test_discord_that_does_not_answer(discord):
    discord.fail("GET /users/@me", Drop(), times=-1)
    [only] = await looked(discord)
    assert only.fault
    assert discord.api_url in only.do


async def test_discord_that_answers_too_slowly(discord, monkeypatch):
    monkeypatch.setattr(checkup, "PATIENCE", 0.2)
    discord.fail("GET /users/@me/guilds", Slow(2.0), times=-1)
    began = asyncio.get_running_loop().time()
    assert fault(await looked(discord)).check == "discord servers"
    assert asyncio.get_running_loop().time() - began < 1.5


# --- the application ------------------------------------------------------------------------------------------


async def test_an_intent_that_is_switched_off_is_named_with_its_clicks(discord):
    discord.flags = MEMBERS
    found = fault(await looked(discord))
    assert (found.check, found.says) == ("discord intents", "Message Content Intent switched off")
    assert "Bot > Privileged Gateway Intents > Message Content Intent: switch it on" in found.do
    assert "only messages that mention the bot" in found.do


async def test_an_intent_that_is_granted_in_full(discord):
    discord.flags = FULL | MEMBERS
    assert "Message Content Intent granted for any number of servers" in {f.says for f in await looked(discord)}


async def test_without_members_it_goes_on_and_a_note_says_what_is_not_heard(discord, application):
    discord.flags = LIMITED
    [note] = [f for f in await looked(discord) if f.do]
    assert (note.says, note.fault) == ("Server Members Intent switched off", False)
    assert "who has left the server" in note.do


def test_the_numbers_are_discords():
    known = discord_py.ApplicationFlags
    assert (known.gateway_message_content.flag, known.gateway_message_content_limited.flag) == (FULL, LIMITED)
    assert (known.gateway_guild_members.flag, known.gateway_guild_members_limited.flag) == (MEMBERS, MEMBERS_LIMITED)


@pytest.mark.parametrize(
    ("says", "clicks"),
    [
        ({"interactions_endpoint_url": "https://example.org/x"}, "Interactions Endpoint URL: empty it"),
        ({"bot_require_code_grant": True}, "Requires OAuth2 Code Grant: switch it off"),
    ],
)
async def test_what_an_application_must_not_be_set_to(discord, application, says, clicks):
    application(bot_public=False, **says)
    assert clicks in fault(await looked(discord)).do


async def test_a_bot_that_anybody_can_take_is_noted(discord):
    [note] = [f for f in await looked(discord) if f.do]
    assert not note.fault
    assert "Public Bot: switch it off" in note.do


async def test_commands_that_are_not_registered_are_named(discord, application):
    discord.realm.commands[""] = [c for c in commands() if c["name"] not in ("ask", "Save as resource")]
    [note] = [f for f in await looked(discord) if f.do]
    assert (note.says, note.fault) == ("not registered yet: ask, Save as resource", False)


# --- servers and channels -------------------------------------------------------------------------------------


async def test_a_bot_that_is_in_no_server_is_given_its_link(discord, monkeypatch):
    monkeypatch.setitem(server.METHODS, "GET /users/@me/guilds", lambda *_: [])
    assert invite_link(BOT) in fault(await looked(discord)).do


async def test_what_is_missing_in_a_channel_is_named_as_discord_names_it(discord):
    closed(discord, HOSPITAL, "Create Public Threads", "Read Message History")
    found = fault(await looked(discord))
    assert (found.check, found.says) == (
        CHANNELS,
        "missing in #hospital-days: Create Public Threads, Read Message History",
    )
    assert "Edit Channel > Permissions" in found.do


async def test_channels_that_lack_the_same_are_told_together(discord):
    for channel in (GENERAL, QUESTIONS):
        closed(discord, channel, "Embed Links")
    closed(discord, HOSPITAL, "Attach Files")
    assert {f.says for f in await looked(discord) if f.fault} == {
        "missing in #general, #questions: Embed Links",
        "missing in #hospital-days: Attach Files",
    }


async def test_a_channel_that_is_closed_to_the_bot_is_left_alone(discord):
    closed(discord, HOSPITAL, "View Channels")
    assert "listens in #general, #questions" in {f.says for f in await looked(discord)}


async def test_what_nobody_writes_in_is_no_channel(discord):
    discord.realm.open_channel("200000000000000008", "a category", 4)
    assert "listens in #general, #hospital-days, #questions" in {f.says for f in await looked(discord)}


async def test_a_bot_that_can_view_no_channel(discord):
    for channel in (GENERAL, HOSPITAL, QUESTIONS):
        closed(discord, channel, "View Channels")
    assert "View Channel" in fault(await looked(discord)).do


async def test_a_bot_that_is_timed_out(discord):
    discord.realm.members[BOT]["communication_disabled_until"] = "2999-01-01T00:00:00+00:00"
    assert "Remove Timeout" in fault(await looked(discord)).do


async def test_a_server_that_may_not_be_looked_at(discord):
    discord.fail("GET /guilds/{guild_id}/channels", Refused(50001))
    found = fault(await looked(discord))
    assert "50001" in found.says
    assert found.do == invite_link(BOT)


# --- the gateway ----------------------------------------------------------------------------------------------


async def test_a_gateway_that_cannot_be_reached(discord):
    found = fault(await looked(discord, gateway="ws://127.0.0.1:9/"))
    assert found.check == "discord gateway"
    assert "ws://127.0.0.1:9/" in found.do


async def test_a_gateway_that_hangs_up(discord):
    discord.gateway.hang_up_before_hello = 1
    assert fault(await looked(discord)).check == "discord gateway"
