"""Calls to Discord: what its answers mean, whom they wait for, and that nothing is posted twice by trying again."""

from __future__ import annotations

import asyncio
import time

import pytest
from discord.http import Route

from adapters.discord.client import (
    ARCHIVED,
    CHANNEL_GONE,
    CLOSED_TO_US,
    HAS_THREAD,
    INTERACTION_GONE,
    MESSAGE_GONE,
    NO_ACCESS,
    NO_PERMISSION,
    DiscordApi,
    DiscordRefusal,
    DiscordSilence,
    Upload,
    point_to,
)
from tests.adapters.discord.discord_line import Line
from tests.fakes.discord_faults import Limited, Refused
from tests.fakes.discord_payloads import ALICE, BOT, GENERAL
from tests.fakes.discord_server import DiscordServer
from tests.fakes.slack_faults import CommitThenDrop, Drop, Slow, Status

POST = "POST /channels/{channel_id}/messages"
HISTORY = "GET /channels/{channel_id}/messages"


async def say(api: DiscordApi, text: str, channel: str = GENERAL, nonce: str = "") -> dict[str, object]:
    body = {"content": text} | ({"nonce": nonce, "enforce_nonce": True} if nonce else {})
    return await api.call("POST", "/channels/{channel_id}/messages", json=body, channel_id=channel)  # type: ignore[no-any-return]


@pytest.fixture
async def api(line: Line) -> DiscordApi:
    await line.supervisor.open()
    return line.api


async def test_says_and_reads(discord: DiscordServer, api: DiscordApi) -> None:
    said = await say(api, "Hello")
    path = "/channels/{channel_id}/messages"
    read = await api.call("GET", path, params={"after": "0", "limit": 5, "before": None}, channel_id=GENERAL)
    assert [(m["id"], m["content"], m["author"]["id"]) for m in read] == [(said["id"], "Hello", BOT)]
    assert api.application == BOT


async def test_a_picture_goes_along(discord: DiscordServer, api: DiscordApi) -> None:
    path = "/channels/{channel_id}/messages"
    picture = Upload("week.png", b"\x89PNG", "Nine questions, seven answered")
    said = await api.call("POST", path, json={"content": "The week"}, files=[picture], channel_id=GENERAL)
    attached = said["attachments"][0]
    assert (attached["filename"], attached["description"]) == ("week.png", "Nine questions, seven answered")
    assert discord.realm.files[attached["id"]] == b"\x89PNG"


async def test_a_reason_stands_in_the_audit_log(discord: DiscordServer, api: DiscordApi) -> None:
    said = await say(api, "Hello")
    path = "/channels/{channel_id}/messages/{message_id}"
    gone = await api.call("DELETE", path, reason="asked to, by Zoë", channel_id=GENERAL, message_id=str(said["id"]))
    assert not gone
    assert discord.calls[-1].reason == "asked to, by Zoë"


@pytest.mark.parametrize(
    ("code", "status", "permanent"),
    [
        (CHANNEL_GONE, 404, True),
        (MESSAGE_GONE, 404, True),
        (NO_ACCESS, 403, True),
        (CLOSED_TO_US, 403, True),
        (NO_PERMISSION, 403, True),
        (INTERACTION_GONE, 404, True),
        (ARCHIVED, 400, True),
        (HAS_THREAD, 400, True),
        (50035, 400, True),
        (0, 401, False),
        (40333, 403, False),
        (130000, 400, False),
    ],
)
async def test_a_refusal_says_why(
    discord: DiscordServer, api: DiscordApi, code: int, status: int, permanent: bool
) -> None:
    discord.fail(POST, Refused(code, status, "Because"))
    with pytest.raises(DiscordRefusal) as refused:
        await say(api, "Hello")
    assert (refused.value.code, refused.value.permanent) == (code or status, permanent)
    assert str(code or status) in str(refused.value)


@pytest.mark.parametrize("fault", [Drop(), CommitThenDrop(), Status(503)])
async def test_no_answer_may_mean_yes_or_no(discord: DiscordServer, api: DiscordApi, fault: Drop) -> None:
    discord.fail(POST, fault)
    with pytest.raises(DiscordSilence) as silence:
        await say(api, "Hello")
    assert (silence.value.permanent, silence.value.retry_after) == (False, None)


async def test_a_slow_answer_is_not_waited_for_without_end(discord: DiscordServer, api: DiscordApi) -> None:
    discord.fail(HISTORY, Slow(5))
    with pytest.raises(DiscordSilence):
        await api.call("GET", "/channels/{channel_id}/messages", within=0.1, channel_id=GENERAL)


async def test_a_repeat_with_the_same_nonce_is_posted_once(discord: DiscordServer, api: DiscordApi) -> None:
    discord.fail(POST, CommitThenDrop())
    with pytest.raises(DiscordSilence):
        await say(api, "Hello", nonce="wish-1")
    await say(api, "Hello", nonce="wish-1")
    assert [m["content"] for m in discord.posts()] == ["Hello"]


async def test_a_limit_is_waited_for(discord: DiscordServer, api: DiscordApi) -> None:
    discord.fail(POST, Limited(0.2))
    began = time.monotonic()
    await say(api, "Hello")
    assert time.monotonic() - began > 0.2
    assert [c.status for c in discord.called(POST)] == [429, 200]


async def test_a_bucket_is_never_overdrawn(discord: DiscordServer, api: DiscordApi) -> None:
    discord.limits.of[POST] = (3, 0.2)
    await asyncio.gather(*(say(api, f"{n}") for n in range(9)))
    assert len(discord.posts()) == 9
    assert discord.called(POST, 429) == []


async def test_a_global_limit_holds_all_calls(discord: DiscordServer, api: DiscordApi) -> None:
    discord.fail(POST, Limited(0.3, whole=True))
    first = asyncio.create_task(say(api, "one"))
    await discord.until(lambda: discord.called(POST))
    began = time.monotonic()
    await api.call("GET", "/users/@me")
    assert time.monotonic() - began > 0.2
    await first


async def test_a_long_limit_is_handed_on(discord: DiscordServer, api: DiscordApi) -> None:
    discord.fail(POST, Limited(120.0))
    with pytest.raises(DiscordRefusal) as refused:
        await say(api, "Hello")
    assert (refused.value.permanent, refused.value.retry_after) == (False, 120.0)


async def test_a_block_of_the_network_is_kept_for_all_calls(discord: DiscordServer, api: DiscordApi) -> None:
    discord.fail(POST, Limited(0.3, blocked=True))
    with pytest.raises(DiscordRefusal) as refused:
        await say(api, "Hello")
    assert refused.value.retry_after == 0.3
    before = len(discord.calls)
    with pytest.raises(DiscordRefusal, match="blocks"):
        await api.call("GET", "/users/@me")
    assert len(discord.calls) == before
    await asyncio.sleep(0.35)
    assert (await api.call("GET", "/users/@me"))["id"] == BOT


async def test_an_interaction_is_answered_followed_up_and_changed(discord: DiscordServer, line: Line) -> None:
    await line.supervisor.open()
    pressed = asyncio.create_task(discord.command(ALICE, GENERAL, "ask", text="Pool?", private=True))
    name, body = await discord.until(lambda: next((h for h in line.heard if h[0] == "INTERACTION_CREATE"), None))
    await line.api.respond(body["id"], body["token"], {"type": 5, "data": {"flags": 64}})
    interaction = await pressed
    await line.api.revise_answer(body["token"], {"content": "Thank you"})
    more = await line.api.follow_up(body["token"], {"content": "One more thing", "flags": 64})
    await line.api.revise_answer(body["token"], {"content": "Two"}, str(more["id"]))
    assert name == "INTERACTION_CREATE"
    assert [o["name"] for o in body["data"]["options"]] == ["text", "private"]
    assert interaction.answer == 5
    assert [m["content"] for m in interaction.alone[:2]] == ["Thank you", "Two"]
    assert discord.posts() == []
    with pytest.raises(DiscordRefusal) as refused:
        await line.api.respond(body["id"], body["token"], {"type": 6})
    assert refused.value.code == 40060


async def test_answers_to_two_interactions_do_not_wait_for_each_other(discord: DiscordServer, line: Line) -> None:
    await line.supervisor.open()
    discord.fail("POST /interactions/{webhook_id}/{webhook_token}/callback", Slow(0.5))
    bodies = [discord.interactions.command(ALICE, GENERAL, "ask").body for _ in range(2)]
    began = time.monotonic()
    slow, quick = (
        asyncio.create_task(line.api.respond(b["id"], b["token"], {"type": 5, "data": {"flags": 64}})) for b in bodies
    )
    await quick
    assert time.monotonic() - began < 0.4
    await slow


async def test_without_a_connection_nothing_is_sent() -> None:
    with pytest.raises(DiscordSilence, match="not connected"):
        await DiscordApi().call("GET", "/users/@me")


def test_an_address_without_a_version_gets_one() -> None:
    point_to("https://chat.example/api/")
    assert Route.BASE == "https://chat.example/api/v10"
    point_to("https://chat.example/api/v9")
    assert Route.BASE == "https://chat.example/api/v9"
