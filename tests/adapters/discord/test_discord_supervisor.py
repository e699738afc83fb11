"""Staying connected: whatever a line suffers, the bot hears on, and knows when it missed something."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
import structlog

from adapters.discord.gateway import Patience, pause
from bot.ports import DeliveryError
from tests.adapters.discord.discord_line import HASTY, Line
from tests.fakes.discord_payloads import ALICE, BEN, BOT, GENERAL, GUILD, QUESTIONS
from tests.fakes.discord_server import DiscordServer
from tests.reliability import Reached

BAR = "all delivered; nothing twice but where the platform cannot tell, and that is counted"


async def test_hears_what_is_said_and_knows_where(discord: DiscordServer, line: Line) -> None:
    await line.supervisor.open()
    discord.people_say(ALICE, "Which hospital has a pool?")
    post = discord.ask_in_forum(BEN, "A pump for school", "Who has one?")
    await discord.until(lambda: len(line.said()) == 2)
    assert line.said() == ["Which hospital has a pool?", "Who has one?"]
    assert line.guilds.bot == BOT
    assert line.guilds.ids() == (GUILD,)
    thread, channel = line.guilds.where(post["channel_id"]), line.guilds.where(GENERAL)
    assert thread is not None
    assert channel is not None
    assert (thread.guild, thread.parent, channel.parent) == (GUILD, QUESTIONS, "")
    assert line.supervisor.connected
    assert line.gaps == 0


async def test_a_cut_loses_nothing(discord: DiscordServer, line: Line, reached: Reached) -> None:
    await line.supervisor.open()
    discord.people_say(ALICE, "one")
    await discord.until(lambda: line.said() == ["one"])
    for said in ("two", "three"):
        await discord.gateway.cut()
        discord.people_say(ALICE, said)
        await discord.until(lambda said=said: line.said()[-1] == said)
    assert line.said() == ["one", "two", "three"]
    assert len(discord.gateway.identified) == 1
    assert len(discord.gateway.resumed) == 2
    assert line.gaps == 0
    reached("platforms", "Discord", BAR, "2 cuts, resumed: 3 of 3 heard, 0 twice")


@pytest.mark.parametrize("code", [1001, 4000, 4008])
async def test_a_closed_line_is_resumed(discord: DiscordServer, line: Line, code: int) -> None:
    await line.supervisor.open()
    await discord.gateway.cut(code)
    discord.people_say(ALICE, "meanwhile")
    await discord.until(lambda: line.said() == ["meanwhile"])
    assert line.gaps == 0


async def test_asked_to_reconnect_it_resumes(discord: DiscordServer, line: Line, reached: Reached) -> None:
    await line.supervisor.open()
    await discord.gateway.ask_to_reconnect()
    await discord.until(lambda: discord.gateway.resumed)
    discord.people_say(ALICE, "after")
    await discord.until(lambda: line.said() == ["after"])
    assert line.gaps == 0
    reached("platforms", "Discord", BAR, "op 7: resumed, 0 lost")


async def test_an_invalid_session_is_begun_anew_and_read_up_on(
    discord: DiscordServer, line: Line, reached: Reached
) -> None:
    await line.supervisor.open()
    await discord.gateway.invalidate()
    await discord.until(lambda: line.gaps == 1)
    discord.people_say(ALICE, "after")
    await discord.until(lambda: line.said() == ["after"])
    assert len(discord.gateway.identified) == 2
    reached("platforms", "Discord", BAR, "op 9: begun anew and read up on")


async def test_a_forgotten_session_is_begun_anew_and_read_up_on(discord: DiscordServer, line: Line) -> None:
    await line.supervisor.open()
    discord.gateway.forget()
    await discord.gateway.cut()
    await discord.until(lambda: line.gaps == 1)
    assert len(discord.gateway.resumed) == 1
    discord.people_say(ALICE, "after")
    await discord.until(lambda: line.said() == ["after"])


async def test_malformed_events_end_nothing(discord: DiscordServer, line: Line) -> None:
    await line.supervisor.open()
    for data in ({}, {"id": "x", "channel_id": [], "author": 3}, None, [], "words"):
        await discord.gateway.say("MESSAGE_CREATE", data)
        await discord.gateway.say("INTERACTION_CREATE", data)
        await discord.gateway.say("GUILD_CREATE", data)
        await discord.gateway.say("SOMETHING_NEW", data)
    discord.people_say(ALICE, "still there?")
    await discord.until(lambda: "still there?" in [d.get("content") for _, d in line.heard])
    assert discord.gateway.opened == 1


async def test_an_event_that_is_not_taken_is_read_up_on(discord: DiscordServer, line: Line) -> None:
    await line.supervisor.open()
    await discord.until(lambda: line.heard)
    line.breaks = 1
    discord.people_say(ALICE, "lost")
    await discord.until(lambda: line.gaps == 1)
    discord.people_say(ALICE, "heard")
    await discord.until(lambda: line.said() == ["heard"])


async def test_a_bad_token_is_said_in_one_line_with_what_to_do(discord: DiscordServer) -> None:
    line = Line(discord, token="wrong")
    with structlog.testing.capture_logs() as logs, pytest.raises(DeliveryError, match="Reset Token") as refused:
        await line.supervisor.open()
    assert refused.value.permanent
    errors = [entry for entry in logs if entry["log_level"] == "error"]
    assert [(e["event"], "Reset Token" in e["do"]) for e in errors] == [("token_refused", True)]
    await line.supervisor.close()


async def test_a_token_that_is_taken_back_stops_the_bot(discord: DiscordServer, line: Line) -> None:
    await line.supervisor.open()
    discord.gateway.token = "another"
    discord.gateway.forget()
    await discord.gateway.cut(4004)
    await discord.until(lambda: not line.supervisor.connected)
    opened = discord.gateway.opened
    await asyncio.sleep(0.2)
    assert discord.gateway.opened == opened
    with pytest.raises(DeliveryError, match="not connected"):
        await line.api.call("GET", "/users/@me")


async def test_without_the_intent_it_hears_what_mentions_it(discord: DiscordServer, line: Line) -> None:
    discord.gateway.approved = 0
    with structlog.testing.capture_logs() as logs:
        await line.supervisor.open()
    assert not line.supervisor.hears_words
    do = next(entry["do"] for entry in logs if entry["event"] == "intents_missing")
    assert "Message Content Intent" in do
    discord.people_say(ALICE, "among us")
    discord.people_say(ALICE, f"<@{BOT}> a question")
    await discord.until(lambda: len(line.said()) == 2)
    assert line.said() == ["", f"<@{BOT}> a question"]


async def test_only_the_intent_that_is_switched_off_is_given_up(discord: DiscordServer) -> None:
    line = Line(discord, privileged=frozenset({"message_content", "members"}))
    discord.flags, discord.gateway.approved = 1 << 19, 1 << 15
    await line.supervisor.open()
    assert line.supervisor.hears_words
    assert [asked["intents"] & 2 for asked in discord.gateway.identified] == [2, 0]
    await line.supervisor.close()


async def test_too_large_for_one_line_it_goes_on_in_shards(discord: DiscordServer, line: Line) -> None:
    discord.gateway.shards = 2
    with structlog.testing.capture_logs() as logs:
        await line.supervisor.open()
        await discord.until(lambda: len(discord.gateway.sessions) == 2)
    assert any("DISCORD_SHARDED" in entry.get("do", "") for entry in logs)
    discord.people_say(ALICE, "on my shard")
    await discord.until(lambda: line.said() == ["on my shard"])


async def test_two_shards_hear_and_resume_each_on_its_own(discord: DiscordServer) -> None:
    discord.gateway.shards = 2
    line = Line(discord, sharded=True)
    await line.supervisor.open()
    await discord.until(lambda: len(discord.gateway.sessions) == 2)
    direct = discord.realm.direct(ALICE)["id"]
    discord.people_say(ALICE, "in the guild")
    discord.people_say(ALICE, "to the bot", direct)
    await discord.until(lambda: sorted(line.said()) == ["in the guild", "to the bot"])
    await discord.gateway.cut()
    discord.people_say(BEN, "later")
    await discord.until(lambda: "later" in line.said())
    await discord.until(lambda: len(discord.gateway.resumed) == 2)
    assert line.gaps == 0
    await line.supervisor.close()


async def test_a_line_cut_before_hello_is_followed_by_another(discord: DiscordServer, line: Line) -> None:
    discord.gateway.hang_up_before_hello = 2
    await line.supervisor.open()
    assert line.supervisor.connected
    assert discord.gateway.opened >= 3


async def test_a_gateway_that_is_away_is_tried_until_it_is_there(discord: DiscordServer, line: Line) -> None:
    discord.gateway.refuse = 1
    await line.supervisor.open()
    assert line.supervisor.connected


async def test_a_deaf_line_is_let_go_and_resumed(discord: DiscordServer) -> None:
    line = Line(discord, patience=replace(HASTY, deaf=0.3))
    discord.gateway.heartbeat = 0.1
    await line.supervisor.open()
    discord.gateway.deafen()
    discord.people_say(ALICE, "into the void")
    await discord.until(lambda: line.said() == ["into the void"], within=15)
    assert line.gaps == 0
    await line.supervisor.close()


async def test_who_was_away_too_long_begins_anew(discord: DiscordServer) -> None:
    line = Line(discord, patience=replace(HASTY, lost=0.3))
    await line.supervisor.open()
    discord.gateway.refuse = 50
    await discord.gateway.cut()
    await asyncio.sleep(0.5)
    discord.gateway.refuse = 0
    await discord.until(lambda: line.gaps == 1)
    await line.supervisor.close()


@pytest.mark.parametrize("greeted", [False, True])
async def test_lines_that_do_not_last_are_not_made_without_end(discord: DiscordServer, greeted: bool) -> None:
    line = Line(discord, patience=Patience(first_pause=0.1, longest_pause=1, settled=5, lost=60, identify=0.05))
    if greeted:
        await line.supervisor.open()
    discord.gateway.hang_up_before_hello = 1000
    if greeted:
        await discord.gateway.cut()
        await asyncio.sleep(1)
    else:
        await line.supervisor.open(within=1.0)
    assert 1 < discord.gateway.opened < 8
    await line.supervisor.close()


async def test_after_too_many_short_lines_the_client_is_made_anew(discord: DiscordServer) -> None:
    line = Line(discord, patience=replace(HASTY, first_pause=0.001, settled=60, lost=60))
    await line.supervisor.open()
    logins = len(discord.called("GET /users/@me"))
    discord.gateway.hang_up_before_hello = 1000
    await discord.gateway.cut()
    await discord.until(lambda: len(discord.called("GET /users/@me")) > logins)
    discord.gateway.hang_up_before_hello = 0
    await discord.until(lambda: line.gaps == 1)
    await line.supervisor.close()


async def test_no_session_is_begun_when_today_has_none_left(discord: DiscordServer, line: Line) -> None:
    discord.sessions_left, discord.sessions_reset = 0, 0.3
    began = time.monotonic()
    await line.supervisor.open()
    assert time.monotonic() - began > 0.3
    assert len(discord.gateway.identified) == 1


def test_pauses_grow_and_differ_from_bot_to_bot() -> None:
    patience = Patience()
    assert [pause(n, patience, 0) for n in (0, 1, 2, 9)] == [1, 2, 4, 60]
    assert pause(9, patience, 1) == 30
