"""The fault server behaves as the tests of the Slack adapter take it to."""

import asyncio
import time

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.slack_faults import CommitThenDrop, Drop, Garbled, Limit, RateLimited, Refused, Slow, Status
from tests.fakes.slack_server import BOT_TOKEN, SIGNING_SECRET, SlackServer, slack_server


@pytest.fixture
async def slack():
    async with slack_server() as server:
        yield server


@pytest.fixture
async def http():
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {BOT_TOKEN}"}) as session:
        yield session


async def call(slack: SlackServer, http: aiohttp.ClientSession, method: str, **asked: object) -> dict:
    async with http.post(slack.api_url + method, json=asked) as answer:
        return await answer.json()


async def test_what_is_posted_stands_in_the_history_with_its_metadata_for_who_asks(slack, http):
    metadata = {"event_type": "t", "event_payload": {"key": "k"}}
    posted = await call(slack, http, "chat.postMessage", channel="C01GEN", text="Hi", metadata=metadata)
    plain = await call(slack, http, "conversations.history", channel="C01GEN")
    asked = await call(slack, http, "conversations.history", channel="C01GEN", include_all_metadata=True)
    assert [m["ts"] for m in plain["messages"]] == [posted["ts"]]
    assert "metadata" not in plain["messages"][0]
    assert asked["messages"][0]["metadata"] == metadata
    assert slack.keys() == {"k": 1}


async def test_history_pages_back_or_on_from_a_moment_and_has_no_replies(slack, http):
    said = [slack.write("U01ALICE", str(n)) for n in range(6)]
    slack.write("U02BEN", "a reply", thread=said[0]["ts"])

    async def pages(**bounds: str) -> list[list[str]]:
        asked = {"channel": "C01GEN", "limit": 3, **bounds}
        first = await call(slack, http, "conversations.history", **asked)
        rest = await call(
            slack, http, "conversations.history", **asked, cursor=first["response_metadata"]["next_cursor"]
        )
        assert (first["has_more"], rest["has_more"]) == (True, False)
        return [[m["text"] for m in page["messages"]] for page in (first, rest)]

    assert await pages() == [["5", "4", "3"], ["2", "1", "0"]]
    assert await pages(oldest=said[0]["ts"]) == [["3", "2", "1"], ["5", "4"]]
    assert await pages(latest=said[5]["ts"]) == [["4", "3", "2"], ["1", "0"]]
    replies = await call(slack, http, "conversations.replies", channel="C01GEN", ts=said[0]["ts"])
    assert [m["text"] for m in replies["messages"]] == ["0", "a reply"]


async def test_an_ephemeral_message_is_in_no_history(slack, http):
    said = await call(slack, http, "chat.postEphemeral", channel="C01GEN", user="U01ALICE", text="psst")
    assert said["ok"]
    assert (await call(slack, http, "conversations.history", channel="C01GEN"))["messages"] == []
    assert [m["ephemeral_to"] for m in slack.posts()] == ["U01ALICE"]


async def test_a_deleted_first_message_leaves_a_tombstone_over_its_replies(slack, http):
    root, lone = slack.write("U01ALICE", "root"), slack.write("U01ALICE", "lone")
    slack.write("U02BEN", "reply", thread=root["ts"])
    await slack.delete("C01GEN", root["ts"])
    await slack.delete("C01GEN", lone["ts"])
    replies = await call(slack, http, "conversations.replies", channel="C01GEN", ts=root["ts"])
    assert [m.get("subtype") for m in replies["messages"]] == ["tombstone", None]
    assert (await call(slack, http, "conversations.replies", channel="C01GEN", ts=lone["ts"]))["error"] == (
        "thread_not_found"
    )


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "C03OUT", "text": "x"}, "not_in_channel"),
        ({"channel": "C04OLD", "text": "x"}, "is_archived"),
        ({"channel": "C01GEN"}, "no_text"),
        ({"channel": "C01GEN", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
    ],
)
async def test_a_post_is_refused_as_slack_refuses_it(slack, http, asked, error):
    slack.workspace.open_channel("C03OUT", "out", joined=False)
    slack.workspace.open_channel("C04OLD", "old").archived = True
    assert await call(slack, http, "chat.postMessage", **asked) == {"ok": False, "error": error}
    assert slack.posts() == []


@pytest.mark.parametrize(
    ("user", "error"),
    [("U0NONE", "user_not_found"), ("U05GONE", "user_disabled"), ("U06BOT", "cannot_dm_bot")],
)
async def test_some_people_cannot_be_written_to(slack, http, user, error):
    slack.workspace.enter("U05GONE", "gone", deleted=True)
    slack.workspace.enter("U06BOT", "other", is_bot=True)
    assert (await call(slack, http, "conversations.open", users=user))["error"] == error


async def test_a_strange_token_is_refused(slack):
    async with aiohttp.ClientSession() as stranger:
        assert (await call(slack, stranger, "auth.test"))["error"] == "not_authed"


async def test_faults_strike_once_each_and_what_happened_is_known(slack, http):
    for fault in (RateLimited(7), Status(502), Refused("missing_scope", needed="chat:write"), Slow(0.05)):
        slack.fail("chat.postMessage", fault)
    slack.fail("chat.postMessage", Garbled())
    post = {"channel": "C01GEN", "text": "x"}
    async with http.post(slack.api_url + "chat.postMessage", json=post) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    async with http.post(slack.api_url + "chat.postMessage", json=post) as answer:
        assert answer.status == 502
    assert (await call(slack, http, "chat.postMessage", **post))["needed"] == "chat:write"
    before = time.monotonic()
    assert (await call(slack, http, "chat.postMessage", **post))["ok"]
    assert time.monotonic() - before >= 0.05
    async with http.post(slack.api_url + "chat.postMessage", json=post) as answer:
        assert await answer.text() == "<html>"
    assert (await call(slack, http, "chat.postMessage", **post))["ok"]
    outcomes = [c.outcome for c in slack.called("chat.postMessage")]
    assert outcomes == ["ratelimited", "Status", "missing_scope", "Slow", "Garbled", "ok"]
    assert len(slack.posts()) == 2


async def test_a_dropped_line_may_have_posted_or_not(slack, http):
    slack.fail("chat.postMessage", CommitThenDrop())
    slack.fail("chat.postMessage", Drop())
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await call(slack, http, "chat.postMessage", channel="C01GEN", text="x")
    assert len(slack.posts()) == 1


async def test_a_fault_may_wait_for_one_channel(slack, http):
    slack.fail("chat.postMessage", RateLimited(1), channel="C02HOSP", times=-1)
    assert (await call(slack, http, "chat.postMessage", channel="C01GEN", text="x"))["ok"]
    assert (await call(slack, http, "chat.postMessage", channel="C02HOSP", text="x"))["error"] == "ratelimited"
    slack.mend()
    assert (await call(slack, http, "chat.postMessage", channel="C02HOSP", text="x"))["ok"]


async def test_history_can_be_limited_to_few_objects_now_and_then(slack, http):
    for n in range(20):
        slack.write("U01ALICE", str(n))
    slack.limit_history(every=0.2)
    first = await call(slack, http, "conversations.history", channel="C01GEN", limit=200)
    assert (len(first["messages"]), first["has_more"]) == (15, True)
    assert (await call(slack, http, "conversations.history", channel="C02HOSP"))["error"] == "ratelimited"
    await asyncio.sleep(0.2)
    assert (await call(slack, http, "conversations.history", channel="C02HOSP"))["ok"]
    limit = Limit(1.0, per_channel=True)
    assert [limit.wait("a", 0.0), limit.wait("a", 0.25), limit.wait("b", 0.25), limit.wait("a", 1.0)] == [0, 0.75, 0, 0]


async def test_a_trigger_works_once_and_not_for_long(slack, http):
    trigger = slack.trigger()
    assert (await call(slack, http, "views.open", trigger_id=trigger, view={"type": "modal"}))["view"]["id"]
    assert (await call(slack, http, "views.open", trigger_id=trigger, view={}))["error"] == "exchanged_trigger_id"
    late = await call(slack, http, "views.open", trigger_id=slack.trigger(expired=True), view={})
    assert late["error"] == "expired_trigger_id"


async def test_sockets_say_hello_get_envelopes_and_their_acknowledgements_are_timed(slack, http):
    async with http.ws_connect((await call(slack, http, "apps.connections.open"))["url"]) as ears:
        assert (await ears.receive_json())["type"] == "hello"
        saying = asyncio.create_task(slack.people_say("U01ALICE", "Hello?"))
        envelope = await ears.receive_json()
        assert envelope["payload"]["event"]["text"] == "Hello?"
        await ears.send_json({"envelope_id": envelope["envelope_id"]})
        await saying
        assert 0 <= slack.sockets.envelopes[0].took < 1
        await slack.sockets.ask_to_leave()
        assert (await ears.receive_json())["reason"] == "refresh_requested"
        await slack.sockets.cut()
        assert (await ears.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_what_is_not_acknowledged_comes_again_with_its_number(slack, http, monkeypatch):
    monkeypatch.setattr("tests.fakes.slack_server.ACKNOWLEDGED_WITHIN", 0.05)
    async with http.ws_connect((await call(slack, http, "apps.connections.open"))["url"]) as ears:
        await ears.receive_json()
        await slack.people_say("U01ALICE", "Hello?")
        heard = [await ears.receive_json() for _ in range(3)]
    assert [(e["retry_attempt"], e["retry_reason"]) for e in heard] == [(0, ""), (1, "timeout"), (2, "timeout")]
    assert len({e["payload"]["event_id"] for e in heard}) == 1


async def test_a_deaf_socket_stands_open_and_says_nothing(slack, http):
    async with http.ws_connect((await call(slack, http, "apps.connections.open"))["url"], autoping=False) as ears:
        await ears.receive_json()
        slack.sockets.deafen()
        await ears.ping()
        await slack.send(slack.event({"type": "message"}))
        with pytest.raises(TimeoutError):
            await ears.receive(timeout=0.1)
        assert not ears.closed


async def test_requests_are_signed(slack):
    asked = []

    async def take(request: web.Request) -> web.Response:
        asked.append((request.headers, await request.text()))
        return web.json_response({"response_action": "clear"})

    app = web.Application()
    app.router.add_post("/slack/events", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    answer = await slack.submit("U01ALICE", {"id": "V1", "callback_id": "c"}, {})
    await runner.cleanup()
    from slack_sdk.signature import SignatureVerifier

    [(headers, body)] = asked
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request(body, dict(headers))
    assert answer == {"response_action": "clear"}
