"""What is reached without a session, with somebody else's, and without the token of a form: asked of every route that
the applications have, so that a new one is asked too."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from adapters.slack.http import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.web.gate import OPEN, is_open
from adapters.web.server import UNDER_ANY_NAME, machines_app
from adapters.web.site import own_path
from bot.cards import Action
from tests.dialogues.rights import ALL, EVERYBODY, MODERATE, REFUSALS, WATCH, World, cases
from tests.fakes.members_pages import LOCAL, SLACK, Pages, csrf_of, routes_of
from tests.fakes.tables import tables

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
FOR_EVERYBODY = {  # the written list: nothing else is shown without a session
    *("/healthz", "/readyz", "/metrics", "/login", "/login/{token}", "/static/"),
    *("/api/v1/openapi.json", "/api/v1/resources", "/api/v1/questions", "/api/v1/report"),
}
PAGES = {
    "/board": ALL, "/report": ALL, "/me": ALL, "/me/data.json": ALL,
    "/alerts": WATCH, "/unmask": WATCH, "/roles": MODERATE,
}  # fmt: skip
WITHOUT_A_PAGE = {"/", *FOR_EVERYBODY}
HERE = ("127.0.0.1", 4711)


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "q-hidden", path)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World(SLACK)
    await world.open()
    yield world
    await world.close()


@pytest.fixture
def pages(world: World) -> Pages:
    return Pages(world)


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Pages]:
    world = World(LOCAL)
    await world.open()
    database = await Database.open(f"sqlite+aiosqlite:///{tables(tmp_path / 'chat.db')}")
    chat = Chat(database)
    await chat.open_channel("general", "General", "Anything")
    yield Pages(world, chat, demo=True)
    await database.close()
    await world.close()


async def test_without_a_session_no_route_answers_but_those_of_the_written_list(pages: Pages) -> None:
    routes = routes_of(pages.app)
    assert {path for path, _ in routes if is_open(filled(path))} == FOR_EVERYBODY
    assert len(routes) > len(FOR_EVERYBODY) + len(PAGES)
    stranger = pages.stranger()
    for path, _ in routes:
        for method in METHODS:
            answer = await stranger.request(method, filled(path))
            expected = {401} if path not in FOR_EVERYBODY else {200, 403, 404, 405, 410, 503}
            assert answer.status_code in expected, (method, path)
            assert "Who knows a coach?" not in answer.text
    odd = (
        "/nowhere",
        "//board",
        "/board/",
        "/BOARD",
        "/login/../board",
        "/static/../board",
        "/api/v1",
    )
    for path in odd:
        assert (await stranger.get(path)).status_code in (401, 404, 410), path
    assert pages.received == []
    assert pages.world._changed() == []


def test_every_open_way_says_why_and_slacks_are_the_real_ones() -> None:
    assert all(OPEN.values())
    assert {way for way in OPEN if way.startswith("/slack")} == {EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH}
    assert {EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH} <= set(UNDER_ANY_NAME)
    assert [is_open(path) for path in ("/slack/eventsx", "/loginx", "/healthz/x", "/")] == [False] * 4


async def test_a_page_opens_for_those_it_is_for_and_for_nobody_else(pages: Pages) -> None:
    readable = {path for path, methods in routes_of(pages.app) if "GET" in methods} - WITHOUT_A_PAGE
    assert readable == set(PAGES)  # a new page is written down, with whom it is for
    for name in EVERYBODY:
        browser = await pages.browser(name)
        for path, may in PAGES.items():
            answer = await browser.get(path)
            assert answer.status_code == (200 if name in may else 403), (name, path)
            assert answer.headers["cache-control"] == "no-store"
        data = (await browser.get("/me/data.json")).json()
        assert data["member"]["key"] == SLACK.key(name)
        others = {SLACK.key(other) for other in EVERYBODY} - {SLACK.key(name)}
        assert not [key for key in others if key in (await browser.get("/me/data.json")).text]


async def test_no_form_is_taken_without_the_token_of_its_own_session(pages: Pages, local: Pages) -> None:
    for site in (pages, local):
        owner, other = await site.browser("owner"), await site.browser("volunteer")
        begun, tried = len(site.received), 0
        sessions = site.store._committed.get("browser_session")
        for path, methods in routes_of(site.app):
            if "POST" not in methods:
                continue
            tried += 1
            for token in (None, "", "0" * 64, other.csrf, owner.csrf[:-1], owner.csrf.upper(), f"{owner.csrf} "):
                form = {"press": "press-00000001"} | ({"csrf": token} if token is not None else {})
                answer = await owner.http.post(filled(path), data=form)
                assert answer.status_code == 403, (path, token)
            assert (await owner.http.post(f"{filled(path)}?csrf={owner.csrf}")).status_code == 403
            assert (await owner.http.post(filled(path), json={"csrf": owner.csrf})).status_code == 403
            assert (await owner.http.post(filled(path), headers={"x-csrf": owner.csrf})).status_code == 403
        assert tried > 6
        assert len(site.received) == begun
        assert site.store._committed.get("browser_session") == sessions


async def test_a_forged_button_of_somebody_it_is_not_for_changes_nothing(pages: Pages) -> None:
    browsers = {name: await pages.browser(name) for name in EVERYBODY}
    pages.world._begun = pages.store._committed
    for case in cases(SLACK):
        if isinstance(case.what, Action):
            for name in (name for name in EVERYBODY if name not in case.may):
                answer = await browsers[name].post("/press", {"action": case.what, "subject": case.subject})
                assert answer.status_code == 303
    await pages.services.settle()
    assert pages.world._changed() == []
    said = pages.world._said()
    assert said
    assert all(notices & REFUSALS for notices in said.values())


async def test_figures_and_the_api_are_for_programs_of_this_machine_and_whoever_is_signed_in(pages: Pages) -> None:
    program = httpx.AsyncClient(transport=httpx.ASGITransport(pages.app, client=HERE), base_url="http://127.0.0.1:8000")
    member, paths = await pages.browser("member"), ("/metrics", "/api/v1/questions", "/api/v1/report")
    for path in paths:
        assert (await program.get(path)).status_code == 200
        assert (await pages.stranger().get(path)).status_code == 403
        assert (await pages.stranger(client=HERE).get(path)).status_code == 403  # under another name: rebinding
        for header in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):  # a proxy of this machine passed it on
            assert (await program.get(path, headers={header: "203.0.113.7"})).status_code == 403
        assert (await member.get(path)).status_code == (403 if path == "/metrics" else 200)
    found = await member.get("/api/v1/resources?q=letters")
    assert [one["id"] for one in found.json()] == ["r1", "m1"]


@pytest.mark.parametrize("of_members", [True, False])
async def test_with_a_token_whoever_shows_it_is_let_in_and_nobody_else(world: World, of_members: bool) -> None:
    pages = Pages(world, api_token="t" * 32)
    app = pages.app if of_members else machines_app(world.store, lambda: True, CollectorRegistry(), "0", "t" * 32)
    for client in (HERE, ("203.0.113.7", 1)):
        program = httpx.AsyncClient(transport=httpx.ASGITransport(app, client=client), base_url="http://localhost")
        shown = [{}, {"authorization": "Bearer wrong"}, {"authorization": "t" * 32}, {"authorization": "Bearer "}]
        assert [(await program.get("/metrics", headers=h)).status_code for h in shown] == [403] * 4
        good = {"authorization": f"Bearer {'t' * 32}"}
        assert (await program.get("/metrics", headers=good)).status_code == 200


async def test_every_answer_carries_the_headers_a_broken_one_too(pages: Pages, world: World) -> None:
    async def fails() -> None:
        raise RuntimeError("a bug")

    broken = Pages(world, report=fails, secure=True)
    member, owner = await pages.browser("member"), await broken.browser("owner")
    answers = [await member.get(path) for path in ("/board", "/alerts", "/nowhere", "/healthz", "/api/v1/questions")]
    answers += [await pages.stranger().get(path) for path in ("/board", "/login", "/login/x", "/metrics")]
    answers += [await owner.get("/report"), await owner.get("/api/v1/report")]
    answers += [await pages.stranger().get("/board", headers={"host": "evil.example"})]
    answers += [await member.http.post("/press", content=b"x" * 2_000_001)]
    assert [answer.status_code for answer in answers[-4:]] == [500, 500, 421, 413]
    for answer in answers:
        headers, policy = answer.headers, answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cache-control"] == "no-store"
    assert all("strict-transport-security" in answer.headers for answer in answers[9:11])


async def test_the_pages_answer_under_their_own_name_and_watchdogs_under_any(pages: Pages) -> None:
    member = await pages.browser("member")
    assert (await member.http.get("/me", headers={"host": "evil.example"})).status_code == 421
    assert (await pages.stranger().get("/healthz", headers={"host": "10.0.0.7:8000"})).status_code == 200


@pytest.mark.parametrize("middle", ["", "\n", "\t", "\r", " ", "\\", "\x00", "\n\\", "\\\n", "\x7f", "\x0b", "/\\"])
@pytest.mark.parametrize("begins", ["/", "//", "\\", "https:", "javascript:", "", "\n/"])
def test_an_address_to_go_back_to_stays_here(begins: str, middle: str) -> None:
    to = own_path(f"{begins}{middle}/evil.example/x")
    assert re.fullmatch(r"/(?:[^/\\\s][^\\\s]*)?", to), to


async def test_a_token_stays_with_its_session(pages: Pages) -> None:
    one, two = await pages.browser("member"), await pages.browser("member")
    assert one.csrf != two.csrf
    assert csrf_of((await one.get("/board")).text) == one.csrf
