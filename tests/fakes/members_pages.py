"""The pages of a small community in memory, as browsers: those of members who chat elsewhere, and the local ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import unescape
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from adapters.web.people import Person
from adapters.web.server import create_app, members_app
from adapters.web.services import Services
from bot.community import Topic
from bot.events import PlatformEvent
from bot.measures import Records, build
from bot.report import Report
from bot.signing_in import make_link
from tests.dialogues.rights import EVERYBODY, Home, World
from tests.fakes.values import NOON

SLACK = Home("slack", "T1", lambda name: f"U{name.upper()}")
LOCAL = Home("web", "local", lambda name: name)
FROM_AFAR = ("203.0.113.7", 4711)  # where a stranger's request comes from

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Pages:
    """`receive` writes down what the site made of what was sent, before the desk has it."""

    def __init__(self, world: World, chat: Any = None, **changes: Any) -> None:
        self.world = world
        self.store = world.store
        self.received: list[PlatformEvent] = []
        home = world.home
        self.services = Services(
            store=world.store,
            chat=chat,
            clock=home.clock,  # type: ignore[arg-type]  # nobody moves it from a page here
            receive=self._receive,
            settle=home.desk.settle,
            ready=lambda: True,
            report=_report,
            lookups=home.lookups,
            topics=(Topic("school", "School"),),
            people=tuple(Person(name, name.title(), "parent") for name in (*EVERYBODY, "mara", "kofi", "nina")),
            sample_questions=(),
            secret_key="k" * 40,
            version="0.0.0",
            metrics=CollectorRegistry(),
            demo=False,
            local=chat is not None,
            hosts=("pages.example.org",),
            address=lambda place: f"https://chat.example.org/{place.message}",
        )
        self.services = replace(self.services, **changes)
        self.app: FastAPI = (create_app if self.services.local else members_app)(self.services)

    async def _receive(self, events: Sequence[PlatformEvent]) -> None:
        self.received += events
        await self.world.home.desk.receive(events)

    def stranger(self, scheme: str = "http", client: tuple[str, int] = FROM_AFAR) -> httpx.AsyncClient:
        """A browser that nobody is signed in with."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=client)
        return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://pages.example.org")

    async def link(self, name: str) -> str:
        """The path of a one-time link."""
        return f"/login/{await make_link(self.store, self.world.at.key(name), self.services.clock.now())}"

    async def browser(self, name: str) -> Browser:
        """Somebody who is signed in; in the local community whoever says so."""
        http = self.stranger("https" if self.services.secure else "http")
        if self.services.local:
            form = {"csrf": csrf_of((await http.get("/people")).text), "person": name, "back": "/"}
            assert (await http.post("/become", data=form)).status_code == 303
            return Browser(http, csrf_of((await http.get("/people")).text))
        path = await self.link(name)
        token = csrf_of((await http.get(path)).text)
        assert (await http.post(path, data={"csrf": token})).status_code == 303
        return Browser(http, csrf_of((await http.get("/me")).text))


class Browser:
    """Sends forms with the token of its pages, each press once."""

    def __init__(self, http: httpx.AsyncClient, csrf: str) -> None:
        self.http = http
        self.csrf = csrf
        self._count = 0

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, values: dict[str, str] | None = None) -> httpx.Response:
        self._count += 1
        return await self.http.post(
            path, data={"csrf": self.csrf, "press": f"press-{self._count:08d}", **(values or {})}
        )


def csrf_of(page: str) -> str:
    found = _CSRF.search(page)
    assert found, page[:500]
    return unescape(found[1])


def routes_of(app: Any) -> list[tuple[str, frozenset[str]]]:
    """Every (path, methods) of the application and its routers; what is mounted ends with a slash."""
    return list(_routes(app.routes))


def _routes(routes: Iterable[Any]) -> Iterable[tuple[str, frozenset[str]]]:
    for route in routes:
        if hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes)
        else:
            methods = frozenset(getattr(route, "methods", None) or ())
            yield route.path if methods else f"{route.path}/", methods


async def _report() -> Report:
    return build(Records(), NOON, NOON)
