"""Discord's buckets: a call waits when none is left, in its turn, and for nothing else."""

from __future__ import annotations

import asyncio
import time

import pytest

from adapters.discord.client import DiscordApi, DiscordRefusal
from tests.adapters.discord.discord_line import Line
from tests.fakes.discord_faults import Bucket
from tests.fakes.discord_payloads import ALICE, BEN, GENERAL, GUILD
from tests.fakes.discord_server import DiscordServer

POST = "POST /channels/{channel_id}/messages"
OPEN = "POST /users/@me/channels"
WINDOW = 0.4


@pytest.fixture
async def api(line: Line) -> DiscordApi:
    await line.supervisor.open()
    return line.api


async def say(api: DiscordApi, text: str) -> object:
    return await api.call("POST", "/channels/{channel_id}/messages", json={"content": text}, channel_id=GENERAL)


async def opened(api: DiscordApi, member: str) -> object:
    return await api.call("POST", "/users/@me/channels", json={"recipient_id": member})


async def test_a_long_window_keeps_nobody_waiting_while_calls_are_left(discord: DiscordServer, api: DiscordApi) -> None:
    discord.limits.of[POST] = (50, 300.0)
    for number in range(3):
        await say(api, str(number))
    assert [m["content"] for m in discord.posts(GENERAL)] == ["0", "1", "2"]


async def test_the_last_answer_of_a_window_is_there_at_once(discord: DiscordServer, api: DiscordApi) -> None:
    discord.limits.of[OPEN] = (1, 20.0)
    began = time.perf_counter()
    await opened(api, ALICE)
    assert time.perf_counter() - began < 10.0


async def test_what_finds_no_place_waits_for_the_next_window_in_its_turn(
    discord: DiscordServer, api: DiscordApi
) -> None:
    discord.limits.of[POST] = (2, WINDOW)
    await asyncio.gather(*(say(api, str(number)) for number in range(7)))
    assert [m["content"] for m in discord.posts(GENERAL)] == [str(number) for number in range(7)]
    assert not discord.called(POST, 429)
    times = [call.at for call in discord.called(POST, 200)]
    assert times[6] - times[0] >= WINDOW * 2


async def test_a_window_that_is_used_up_for_long_is_told_and_not_asked_again(
    discord: DiscordServer, api: DiscordApi
) -> None:
    discord.limits.of[OPEN] = (1, 300.0)
    await opened(api, ALICE)
    for _ in range(2):
        with pytest.raises(DiscordRefusal) as refused:
            await opened(api, BEN)
        assert refused.value.retry_after is not None
        assert 200 < refused.value.retry_after <= 300
    assert not discord.called(OPEN, 429)


async def test_where_a_call_was_refused_for_long_the_next_is_not_sent(discord: DiscordServer, api: DiscordApi) -> None:
    discord.limits.of[OPEN] = (1, 300.0)
    bucket = discord.limits.bucket(OPEN, "///")
    bucket.take(time.monotonic())  # somebody else with our token
    for _ in range(3):
        with pytest.raises(DiscordRefusal):
            await opened(api, ALICE)
    assert len(discord.called(OPEN, 429)) == 1


async def test_all_calls_together_are_no_more_than_discord_takes_of_a_bot(
    discord: DiscordServer, api: DiscordApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.buckets.SECOND", 0.6)
    discord.limits.whole = Bucket(50, 0.3)
    paths = [f"/users/{user}" for user in (ALICE, BEN, "@me")]
    members = [f"/guilds/{GUILD}/members/{user}" for user in (ALICE, BEN)]
    await asyncio.gather(*(api.call("GET", path) for path in (*paths, *members) * 20))
    assert len(discord.calls) >= 100
    assert not [call for call in discord.calls if call.status == 429]
