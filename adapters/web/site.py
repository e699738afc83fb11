"""What all pages share: the frame around a page, and how a page is drawn for whoever looks at it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from adapters.web import session
from adapters.web.chat import PLATFORM, private_channel
from adapters.web.client import path_of
from adapters.web.gate import who
from adapters.web.in_words import day, duration, language_name, percent
from adapters.web.outbound import web_address
from adapters.web.people import TRY, Person, hue, initials
from adapters.web.posts import Eyes
from adapters.web.services import Services
from adapters.web.session import Fields, Visit
from adapters.web.viewer import SignedOut, Viewer
from bot.events import Place


@dataclass(frozen=True, slots=True)
class RoomLink:
    id: str
    name: str
    href: str
    unread: int
    here: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Somebody for whom something waits in private."""

    person: Person
    waiting: int


@dataclass(frozen=True, slots=True)
class Frame:
    rooms: tuple[RoomLink, ...]
    private: RoomLink
    elsewhere: tuple[Elsewhere, ...]
    clock: str
    clock_place: str
    clock_long: str
    ready: bool


class Site:
    def __init__(self, services: Services) -> None:
        self.services = services
        self._pages = Environment(
            loader=PackageLoader("adapters.web", "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.globals.update(
            version=services.version,
            assets=asset_version(),
            demo=services.demo,
            local=services.local,
            topics=services.topics,
            press=session.new_press,
            initials=initials,
            hue=hue,
            try_as=TRY,
            name_of=self.name_of,
            topic_name=self.topic_name,
            language_name=language_name,
        )
        self._pages.filters.update(duration=duration, percent=percent, day=day)

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    def name_of(self, member_key: str) -> str:
        """The name of a member of the local community given by key, as people know it."""
        if not self.services.local:
            return "somebody"
        person = member_key.rsplit(":", 1)[-1]
        return next((p.name for p in self.services.people if p.id == person), person or "somebody")

    def topic_name(self, topic: str) -> str:
        return next((t.label for t in self.services.topics if t.id == topic), topic)

    async def names(self, keys: Iterable[str]) -> Callable[[str], str]:
        """The same for members anywhere, looked up together."""
        if self.services.local:
            return self.name_of
        async with self.services.store.read() as tx:
            found = await tx.members.get(sorted(set(keys) - {""}))
        names = {key: record.name for key, record in found.items()}
        return lambda key: names.get(key) or "somebody"

    def address(self, place: Place) -> str:
        """Where a link to a place leads; a page never links to anything but itself and the web."""
        if place.platform == PLATFORM:
            return path_of(place) if self.services.local else ""
        return web_address(self.services.address(place))

    def visit(self, request: Request) -> Visit:
        """Raises SignedOut."""
        if self.services.local:
            return session.visit(request, self.services.people, self.services.secret_key)
        record = who(request)
        if record is None:
            raise SignedOut
        return session.visit_of(request, record, self.services.secret_key)

    async def viewer(self, request: Request) -> Viewer:
        visit = self.visit(request)
        key = visit.member.key
        async with self.services.store.read() as tx:
            records = await tx.members.get([key])
            volunteer = await tx.volunteers.get(key)
        return Viewer(visit, records.get(key), volunteer)

    async def form(self, request: Request) -> tuple[Viewer, Fields]:
        """The viewer and what they sent. Raises Forged."""
        viewer = await self.viewer(request)
        return viewer, await session.read_form(request, viewer.visit.csrf)

    def eyes(self, viewer: Viewer) -> Eyes:
        people = {p.id: p for p in self.services.people}
        return Eyes(viewer.person.id, viewer.time_zone, self.now, viewer.saves, people)

    async def frame(self, viewer: Viewer, here: str = "") -> Frame:
        if not self.services.local:
            return Frame((), RoomLink("", "", "", 0, here=False), (), "", "", "", self.services.ready())
        chat, me = self.services.chat, viewer.person.id
        unread = await chat.unread(me)
        own = private_channel(me)
        rooms = tuple(
            RoomLink(r.id, r.name, f"/c/{r.id}", 0 if r.id == here else unread.get(r.id, 0), r.id == here)
            for r in await chat.channels()
        )
        waiting, people = await chat.waiting(), {p.id: p for p in self.services.people}
        local = self.now.astimezone(ZoneInfo(viewer.time_zone))
        return Frame(
            rooms,
            RoomLink(own, "winwin", "/private", 0 if own == here else unread.get(own, 0), own == here),
            tuple(Elsewhere(people[who], count) for who, count in waiting.items() if who in people and who != me),
            f"{local:%a %H:%M}",
            viewer.time_zone.rpartition("/")[2].replace("_", " "),
            f"{local:%A} {local.day} {local:%B}, {local:%H:%M} ({viewer.time_zone})",
            self.services.ready(),
        )

    def draw(self, template: str, **context: Any) -> str:
        return self._pages.get_template(template).render(context)

    async def page(
        self, request: Request, viewer: Viewer, template: str, *, here: str = "", status: int = 200, **context: Any
    ) -> HTMLResponse:
        flash = request.session.pop("flash", "")
        frame = await self.frame(viewer, here)
        path = request.url.path
        html = self.draw(
            template, viewer=viewer, csrf=viewer.visit.csrf, frame=frame, flash=flash, path=path, **context
        )
        return HTMLResponse(html, status)

    def outside(
        self,
        title: str,
        line: str,
        *,
        status: int = 200,
        csrf: str = "",
        to: str = "",
        button: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """A page for whoever is not signed in; with `button`, a form that is sent `to`."""
        html = self.draw("outside.html", title=title, line=line, csrf=csrf, to=to, button=button)
        return HTMLResponse(html, status, headers)

    def back(self, request: Request, to: str, flash: str = "") -> RedirectResponse:
        """After a step: the page to go on with, and a line on it."""
        if flash:
            request.session["flash"] = flash
        return RedirectResponse(own_path(to), 303)


def own_path(address: str) -> str:
    """A path of this site, whatever was asked for: no redirect leads elsewhere."""
    plain = "".join(c for c in address if c > " " and c != "\x7f")  # browsers leave some of these out themselves
    try:
        url = urlsplit(plain)
    except ValueError:
        return "/"
    ours = plain.startswith("/") and not plain.startswith("//") and "\\" not in plain  # to browsers a kind of slash
    return plain if ours and not url.scheme and not url.netloc else "/"


def asset_version() -> str:
    """Changes when the style or the script does, so that browsers never mix old with new."""
    folder = resources.files("adapters.web").joinpath("static")
    parts = [folder.joinpath(name).read_bytes() for name in ("style.css", "app.js")]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:10]
