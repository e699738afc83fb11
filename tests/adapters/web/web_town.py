"""A web community on a scratch database, with a desk that only writes down what it hears."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.web.client import WebMessenger
from adapters.web.people import Person, member_of
from adapters.web.server import create_app
from adapters.web.services import Services
from bot.community import MemberRecord, Role, Topic, VolunteerSettings
from bot.events import PlatformEvent
from bot.judging import Judge
from bot.librarian import Librarian
from bot.lookups import Lookups
from bot.measures import Records, build
from bot.policy import Policy
from bot.report import Report
from bot.safety.helplines import load_helplines
from knowledge.resources import Resource
from knowledge.search import Library
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage

NOON = datetime(2025, 3, 5, 12, 0, tzinfo=UTC)
PEOPLE = (
    Person("dana", "Dana P.", "parent", "Asks."),
    Person("tess", "Tess W.", "volunteer", "Answers."),
    Person("sol", "Sol V.", "moderator", "Keeps order."),
)
LETTER = Resource("letter", "A letter for the school", "Ask the clinic.", topics=("school",), reviewed_by="A nurse")


class HandClock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> datetime:
        self.time += by
        return self.time


@dataclass
class Desk:
    """Hears everything once; a fact with a known key is a repeat."""

    heard: list[PlatformEvent] = field(default_factory=list)
    failing: bool = False

    async def receive(self, events: Sequence[PlatformEvent]) -> None:
        if self.failing:
            raise OSError("the desk is down")
        known = {e.key for e in self.heard}
        self.heard += [e for e in events if e.key not in known]


@dataclass
class Town:
    """Everything a test needs of one community."""

    services: Services
    chat: Chat
    desk: Desk
    clock: HandClock
    messenger: WebMessenger
    store: Database
    visitor: httpx.AsyncClient

    def be(self, person: str) -> Visitor:
        return Visitor(self.visitor, person)


@dataclass
class Visitor:
    """A browser: pages are read, forms are sent with the token of the page."""

    http: httpx.AsyncClient
    person: str

    async def get(self, path: str) -> httpx.Response:
        await self._be()
        return await self.http.get(path)

    async def post(self, path: str, values: dict[str, str] | None = None, **more: object) -> httpx.Response:
        await self._be()
        page = await self.http.get("/people")
        data = {"csrf": token(page.text), "press": "press-0000-0001", **(values or {})}
        return await self.http.post(path, data=data, **more)  # type: ignore[arg-type]  # headers and the like

    async def say(self, text: str, channel: str = "school", thread: str = "", press: str = "") -> httpx.Response:
        values = {"channel": channel, "thread": thread, "text": text}
        return await self.post("/say", values | ({"press": press} if press else {}))

    async def _be(self) -> None:
        page = await self.http.get("/people")
        if f'data-person="{self.person}"' not in page.text:
            data = {"csrf": token(page.text), "person": self.person, "back": "/"}
            assert (await self.http.post("/become", data=data)).status_code == 303


def token(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


async def _no_work() -> None:
    """The desk has nothing to do."""


async def _report() -> Report:
    return build(Records(), NOON, NOON - timedelta(days=30))


@asynccontextmanager
async def a_town(folder: Path, ready: Path) -> AsyncIterator[Town]:
    shutil.copy(ready, folder / "web.db")
    store = await Database.open(f"sqlite+aiosqlite:///{folder}/web.db")
    chat, desk, clock = Chat(store), Desk(), HandClock()
    policy, model = Policy(speak_at=0.6), ToyModel()
    librarian = Librarian(Library(DIMENSION, ToyConfidence()), model, "toy", store)  # type: ignore[arg-type]  # a fake
    await librarian.open()
    judge = Judge(ToyTriage(), librarian, model, policy, ToyEar())  # type: ignore[arg-type]  # fakes of the same shape
    topics = (Topic("school", "School"), Topic("diet", "Food"))
    services = Services(
        store=store,
        chat=chat,
        clock=clock,
        receive=desk.receive,
        settle=_no_work,
        ready=lambda: True,
        report=_report,
        lookups=Lookups(store, librarian, judge, clock, policy, topics, desk.receive, load_helplines()),
        topics=topics,
        people=PEOPLE,
        sample_questions=("What can I send the school?",),
        secret_key="k" * 40,
        version="0.0.0",
    )
    messenger = WebMessenger(chat, services.viewers, clock)
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as visitor:
        yield Town(services, chat, desk, clock, messenger, store, visitor)
    await store.close()


async def build_town(file: Path) -> None:
    """The database that every test begins with."""
    store = await Database.open(f"sqlite+aiosqlite:///{file}")
    await settle(store, Chat(store))
    await store.close()


async def settle(store: Database, chat: Chat) -> None:
    roles = {"sol": frozenset({Role.MODERATOR})}
    async with store.begin() as tx:
        await tx.members.seen([(member_of(p.id), p.name) for p in PEOPLE], NOON)
        for p in PEOPLE:
            key = member_of(p.id).key
            await tx.members.save(MemberRecord(key, key, p.name, roles.get(p.id, frozenset()), time_zone="UTC"))
        await tx.volunteers.save(VolunteerSettings(member_of("tess").key, topics=frozenset({"school"})))
        await tx.resources.put([LETTER], NOON)
    await chat.open_channel("school", "School", "Rights and letters")
    await chat.open_channel("talk", "Kitchen table", "Anything")
