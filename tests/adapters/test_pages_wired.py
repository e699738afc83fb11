"""The web server of a bot on Slack or Discord as the program puts it together: with pages where it is known how they
are reached, without them elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx

from adapters.settings import Settings, read_settings
from adapters.wiring.community import community
from adapters.wiring.pages import TopicsNow, pages_address, platform_app
from bot.events import Member
from bot.signing_in import make_link
from tests.fakes.members_pages import FROM_AFAR, csrf_of
from tests.fakes.tables import tables

ANA = Member("slack", "T1", "U1")


def settings_in(folder: Path, address: str) -> Settings:
    url = f"sqlite+aiosqlite:///{tables(folder / 'winwin.db')}"
    return read_settings(None, database_url=url, winwin_public_url=address, slack_bot_token=None)


async def test_with_an_address_members_have_pages_behind_a_gate(tmp_path: Path) -> None:
    async with community(settings_in(tmp_path, "https://pages.example.org/")) as c:
        transport = httpx.ASGITransport(platform_app(c, lambda: True), client=FROM_AFAR)
        async with httpx.AsyncClient(transport=transport, base_url="https://pages.example.org") as http:
            assert [(await http.get(path)).status_code for path in ("/healthz", "/board", "/metrics")] == [
                200,
                401,
                403,
            ]
            async with c.store.begin() as tx:
                await tx.members.seen([(ANA, "Ana")], datetime.now(UTC))
            path = f"/login/{await make_link(c.store, ANA.key, c.clock.now())}"
            form = {"csrf": csrf_of((await http.get(path)).text)}
            signed_in = await http.post(path, data=form)
            assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
            assert "__Host-winwin=" in signed_in.headers["set-cookie"]
            pages = ("/board", "/report", "/me", "/alerts")
            assert [(await http.get(path)).status_code for path in pages] == [200, 200, 200, 403]
            press = {"csrf": csrf_of((await http.get("/me")).text), "press": "press-0001", "country": "Spain"}
            assert (await http.post("/me/country", data=press)).status_code == 303
        assert list(TopicsNow(c)) == []
        assert (tmp_path / "winwin.key").stat().st_mode & 0o077 == 0


async def test_without_an_address_there_are_no_pages_and_no_cookies(tmp_path: Path) -> None:
    async with community(settings_in(tmp_path, "")) as c:
        transport = httpx.ASGITransport(platform_app(c, lambda: True), client=FROM_AFAR)
        async with httpx.AsyncClient(transport=transport, base_url="https://pages.example.org") as http:
            answers = [await http.get(path) for path in ("/healthz", "/board", "/login", "/login/x", "/metrics")]
            assert [answer.status_code for answer in answers] == [200, 404, 404, 404, 403]
            assert not any("set-cookie" in answer.headers for answer in answers)


def test_links_lead_to_the_address_without_a_path(tmp_path: Path) -> None:
    shown = {"https://a.example/": "https://a.example", "http://a.example:8/x/": "http://a.example:8", "": ""}
    assert {address: pages_address(settings_in(tmp_path, address)) for address in shown} == shown
