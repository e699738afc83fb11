"""Signed requests into winwin's own server, and installing in many workspaces."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from slack_recorded import recorded

from adapters.slack.bolt import bolt_app
from adapters.slack.client import SlackApi
from adapters.slack.http import slack_routes
from adapters.slack.identity import Workspace
from adapters.slack.inbound import Uninstalled, heard
from adapters.slack.oauth import StoredInstallations, oauth_flow
from adapters.slack.quick import Quick
from adapters.slack.scopes import SCOPES
from adapters.storage.database import Database
from adapters.storage.slack_installs import SlackStores
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import Refused
from tests.fakes.slack_server import BOT_TOKEN, SIGNING_SECRET, SlackServer
from tests.fakes.slack_workspace import TEAM, Json
from tests.fakes.tables import tables

CLIENT = "1.2"

# slack_sdk sends the app's id and secret with aiohttp's BasicAuth, which aiohttp 4 will not have.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@dataclass
class Door:
    """A server with Slack's way in; `taken` is what came through."""

    http: httpx.AsyncClient
    installs: StoredInstallations
    stores: SlackStores
    taken: list[Json] = field(default_factory=list)
    breaks: bool = False

    async def take(self, payload: Json, bot_user: str) -> Json | None:
        if self.breaks:
            raise OSError("the disk is full")
        self.taken.append(payload)
        found = heard(payload, bot_user)
        if isinstance(found, Uninstalled):
            await self.installs.removed(found.workspace)
        return (
            {"response_action": "errors", "errors": {"text": "x"}} if payload.get("type") == "view_submission" else None
        )

    async def post(self, payload: Json, *, secret: str = SIGNING_SECRET, at: float | None = None) -> httpx.Response:
        kind, body = payloads.body_of(payload)
        headers = {"Content-Type": kind, **payloads.signed(secret, body, time.time() if at is None else at)}
        return await self.http.post("/slack/events", content=body, headers=headers)

    async def install(self, **query: str) -> httpx.Response:
        """Through Slack's page, as somebody who says yes there."""
        begun = await self.http.get("/slack/install")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        self.http.cookies.set("slack-app-oauth-state", state)
        return await self.http.get("/slack/oauth_redirect", params={"code": "c", "state": state, **query})


@pytest.fixture
async def door(slack: SlackServer, tmp_path: Path) -> AsyncIterator[Door]:
    store = await Database.open(f"sqlite+aiosqlite:///{tables(tmp_path / 'w.db')}")
    stores = SlackStores(store, CLIENT)
    installs = StoredInstallations(stores)
    greeted: list[Sequence[object]] = []

    async def after() -> None:
        greeted.append(await installs._look())

    flow = oauth_flow(CLIENT, "hush", "https://bot.example", slack.api_url, stores, after)
    app = FastAPI()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example") as http:
        door = Door(http, installs, stores)
        bolt = bolt_app(installs, door.take, slack.api_url, signing_secret=SIGNING_SECRET, oauth_flow=flow)
        app.include_router(slack_routes(bolt, Quick(SIGNING_SECRET, installs, door.take)))
        yield door
    await store.close()


def event(slack: SlackServer, **more: object) -> Json:
    said = {"type": "message", "channel": "C01GEN", "user": "U01ALICE", "text": "Hello?", "ts": "1700000000.000100"}
    return slack.event({**said, **more})


async def test_a_signed_event_is_taken_and_acknowledged(door: Door, slack: SlackServer):
    await door.install()
    answer = await door.post(event(slack))
    assert (answer.status_code, answer.text) == (200, "")
    assert [p["event"]["text"] for p in door.taken] == ["Hello?"]


async def test_what_is_forged_stale_or_garbled_is_never_taken(door: Door, slack: SlackServer):
    await door.install()
    kind, body = payloads.body_of(event(slack))
    good = payloads.signed(SIGNING_SECRET, body, time.time())
    stale = payloads.signed(SIGNING_SECRET, body, time.time() - 310)
    early = payloads.signed(SIGNING_SECRET, body, time.time() + 360)
    forged = [
        {},
        {**good, "X-Slack-Signature": "v0=" + "0" * 64},
        {**good, "X-Slack-Signature": ""},
        {**good, "X-Slack-Request-Timestamp": str(int(time.time()) - 60)},
        {**good, "X-Slack-Request-Timestamp": "soon"},
        payloads.signed("another secret", body, time.time()),
        payloads.signed(SIGNING_SECRET, body + " ", time.time()),
        stale,
        early,
    ]
    for headers in forged:
        answer = await door.http.post("/slack/events", content=body, headers={"Content-Type": kind, **headers})
        assert answer.status_code in (400, 401, 500), headers
    for content in (b"", b"\xff\xfe", b"{", b"payload=%7B"):
        answer = await door.http.post("/slack/events", content=content, headers={"Content-Type": kind})
        assert answer.status_code in (400, 401)
    assert door.taken == []


async def test_what_does_not_end_is_not_kept_until_its_signature_can_be_looked_at(door: Door):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield b"x" * 100_000

    answer = await door.http.post("/slack/events", content=endless())
    assert (answer.status_code, door.taken) == (413, [])
    assert sent < 50


async def test_what_could_not_be_kept_is_not_acknowledged(door: Door, slack: SlackServer):
    await door.install()
    door.breaks = True
    assert (await door.post(event(slack))).status_code == 503
    door.breaks = False
    assert (await door.post(event(slack))).status_code == 200


async def test_a_form_is_answered_in_the_acknowledgement(door: Door, slack: SlackServer):
    await door.install()
    view = {"id": "V1", "callback_id": "1|ask", "private_metadata": "{}", "blocks": []}
    answer = await door.post(payloads.view_submission("U01ALICE", view, {}, "t"))
    assert answer.json() == {"response_action": "errors", "errors": {"text": "x"}}


async def test_slack_checks_the_address(door: Door):
    answer = await door.post({"type": "url_verification", "challenge": "c", "token": "t"})
    assert answer.status_code == 401 or answer.json() == {"challenge": "c"}
    body = '{"type": "url_verification", "challenge": "abc", "token": "t"}'
    headers = {"Content-Type": "application/json", **payloads.signed(SIGNING_SECRET, body, time.time())}
    assert (await door.http.post("/slack/events", content=body, headers=headers)).json() == {"challenge": "abc"}


async def test_a_workspace_that_never_installed_the_bot_is_not_listened_to(door: Door, slack: SlackServer):
    answer = await door.post(event(slack))
    assert door.taken == []
    assert answer.status_code == 200  # Bolt tells Slack that it need not come again


async def test_somebody_installs_the_bot(door: Door):
    begun = await door.http.get("/slack/install")
    where = urlsplit(begun.headers["location"])
    asked = parse_qs(where.query)
    assert (begun.status_code, where.netloc, asked["client_id"]) == (302, "slack.com", [CLIENT])
    assert asked["scope"][0].split(",") == list(SCOPES)
    assert asked["redirect_uri"] == ["https://bot.example/slack/oauth_redirect"]
    done = await door.install()
    assert done.status_code == 200
    assert "/invite @winwin" in done.text
    found = await door.installs.at(TEAM, "")
    assert found is not None
    assert (found.token, found.workspace, found.name) == (BOT_TOKEN, Workspace(TEAM, bot_user="U0BOT"), "Test")
    assert BOT_TOKEN not in repr(found)


@pytest.mark.parametrize("query", [{"error": "access_denied"}, {"state": "forged"}, {"code": "wrong"}])
async def test_who_says_no_or_forges_the_way_installs_nothing(door: Door, slack: SlackServer, query):
    slack.fail("oauth.v2.access", Refused("invalid_code"))
    answer = await door.install(**query)
    assert "winwin is not installed" in answer.text or answer.status_code >= 400
    assert await door.installs.all() == ()


async def test_a_way_in_is_walked_once(door: Door):
    begun = await door.http.get("/slack/install")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    door.http.cookies.set("slack-app-oauth-state", state)
    first = await door.http.get("/slack/oauth_redirect", params={"code": "c", "state": state})
    second = await door.http.get("/slack/oauth_redirect", params={"code": "c", "state": state})
    assert (first.status_code, second.status_code) == (200, 401)


async def test_uninstalling_forgets_the_token_and_installing_again_is_one_installation(door: Door, slack: SlackServer):
    await door.install()
    await door.install()
    assert len(await door.installs.all()) == 1
    await door.post(slack.event({"type": "app_uninstalled"}))
    assert await door.installs.all() == ()
    assert await door.installs.at(TEAM, "") is None
    await door.install()
    assert [i.workspace.team for i in await door.installs.all()] == [TEAM]


async def test_a_revoked_bot_token_ends_it_too_and_a_persons_own_does_not(door: Door, slack: SlackServer):
    await door.install()
    await door.post(slack.event({"type": "tokens_revoked", "tokens": {"oauth": ["U01ALICE"]}}))
    assert len(await door.installs.all()) == 1
    await door.post(slack.event({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"], "oauth": []}}))
    assert await door.installs.all() == ()


async def test_the_stores_wait_for_the_one_writer(door: Door, tmp_path: Path):
    import asyncio

    store = door.stores._database
    async with store.begin() as tx:
        installing = asyncio.create_task(door.install())
        await asyncio.sleep(0.05)
        assert not installing.done()
        assert await tx.channels.all() == []
    assert (await installing).status_code == 200


async def test_a_recorded_event_of_another_app_team_is_nothing(door: Door):
    await door.install()
    answer = await door.post(recorded("Message"))
    assert (answer.status_code, door.taken) == (200, [])


async def test_a_token_slack_does_not_know_is_told_with_what_to_do(slack: SlackServer):
    from adapters.app import PlatformError, slack_connection
    from adapters.settings import read_settings
    from tests.fakes.clock import MovableClock

    settings = read_settings(None, slack_bot_token="xoxb-wrong", slack_app_token="xapp-x", slack_api_url=slack.api_url)
    with pytest.raises(PlatformError, match="check SLACK_BOT_TOKEN") as refused:
        await slack_connection(settings, None, MovableClock(), CollectorRegistry())
    assert "xoxb-wrong" not in str(refused.value)
    api = SlackApi(slack.api_url)
    assert (await api.who_am_i(BOT_TOKEN)).name == "Test"
    await api.close()
