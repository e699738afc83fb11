"""The project's own Discord behaves like Discord where the bot depends on it, seen without discord.py."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.discord_faults import Bucket
from tests.fakes.discord_payloads import (
    ALICE,
    BEN,
    BOT,
    GENERAL,
    GUILD,
    HOSPITAL,
    PRIVATE_THREAD,
    QUESTIONS,
    Json,
    Refuses,
    checked,
)
from tests.fakes.discord_server import TOKEN, DiscordServer, discord_server

CONTENT = 1 | 1 << 9 | 1 << 12 | 1 << 15
MESSAGES = f"/channels/{GENERAL}/messages"


class App:
    """As plain as an app can be."""

    def __init__(self, discord: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.discord, self.session = discord, session

    async def call(self, method: str, path: str, body: object = None, token: str = TOKEN) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {token}"}
        async with self.session.request(method, self.discord.api_url + path, json=body, headers=headers) as answer:
            return answer.status, json.loads(await answer.text() or "null")

    async def connect(self, *, compress: bool = False) -> Gate:
        query = "?v=10&encoding=json" + ("&compress=zlib-stream" if compress else "")
        gate = Gate(await self.session.ws_connect(self.discord.gateway_url + query))
        assert (await gate.hear())["op"] == 10
        return gate


class Gate:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._stream, self._packed = zlib.decompressobj(), b""

    async def hear(self) -> Json:
        async with asyncio.timeout(2):
            said = await self.socket.receive()
            while said.type is aiohttp.WSMsgType.BINARY:
                self._packed += said.data
                if self._packed.endswith(b"\x00\x00\xff\xff"):
                    packed, self._packed = self._packed, b""
                    return dict(json.loads(self._stream.decompress(packed)))
                said = await self.socket.receive()
            return {"close": said.data} if said.type is aiohttp.WSMsgType.CLOSE else dict(json.loads(said.data))

    async def identify(self, intents: int = CONTENT, token: str = TOKEN, shard: tuple[int, int] = (0, 1)) -> Json:
        await self.socket.send_json({"op": 2, "d": {"token": token, "intents": intents, "shard": shard}})
        return await self.hear()

    async def resume(self, session: str, seq: int) -> Json:
        await self.socket.send_json({"op": 6, "d": {"token": TOKEN, "session_id": session, "seq": seq}})
        return await self.hear()


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with discord_server() as discord, aiohttp.ClientSession() as session:
        yield App(discord, session)


@pytest.mark.parametrize("compress", [False, True])
async def test_a_session_begins_and_is_told_what_happens(app: App, compress: bool) -> None:
    gate = await app.connect(compress=compress)
    ready = await gate.identify()
    guild = await gate.hear()
    assert (ready["t"], ready["s"], guild["t"], guild["s"]) == ("READY", 1, "GUILD_CREATE", 2)
    assert [c["name"] for c in guild["d"]["channels"]] == ["general", "hospital-days", "questions"]
    app.discord.people_say(ALICE, "Hello")
    said = await gate.hear()
    assert (said["t"], said["s"], said["d"]["content"], said["d"]["channel_type"]) == ("MESSAGE_CREATE", 3, "Hello", 0)
    await gate.socket.send_json({"op": 1, "d": 3})
    assert (await gate.hear())["op"] == 11


async def test_a_resumed_session_is_told_what_it_missed_once(app: App) -> None:
    gate = await app.connect()
    session = (await gate.identify())["d"]["session_id"]
    await gate.hear()
    await app.discord.gateway.cut()
    app.discord.people_say(ALICE, "one")
    app.discord.people_say(BEN, "two")
    gate = await app.connect()
    first = await gate.resume(session, 2)
    second, resumed = await gate.hear(), await gate.hear()
    assert [first["d"]["content"], second["d"]["content"], resumed["t"]] == ["one", "two", "RESUMED"]
    app.discord.people_say(ALICE, "three")
    assert (await gate.hear())["d"]["content"] == "three"


async def test_a_session_that_is_not_known_cannot_be_resumed(app: App) -> None:
    gate = await app.connect()
    assert await gate.resume("session-77", 1) == {"op": 9, "d": False}
    session = (await gate.identify())["d"]["session_id"]
    gate = await app.connect()
    assert await gate.resume(session, 99) == {"close": 4007}


async def test_a_session_that_was_ended_by_the_app_is_gone(app: App) -> None:
    gate = await app.connect()
    await gate.identify()
    await gate.socket.close(code=1000)
    await app.discord.until(lambda: not app.discord.gateway.sessions)


async def test_who_may_not_come_in_is_told_why(app: App) -> None:
    assert await (await app.connect()).identify(token="wrong") == {"close": 4004}
    app.discord.gateway.approved = 0
    assert await (await app.connect()).identify() == {"close": 4014}
    app.discord.gateway.shards = 2
    assert await (await app.connect()).identify(1) == {"close": 4011}
    assert await (await app.connect()).identify(1, shard=(2, 2)) == {"close": 4010}


async def test_without_the_intent_words_come_where_the_bot_is_meant(app: App) -> None:
    gate = await app.connect()
    await gate.identify(CONTENT & ~(1 << 15))
    await gate.hear()
    app.discord.people_say(ALICE, "among us")
    app.discord.people_say(ALICE, f"<@{BOT}>?")
    app.discord.people_say(ALICE, "to you", app.discord.realm.direct(ALICE)["id"])
    assert [(await gate.hear())["d"]["content"] for _ in range(3)] == ["", f"<@{BOT}>?", "to you"]


async def test_a_history_is_read_from_both_ends(app: App) -> None:
    ids = [app.discord.people_say(ALICE, f"{n}")["id"] for n in range(5)]

    async def read(query: str) -> list[str]:
        return [m["content"] for m in (await app.call("GET", f"{MESSAGES}?{query}"))[1]]

    assert await read("limit=2") == ["4", "3"]
    assert await read(f"after={ids[0]}&limit=2") == ["2", "1"]
    assert await read(f"before={ids[3]}&limit=2") == ["2", "1"]
    assert await read("after=0&limit=100") == ["4", "3", "2", "1", "0"]
    assert (await app.call("GET", f"{MESSAGES}?limit=101"))[0] == 400


async def test_a_nonce_is_taken_once(app: App) -> None:
    body = {"content": "Hello", "nonce": "n", "enforce_nonce": True}
    first, second = await app.call("POST", MESSAGES, body), await app.call("POST", MESSAGES, body)
    assert first == second
    await app.call("POST", MESSAGES, {"content": "Hello", "nonce": "n"})
    assert len(app.discord.posts()) == 2
    assert app.discord.posted_twice() == ["n"]


async def test_threads_are_started_once_archived_and_woken(app: App) -> None:
    asked = app.discord.people_say(ALICE, "Pool?")["id"]
    status, thread = await app.call("POST", f"{MESSAGES}/{asked}/threads", {"name": "Pool?"})
    assert (status, thread["id"], thread["parent_id"]) == (200, asked, GENERAL)
    again = await app.call("POST", f"{MESSAGES}/{asked}/threads", {"name": "Pool?"})
    assert (again[0], again[1]["code"]) == (400, 160004)
    await app.call("PATCH", f"/channels/{asked}", {"archived": True})
    assert (await app.call("GET", f"/guilds/{GUILD}/threads/active"))[1]["threads"] == []
    assert (await app.call("POST", f"/channels/{asked}/messages", {"content": "Yes"}))[0] == 200
    assert not app.discord.realm.channels[asked]["thread_metadata"]["archived"]
    app.discord.realm.change_thread(asked, archived=True, locked=True)
    assert (await app.call("POST", f"/channels/{asked}/messages", {"content": "Yes"}))[1]["code"] == 50083
    private = {"name": "For you", "type": PRIVATE_THREAD}
    made = (await app.call("POST", f"/channels/{GENERAL}/threads", private))[1]
    assert made["type"] == PRIVATE_THREAD
    assert (await app.call("PUT", f"/channels/{made['id']}/thread-members/{ALICE}"))[0] == 204


async def test_a_forum_has_posts_and_no_messages(app: App) -> None:
    post = app.discord.ask_in_forum(ALICE, "School", "Who has a letter for school?")
    assert post["id"] == post["channel_id"]
    assert (await app.call("POST", f"/channels/{QUESTIONS}/messages", {"content": "x"}))[0] == 400
    body = {"name": "Welcome", "message": {"content": "Hello"}}
    made = (await app.call("POST", f"/channels/{QUESTIONS}/threads", body))[1]
    assert made["message"]["id"] == made["id"]


async def test_closed_doors_are_named(app: App) -> None:
    realm = app.discord.realm
    direct = (await app.call("POST", "/users/@me/channels", {"recipient_id": ALICE}))[1]["id"]
    realm.closed_dms.add(ALICE)
    realm.forbidden[GENERAL].add("send")
    realm.forbidden[HOSPITAL].add("view")
    codes = [
        (await app.call("POST", f"/channels/{channel}/messages", {"content": "x"}))[1]["code"]
        for channel in (direct, GENERAL, HOSPITAL, "7")
    ]
    assert codes == [50007, 50013, 50001, 10003]
    assert (await app.call("GET", "/users/@me", token="wrong"))[0] == 401


async def test_an_interaction_has_three_seconds_and_one_answer() -> None:
    now = 1_700_000_000.0
    async with discord_server(lambda: now) as discord, aiohttp.ClientSession() as session:
        app = App(discord, session)

        async def answer(number: str, token: str, kind: int, **data: object) -> Any:
            body = {"type": kind, "data": data}
            return (await app.call("POST", f"/interactions/{number}/{token}/callback", body))[1]

        first = discord.interactions.command(ALICE, GENERAL, "ask").body
        now += 3.1
        assert (await answer(first["id"], first["token"], 4, content="x"))["code"] == 10062
        second = discord.interactions.command(ALICE, GENERAL, "ask").body
        assert await answer(second["id"], second["token"], 4, content="Hello", flags=64) is None
        assert (await answer(second["id"], second["token"], 4, content="x"))["code"] == 40060
        hook = f"/webhooks/{BOT}/{second['token']}"
        assert (await app.call("PATCH", f"{hook}/messages/@original", {"content": "Changed"}))[1][
            "content"
        ] == "Changed"
        now += 901
        assert (await app.call("POST", hook, {"content": "late"}))[1]["code"] == 50027


async def test_a_form_is_opened_and_filled_in(app: App) -> None:
    opened = app.discord.interactions.command(ALICE, GENERAL, "ask")
    field = {"type": 18, "label": "Your question", "component": {"type": 4, "custom_id": "text", "style": 2}}
    form = {"type": 9, "data": {"title": "Ask", "custom_id": "1|ask|", "components": [field]}}
    await app.call("POST", f"/interactions/{opened.body['id']}/{opened.body['token']}/callback", form)
    filled = app.discord.interactions.submit(opened, {"text": "Pool?"})
    assert filled.body["data"]["components"] == [
        {"type": 18, "component": {"type": 4, "custom_id": "text", "value": "Pool?"}}
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": "x" * 2001},
        {"content": "x", "components": [{"type": 1, "components": []}] * 6},
        {"components": [{"type": 1, "components": [{"type": 2, "label": "x" * 81, "custom_id": "a"}]}]},
        {"components": [{"type": 1, "components": [{"type": 2, "label": "x", "custom_id": "a" * 101}]}]},
        {"components": [{"type": 1, "components": [{"type": 3, "custom_id": "a", "options": []}]}]},
        {"embeds": [{"description": "x" * 4097}]},
    ],
)
def test_what_discord_does_not_take(body: Json) -> None:
    with pytest.raises(Refuses):
        checked(body)


def test_a_bucket_fills_again() -> None:
    bucket = Bucket(2, 1.0)
    assert [bucket.take(now) for now in (10.0, 10.1, 10.5, 11.0)] == [0, 0, 0.5, 0]


async def test_commands_are_overwritten_as_a_whole(app: App) -> None:
    path = f"/applications/{BOT}/commands"
    ask = {"name": "ask", "description": "Ask a question", "type": 1}
    assert (await app.call("PUT", path, [ask, {"name": "Save as resource", "type": 3}]))[0] == 200
    assert (await app.call("PUT", path, [{"name": "Ask", "description": "x"}]))[0] == 400
    assert [c["name"] for c in app.discord.realm.commands[""]] == ["ask", "Save as resource"]
