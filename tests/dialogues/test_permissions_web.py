"""Every action, form and page by everybody, as requests to the site: forged buttons, forms that no page has shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from prometheus_client import CollectorRegistry

from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.web.people import Person
from adapters.web.server import create_app
from adapters.web.services import Services
from bot.cards import Action, Form
from bot.community import Topic
from bot.measures import Records, build
from bot.news import Notice
from bot.report import Report
from tests.dialogues.rights import (
    ALL,
    ASKER,
    EVERYBODY,
    HOLDER,
    LEADS,
    MODERATE,
    REFUSALS,
    REVIEW,
    WATCH,
    Case,
    Home,
    World,
    cases,
)
from tests.fakes.tables import tables
from tests.fakes.values import NOON

AT = Home("web", "local", lambda name: name)
PAGES: tuple[tuple[str, frozenset[str]], ...] = (
    *((path, ALL) for path in ("/board", "/report", "/me")),
    ("/channels", MODERATE),
    ("/roles", MODERATE),
    ("/alerts", WATCH),
    ("/unmask", WATCH),
    ("/review", REVIEW),
    ("/review/d-plain", REVIEW),
    ("/resources/new", REVIEW),
    ("/resources/r1/edit", REVIEW),
    ("/answer/q-held", HOLDER),
    ("/write-back/q-nameless", ASKER),
    ("/hand-over/q-held", HOLDER),
)


def paths(case: Case) -> list[tuple[str, dict[str, str]]]:
    """Where a browser sends it."""
    subject, values = quote(case.subject), dict(case.values)
    where = {
        Form.WRITE_BACK: f"/write-back/{subject}",
        Form.HAND_OVER: f"/hand-over/{subject}",
        Form.ANSWER: f"/answer/{subject}",
        Form.SAVE_RESOURCE: "/resources/new",
        Form.EDIT_DRAFT: f"/review/{subject}",
        Form.EDIT_RESOURCE: f"/resources/{subject}/edit",
        Form.RETIRE_RESOURCE: f"/resources/{subject}/retire",
        Form.UNMASK: f"/unmask/{subject}",
        Form.CHANNEL: f"/channels/{AT.channel}",
        Form.WAITING: f"/channels/{AT.channel}/waiting",
        Form.APPOINT: "/roles",
    }
    if isinstance(case.what, Action):
        return [("/press", {"action": case.what, "subject": case.subject})]
    return [(where[case.what], values)] if case.what in where else []


class Site:
    """The site on the small community, and a browser for everybody in it."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        home = world.home
        people = tuple(Person(name, name.title(), "parent") for name in (*EVERYBODY, "mara", "kofi", "nina"))
        self.services = Services(
            store=world.store,
            chat=chat,
            clock=home.clock,  # type: ignore[arg-type]  # nobody moves it from a page here
            receive=home.desk.receive,
            settle=home.desk.settle,
            ready=lambda: True,
            report=_report,
            lookups=home.lookups,
            topics=(Topic("school", "School"),),
            people=people,
            sample_questions=(),
            secret_key="k" * 40,
            version="0.0.0",
            metrics=CollectorRegistry(),
        )
        self._transport = httpx.ASGITransport(create_app(self.services), raise_app_exceptions=False)
        self._browsers: dict[str, tuple[httpx.AsyncClient, str]] = {}
        self._count = 0

    async def open(self) -> None:
        for name in EVERYBODY:
            http = httpx.AsyncClient(transport=self._transport, base_url="http://localhost")
            token = _token((await http.get("/people")).text)
            await http.post("/become", data={"csrf": token, "person": name, "back": "/"})
            self._browsers[name] = (http, _token((await http.get("/people")).text))

    async def close(self) -> None:
        for http, _ in self._browsers.values():
            await http.aclose()

    async def get(self, who: str, path: str) -> int:
        return (await self._browsers[who][0].get(path)).status_code

    async def text(self, who: str, path: str) -> str:
        return (await self._browsers[who][0].get(path)).text

    async def post(self, who: str, path: str, values: dict[str, str]) -> tuple[int, str]:
        """(what the site answered, the key of the fact that it made of it, if it did)."""
        self._count += 1
        http, csrf = self._browsers[who]
        press = f"press-{self._count:08d}"
        answer = await http.post(path, data={"csrf": csrf, "press": press, **values})
        kind = "pressed" if path == "/press" else "submitted"
        return answer.status_code, f"{kind}:{AT.key(who)}:{press}"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    world = World(AT)
    await world.open()
    database = await Database.open(f"sqlite+aiosqlite:///{tables(tmp_path / 'chat.db')}")
    chat = Chat(database)
    await chat.open_channel(AT.channel, "General", "Anything")
    made = Site(world, chat)
    await made.open()
    yield made
    await made.close()
    await database.close()
    await world.close()


async def test_whom_it_is_not_for_is_refused_and_nothing_has_changed(site: Site):
    sent = []
    for case in cases(AT):
        for path, values in paths(case):
            for who in (name for name in EVERYBODY if name not in case.may):
                status, key = await site.post(who, path, values)
                if status not in (403, 404, 422) and not case.silent:
                    sent.append((f"{case.name} by {who}: {status}", key))
    await site.services.settle()
    said = site.world._said()
    wrong = [f"{name}, {said.get(key)}" for name, key in sent if not _refused(said.get(key, set()))]
    assert wrong == []
    assert site.world._changed() == []


async def test_whom_it_is_for_is_let_in_and_it_is_done(site: Site):
    wrong = []
    tried = [case for case in cases(AT) if case.what not in (Action.FORGET_ME, Action.OPT_IN)]
    for case in tried:
        for path, values in paths(case):
            for who in sorted(case.may):
                status, key = await site.post(who, path, values)
                await site.services.settle()
                changed, said = site.world._changed(), site.world._said().get(key, set())
                site.world.store._committed = site.world._begun
                if status not in (200, 303) or _refused(said) or not (changed or case.idle):
                    wrong.append(f"{case.name} by {who}: {status} {said}")
    assert wrong == []


async def test_a_page_opens_for_those_it_is_for_and_for_nobody_else(site: Site):
    opened = {(who, path) for path, _ in PAGES for who in EVERYBODY if await site.get(who, path) == 200}
    assert opened == {(who, path) for path, may in PAGES for who in may}
    child = "It may be about a child who is not safe."
    assert {who for who in WATCH if child in await site.text(who, "/alerts")} == LEADS


def _refused(said: set[Notice]) -> bool:
    return bool(said & REFUSALS)


def _token(page: str) -> str:
    start = page.index('name="csrf" value="') + len('name="csrf" value="')
    return page[start : start + 64]


async def _report() -> Report:
    return build(Records(), NOON, NOON)
