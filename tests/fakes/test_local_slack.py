"""local-slack does what the tests of the Slack adapter build on, and is reached by nobody from outside."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.apart import apart
from tests.fakes.local_slack import buttons, local_slack

pytestmark = pytest.mark.process

LABEL = {"type": "plain_text", "text": "Press"}
BUTTON = {"type": "button", "action_id": "a", "value": "v", "text": LABEL}
BLOCKS = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]
FIELD = {"type": "input", "block_id": "b", "label": LABEL, "element": {"type": "plain_text_input", "action_id": "a"}}
MODAL = {"type": "modal", "title": LABEL, "blocks": [FIELD], "callback_id": "c"}


async def test_people_write_edit_and_press_and_the_socket_hears_of_it():
    async with local_slack() as slack, aiohttp.ClientSession() as http:
        opened = await slack.api("apps.connections.open")
        async with http.ws_connect(opened["url"]) as ears:

            async def heard() -> dict:
                envelope = await ears.receive_json(timeout=5)
                await ears.send_json({"envelope_id": envelope["envelope_id"]})
                return envelope["payload"]

            assert (await ears.receive_json())["type"] == "hello"
            assert await slack.connected()
            asked = asyncio.create_task(slack.message("C01GEN", "U01ALICE", "Hello?"))
            event = (await heard())["event"]
            assert (event["type"], event["text"], event["ts"]) == ("message", "Hello?", (await asked)["ts"])

            edited = asyncio.create_task(slack.edit("C01GEN", event["ts"], "U01ALICE", "Hello!"))
            assert (await heard())["event"]["subtype"] == "message_changed"
            await edited

            posted = await slack.api("chat.postMessage", channel="C01GEN", text="Hi", blocks=BLOCKS)
            [mine] = await slack.by_bot("C01GEN")
            pressing = asyncio.create_task(slack.press("C01GEN", posted["ts"], "U01ALICE", buttons(mine)["Press"]))
            press = await heard()
            assert press["actions"][0] | {"value": "v", "block_id": "b"} == press["actions"][0]
            await pressing

            await slack.api("views.open", trigger_id=press["trigger_id"], view=MODAL)
            assert (await slack.modal())["callback_id"] == "c"
            await slack.submit("U01ALICE", {"b": {"a": {"type": "plain_text_input", "value": "words"}}})
            submitted = await heard()
            assert submitted["view"]["state"]["values"]["b"]["a"]["value"] == "words"


async def test_signed_requests_reach_the_app_on_this_machine():
    asked: asyncio.Queue = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        await asked.put((request.headers, await request.json()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/slack/events", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with local_slack(request_url=f"http://127.0.0.1:{port}/slack/events", outward=[port]) as slack:
        await slack.message("C01GEN", "U01ALICE", "Hello?")
        headers, body = await asyncio.wait_for(asked.get(), 5)
    await runner.cleanup()
    assert body["event"]["text"] == "Hello?"
    assert headers["X-Slack-Signature"].startswith("v0=")


async def test_it_is_reached_through_loopback_alone():
    if not apart():
        pytest.skip("no network namespace can be made here")
    async with local_slack() as slack:
        port = int(slack.address.rsplit(":", 1)[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # nothing is sent: it says by which address this machine goes out
            except OSError:
                pytest.skip("this machine has loopback alone")
            outside = probe.getsockname()[0]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((outside, port), timeout=1)
