"""Scripts in everything that somebody writes: in each field of each form that a page has, and in all that is stored.
Whatever page is drawn afterwards is read as a browser reads it, and none of it is an element, attribute or address."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from probes import ADDRESS, MARK, PROBES, Form, Page

from adapters.storage.chat import Chat
from adapters.storage.database import Database
from bot.cards import Action, Button, Card, Direct, Link, OnlyFor, Quote, ResourceShown, Text
from bot.community import Appointment, Channel, Role, Topic, Trust
from bot.events import Place
from bot.policy import Mode
from knowledge.resources import Resource
from tests.dialogues.rights import World
from tests.fakes.members_pages import LOCAL, SLACK, Browser, Pages, routes_of
from tests.fakes.tables import tables
from tests.fakes.values import NOON

PROBE = PROBES[0]
ASKED = f"?q={MARK}<{MARK}>&topic=<{MARK}>&ask=<{MARK}>&title=<{MARK}>"
NOT_SENT = {"/sign-out", "/become", "/clock"}  # they end the walk, and take no words
STREAMS = {"/live"}  # never end; what they carry is drawn by the same templates
WHO = ("owner", "volunteer")
MOST_PAGES = 130
MOST_FORMS = 60  # kinds of forms on all pages, many times over


async def written_into(world: World) -> None:
    """A probe in every name, title, text, topic and link of the store."""
    at, store = world.at, world.store
    async with store.begin() as tx:
        for record in await tx.members.all():
            await tx.members.save(replace(record, name=f"{record.key}{PROBE}", time_zone="UTC"))
        for q in list(store._committed["question"].values()):
            found = await tx.questions.get(q.id)
            assert found is not None
            pseudonym = f"Koala{PROBE}" if found.pseudonym else ""
            words = {"text": f"Who knows? {PROBE}", "topics": ("school", PROBE, ADDRESS), "pseudonym": pseudonym}
            await tx.questions.save(replace(found, **words, version=found.version + 1))
        for draft in await tx.drafts.all():
            probed = {"title": f"T{PROBE}", "text": PROBE, "topics": (PROBE, "school"), "asked_as": (PROBE,)}
            await tx.drafts.save(replace(draft, **probed))
        for alert in await tx.alerts.open():
            await tx.alerts.save(replace(alert, rules=(PROBE,), taken_by=at.key("mara")))
        for channel in await tx.channels.all():
            await tx.channels.save(replace(channel, name=PROBE, purpose=PROBE))
        probed = Channel(f"{at.platform}:{at.space}:two", PROBE, Mode.THREAD, PROBE)
        await tx.channels.save(probed)
        await tx.appointments.put(Appointment(at.key("nina"), Role.ORGANISER, at.key("mara"), NOON, PROBE))
        await tx.trusts.put(Trust(f"{at.platform}:{at.space}:9", Role.MODERATOR, PROBE))
        await tx.members.block(at.key("owner"), at.key("nina"), NOON)
        await tx.follows.follow(at.key("owner"), PROBE, NOON)
    shelved = [
        Resource(f"r{n}", f"T{PROBE}", PROBE, url=url, topics=(PROBE, "school"), source=PROBE, reviewed_by=PROBE)
        for n, url in enumerate((ADDRESS, f"https://x.example/{PROBE}", "JaVa\tScript:alert(1)", "data:text/html,x"), 1)
    ]
    await world.home.shelve(*shelved)


async def said_in(chat: Chat) -> None:
    """A probe in everything that stands in the local chat, cards and channels too."""
    await chat.open_channel("general", PROBE, PROBE)
    for author in ("asker", "owner"):
        await chat.add(channel="general", author=author, at=NOON, text=PROBE)
    place = Place("web", "local", "general", "1", "1")
    blocks = (
        *(Text(PROBE), Text(PROBE, strong=True), Text(f"{PROBE}: call 112 or {ADDRESS} (always)"), Quote(PROBE, PROBE)),
        ResourceShown("q-open", "r1", PROBE, PROBE, PROBE, ADDRESS, PROBE),
        *(Link(PROBE, place, ADDRESS), Link(PROBE, replace(place, platform="slack"), ADDRESS)),
    )
    card = Card(blocks, (Button(Action.TAKE, PROBE, PROBE), Button(Action.ANSWER, PROBE, PROBE)))
    from adapters.web.client import WebMessenger
    from adapters.web.live import Viewers
    from tests.fakes.clock import MovableClock

    mouth = WebMessenger(chat, Viewers(), MovableClock())
    for number, to in enumerate((OnlyFor(place, LOCAL.member("owner")), Direct(LOCAL.member("owner")))):
        await mouth.send(to, card, f"w{number}")
    await mouth.send_picture(Direct(LOCAL.member("owner")), card, b"\x89PNG\r\n\x1a\n", PROBE, "w9")


@pytest.fixture(params=["members", "local"])
async def pages(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pages]:
    local = request.param == "local"
    world = World(LOCAL if local else SLACK)
    await world.open()
    await written_into(world)
    database = await Database.open(f"sqlite+aiosqlite:///{tables(tmp_path / 'chat.db')}") if local else None
    chat = Chat(database) if database else None
    if chat is not None:
        await said_in(chat)
    topics = (Topic("school", f"School{PROBE}"), Topic(PROBE, PROBE))
    made = Pages(world, chat, topics=topics, sample_questions=(PROBE,), address=lambda _: ADDRESS)
    if chat is not None:
        people = tuple(replace(p, name=f"{p.name}{PROBE}", role=PROBE, good_for=PROBE) for p in made.services.people)
        made = Pages(world, chat, topics=topics, sample_questions=(PROBE,), people=people)
    yield made
    if database is not None:
        await database.close()
    await world.close()


def beginnings(pages: Pages) -> set[str]:
    """Every page that the application has, with things that are there; what the links lead to comes by itself."""
    there = {"channel": "general", "root": "1", "post_id": "1", "question_id": "q-held", "draft_id": "d-plain"}
    there |= {"resource_id": "r1", "token": PROBE.replace("/", "")}
    found = set()
    for path, methods in routes_of(pages.app):
        if "GET" in methods and path not in STREAMS:
            found.add(re.sub(r"\{(\w+)\}", lambda m: there[m.group(1)], path))
            found.add(
                re.sub(r"\{(\w+)\}", MARK, path) + f"?q={MARK}<{MARK}>&topic=<{MARK}>&ask=<{MARK}>&title=<{MARK}>"
            )
    return found


async def walked(browser: Browser, beginning: set[str]) -> tuple[dict[str, Page], list[str]]:
    """Every page that is found from there, and what is wrong with them."""
    read: dict[str, Page] = {}
    wrong: list[str] = []
    waiting = sorted(beginning)
    while waiting and len(read) < MOST_PAGES:
        path = waiting.pop()
        if path in read or path.partition("?")[0] in STREAMS:
            continue
        answer = await browser.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            if answer.status_code != 303 and MARK in answer.text:
                wrong += (
                    [] if answer.headers["x-content-type-options"] == "nosniff" else [f"{path} may be read as a page"]
                )
            continue
        assert answer.status_code < 500, (path, answer.text[:200])
        page = read[path] = Page(answer.text)
        wrong += [f"{path}: {what}" for what in page.wrong]
        waiting += sorted(page.links - read.keys())
    return read, wrong


async def test_what_is_stored_is_only_ever_read_as_words(pages: Pages) -> None:
    shown = 0
    for name in WHO:
        read, wrong = await walked(await pages.browser(name), beginnings(pages))
        assert wrong == []
        shown += sum(MARK in page.text for page in read.values())
    assert shown > 20  # the probes are there to be seen


async def test_what_is_sent_in_any_field_of_any_form_is_only_ever_read_as_words(pages: Pages) -> None:
    browser = await pages.browser("owner")
    read, _ = await walked(browser, beginnings(pages))
    forms = {(_kind(form.action), frozenset(form.fields)): form for page in read.values() for form in page.forms}
    assert 6 < len(forms) < MOST_FORMS
    wrong: list[str] = []
    for form in forms.values():
        if form.action in NOT_SENT or form.fields.get("action") == Action.FORGET_ME:
            continue
        for name in sorted(form.typed):
            wrong += await _sent(browser, form, {name: PROBE})
        for probe in PROBES:
            wrong += await _sent(browser, form, dict.fromkeys(form.typed, probe))
    assert wrong == []
    _, wrong = await walked(browser, beginnings(pages))
    assert wrong == []


async def _sent(browser: Browser, form: Form, probed: dict[str, str]) -> list[str]:
    fields = {name: value for name, value in form.fields.items() if name not in ("csrf", "press")}
    if form.method == "get":
        answer = await browser.http.get(form.action, params={**fields, **probed})
    else:
        answer = await browser.post(form.action, {**fields, **probed})
    assert answer.status_code < 500, (form.action, probed)
    to = answer.headers.get("location", "/")
    wrong = [f"{form.action} leads to {to}"] if not to.startswith("/") or to.startswith("//") else []
    if answer.headers.get("content-type", "").startswith("text/html"):
        wrong += [f"{form.action} {sorted(probed)}: {what}" for what in Page(answer.text).wrong]
    return wrong


def _kind(action: str) -> str:
    """Forms of one kind differ only by what they are about."""
    return re.sub(r"/(?:[^/]*\d[^/]*|[qda]-[^/]*)", "/…", action)


def test_the_reader_sees_what_a_browser_would() -> None:
    bad = (
        *(f"<p>{PROBE}</p>", f'<a href="{ADDRESS}">x</a>', "<a href=' java\nscript:x'>x</a>", "<p style='x'>"),
        *("<script>x</script>", '<script src="https://x.example/a.js"></script>', "<iframe></iframe>", "1337"),
        *('<form action="javascript:x"></form>', '<img src="https://x.example/a.png">', "<p onclick=x>"),
    )
    assert [text for text in bad if not Page(text).wrong] == []
    assert Page('<a href="https://x.example">x</a><script src="/static/app.js"></script>').wrong == []
