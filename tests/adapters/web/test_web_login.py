"""One-time links: what a look does, what a press does, who is signed in afterwards, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from adapters.web.pages.login import TRIES
from adapters.web.tries import KNOWN, Tries, household
from bot.cards import Action
from bot.community import Role
from bot.events import MemberChanged
from bot.news import Notice
from bot.question import Refused
from bot.signing_in import LINKS, SIGNED_IN, VALID, hashed, make_link
from tests.dialogues.rights import World
from tests.fakes.members_pages import SLACK, Pages, csrf_of
from tests.fakes.values import NOON

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    world = World(SLACK)
    await world.open()
    yield Pages(world)
    await world.close()


async def press(http: httpx.AsyncClient, path: str) -> httpx.Response:
    page = await http.get(path)
    return await http.post(path, data={"csrf": csrf_of(page.text)})


def sessions(pages: Pages) -> int:
    return len(pages.store._committed.get("browser_session", {}))


def audited(pages: Pages) -> list[tuple[str, str, str]]:
    rows = [row for row, _ in pages.store._committed.get("audit", {}).values()]
    return [(row.action, row.actor, row.detail) for row in rows if row.action.startswith("sign_")]


async def test_a_look_at_a_link_spends_nothing_and_its_button_signs_in(pages: Pages) -> None:
    path = await pages.link("moderator")
    for _ in range(3):  # a chat's preview, a scanner of mails, the person
        page = await pages.stranger().get(path)
        assert (page.status_code, "Sign in as Moderator" in page.text) == (200, True)
    assert sessions(pages) == 0
    http = pages.stranger()
    assert (await press(http, path)).headers["location"] == "/"
    assert (await http.get("/", follow_redirects=True)).url.path == "/board"
    assert "<b>Moderator</b>" in (await http.get("/me")).text


async def test_a_used_link_a_wrong_one_and_an_old_one_say_how_to_get_another(pages: Pages) -> None:
    path = await pages.link("member")
    await press(pages.stranger(), path)
    old = await pages.link("member")
    pages.world.home.clock.move(VALID)
    for vain in (path, old, "/login/nonsense", f"{old}%00", "/login/%F0%9F%98%80"):
        answer = await pages.stranger().get(vain)
        assert (answer.status_code, "/winwin web" in answer.text) == (410, True), vain
    assert sessions(pages) == 1


async def test_of_twenty_presses_at_once_one_signs_in(pages: Pages) -> None:
    path = await pages.link("member")
    browsers = [pages.stranger() for _ in range(TRIES)]
    tokens = [csrf_of((await http.get(path)).text) for http in browsers]
    pressed = zip(browsers, tokens, strict=True)
    answers = await asyncio.gather(*(http.post(path, data={"csrf": token}) for http, token in pressed))
    assert sorted(answer.status_code for answer in answers) == [303] + [410] * (TRIES - 1)
    assert sessions(pages) == 1
    assert audited(pages) == [("sign_in", SLACK.key("member"), "")]


async def test_only_hashes_are_stored(pages: Pages) -> None:
    path = await pages.link("member")
    http = pages.stranger()
    await press(http, path)
    token = path.rpartition("/")[2]
    assert len(token) >= 43  # 256 bits
    stored = repr(pages.store._committed)
    assert token not in stored
    assert hashed(token) in stored


async def test_nothing_that_the_browser_had_before_is_of_use_afterwards(pages: Pages) -> None:
    http = pages.stranger()
    path = await pages.link("member")
    before = csrf_of((await http.get(path)).text)
    planted = dict(http.cookies)
    await http.post(path, data={"csrf": before})
    other = pages.stranger()
    other.cookies.update(planted)
    assert (await other.get("/me")).status_code == 401
    assert csrf_of((await http.get("/me")).text) != before
    assert (await http.post("/sign-out", data={"csrf": before})).status_code == 403


async def test_somebody_elses_page_can_sign_nobody_in(pages: Pages) -> None:
    path = await pages.link("owner")
    stranger = pages.stranger()
    for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": csrf_of((await pages.stranger().get(path)).text)}):
        assert (await stranger.post(path, data=form)).status_code == 403
    assert sessions(pages) == 0
    assert (await stranger.get(path)).status_code == 200


async def test_a_cookie_that_was_changed_or_made_elsewhere_is_nobody(pages: Pages) -> None:
    member = await pages.browser("member")
    (name, value), *_ = member.http.cookies.items()
    changed = value[:-5] + ("A" if value[-5] != "A" else "B") + value[-4:]  # of the last letter two bits mean nothing
    for wrong in (changed, value.partition(".")[0], "x" * 4000, ""):
        assert (await pages.stranger().get("/me", headers={"cookie": f"{name}={wrong}"})).status_code == 401


async def test_signing_in_as_somebody_else_ends_what_was_before(pages: Pages) -> None:
    member = await pages.browser("member")
    assert (await press(member.http, await pages.link("asker"))).status_code == 303
    assert "<b>Asker</b>" in (await member.get("/me")).text
    assert sessions(pages) == 1


async def test_signing_out_ends_this_browser_and_everywhere_ends_all_and_the_links(pages: Pages) -> None:
    one, two, three = [await pages.browser("member") for _ in range(3)]
    other = await pages.browser("asker")
    kept = dict(one.http.cookies)
    answer = await one.post("/sign-out")
    assert "signed out" in answer.text
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    one.http.cookies.update(kept)  # whoever has copied the cookie
    assert (await one.get("/me")).status_code == 401
    assert (await two.get("/me")).status_code == 200
    waiting = await pages.link("member")
    assert (await two.post("/sign-out", {"everywhere": "yes"})).status_code == 200
    assert [(await b.get("/me")).status_code for b in (two, three, other)] == [401, 401, 200]
    assert (await pages.stranger().get(waiting)).status_code == 410
    out = [(action, detail) for action, who, detail in audited(pages) if who == SLACK.key("member")]
    assert out == [("sign_in", "")] * 3 + [("sign_out", ""), ("sign_out", "everywhere")]


async def test_a_browser_is_signed_in_for_a_day(pages: Pages) -> None:
    member = await pages.browser("member")
    pages.world.home.clock.move(SIGNED_IN - MINUTE)
    assert (await member.get("/me")).status_code == 200
    pages.world.home.clock.move(MINUTE)
    assert (await member.get("/me")).status_code == 401


async def test_a_role_that_is_taken_away_ends_at_the_next_page(pages: Pages) -> None:
    lead = await pages.browser("safety_lead")
    assert (await lead.get("/alerts")).status_code == 200
    async with pages.store.begin() as tx:
        record = (await tx.members.get([SLACK.key("safety_lead")]))[SLACK.key("safety_lead")]
        await tx.members.save(replace(record, roles=record.roles - {Role.SAFETY_LEAD}))
    assert (await lead.get("/alerts")).status_code == 403


async def test_whoever_was_shut_out_of_their_platform_is_shut_out_here(pages: Pages) -> None:
    member, path = await pages.browser("member"), await pages.link("member")
    gone = MemberChanged(SLACK.member("member"), "", "UTC", "en", True, False, False, NOON)
    await pages.world.home.receive(gone)
    assert (await member.get("/me")).status_code == 401
    assert (await pages.stranger().get(path)).status_code == 410
    with pytest.raises(Refused, match=Notice.NOT_ALLOWED):
        await make_link(pages.store, SLACK.key("member"), NOON)


async def test_forget_me_in_the_browser_ends_it_everywhere(pages: Pages) -> None:
    here, there = await pages.browser("member"), await pages.browser("member")
    answer = await here.post("/me", {"action": Action.FORGET_ME})
    assert answer.headers["location"] == "/login"
    assert [(await b.get("/me")).status_code for b in (here, there)] == [401, 401]
    assert sessions(pages) == 0


async def test_links_are_made_so_often_and_no_more(pages: Pages) -> None:
    for _ in range(LINKS):
        await pages.link("member")
    with pytest.raises(Refused, match=Notice.TOO_MANY_LINKS):
        await pages.link("member")
    await pages.link("asker")
    pages.world.home.clock.move(timedelta(hours=1))
    await pages.link("member")


async def test_an_address_that_guesses_has_to_wait_and_nobody_else_does(pages: Pages) -> None:
    guesser, path = pages.stranger(), await pages.link("member")
    for number in range(TRIES):
        assert (await guesser.get(f"/login/guess-{number}")).status_code == 410
    assert (await guesser.get(path)).status_code == 429
    assert (await guesser.post(path)).status_code == 429
    assert (await pages.stranger(client=("198.51.100.9", 1)).get(path)).status_code == 200
    pages.world.home.clock.move(VALID)
    assert (await guesser.get("/login/guess")).status_code == 410


def test_tries_are_remembered_of_so_many_and_one_household_counts_once() -> None:
    tries = Tries(1, MINUTE)
    for number in range(KNOWN + 1):
        tries.note(f"a{number}", NOON)
    assert [tries.used_up(who, NOON) for who in ("a0", "a1", f"a{KNOWN}")] == [False, True, True]
    assert household("2001:db8:1:2:3::4") == household("2001:db8:1:2:ffff::") != household("2001:db8:1:3::4")
    assert household("192.0.2.1") != household("192.0.2.2")
    assert household("") == ""


async def test_over_https_the_cookie_is_bound_to_it_and_the_browser_is_told_to_stay_there(pages: Pages) -> None:
    secure = Pages(pages.world, secure=True)
    member = await secure.browser("member")
    page = await member.get("/me")
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    look = await secure.stranger("https").get(await secure.link("asker"))
    cookie = look.headers["set-cookie"].lower()
    assert cookie.startswith("__host-winwin=")
    assert all(f"; {flag}" in cookie for flag in ("path=/", "httponly", "samesite=lax", "secure"))
    assert "domain" not in cookie
    plain = await pages.stranger().get(await pages.link("owner"))
    assert "strict-transport-security" not in plain.headers
    assert "httponly; samesite=lax" in plain.headers["set-cookie"]
