"""What a visitor of the local community can do that no member could: be somebody else, and move the clock."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import BOT, Post, private_channel, private_member
from adapters.web.inbound import BadInput
from adapters.web.people import PersonNow, member_of, person_now
from adapters.web.site import Site
from adapters.web.viewer import NotFound, Viewer

STEPS = {"10m": timedelta(minutes=10), "1h": timedelta(hours=1), "8h": timedelta(hours=8)}
MORNING = time(8, 0)


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/people")
    async def people_page(request: Request) -> Response:
        viewer = await site.viewer(request)
        return await site.page(request, viewer, "people.html", people=await people_now(site, viewer))

    @router.post("/become")
    async def become(request: Request) -> Response:
        viewer, fields = await site.form(request)
        person = next((p for p in site.services.people if p.id == fields.one("person")), None)
        if person is None:
            raise NotFound
        waiting = (await site.services.chat.waiting()).get(person.id, 0)
        request.session["person"] = person.id
        back = fields.one("back")
        leaving = not back.startswith("/c/") or person.id == viewer.person.id
        return site.back(request, "/private" if waiting else "/" if leaving else back)

    @router.post("/welcome/away")
    async def welcomed(request: Request) -> Response:
        _, fields = await site.form(request)
        request.session["welcomed"] = True
        return site.back(request, fields.one("back") or "/")

    @router.post("/welcome/back")
    async def welcome_again(request: Request) -> Response:
        await site.form(request)
        request.session.pop("welcomed", None)
        return site.back(request, "/")

    @router.post("/clock")
    async def clock(request: Request) -> Response:
        if not site.services.demo:
            raise NotFound
        viewer, fields = await site.form(request)
        by = step_of(fields.one("by"), site.now, viewer.time_zone)
        seen = await site.services.chat.latest()
        site.services.clock.advance(by)
        await site.services.settle()
        site.services.viewers.wake()
        line = await what_happened(site, seen)
        return site.back(request, fields.one("back") or "/", f"It is {by_words(by)} later. {line}")

    return router


async def people_now(site: Site, viewer: Viewer) -> list[PersonNow]:
    keys = {p.id: member_of(p.id).key for p in site.services.people}
    async with site.services.store.read() as tx:
        records = await tx.members.get(list(keys.values()))
        settings = {key: await tx.volunteers.get(key) for key in keys.values()}
    waiting = await site.services.chat.waiting()
    return [
        person_now(
            p,
            records.get(keys[p.id]),
            settings[keys[p.id]],
            site.now,
            waiting=waiting.get(p.id, 0),
            me=p.id == viewer.person.id,
        )
        for p in site.services.people
    ]


def step_of(typed: str, now: datetime, time_zone: str) -> timedelta:
    """How far the clock moves. Raises BadInput."""
    if typed == "morning":
        return next_morning(now, time_zone) - now
    if typed not in STEPS:
        raise BadInput("The clock can move by ten minutes, one hour, eight hours, or to the next morning.")
    return STEPS[typed]


def next_morning(now: datetime, time_zone: str) -> datetime:
    """Eight o'clock on the next morning of that place, in UTC."""
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, tzinfo=zone).astimezone(now.tzinfo)


def by_words(by: timedelta) -> str:
    minutes = round(by.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour" + "s" * (hours != 1)] * bool(hours) + [f"{rest} minutes"] * bool(rest)
    return " ".join(parts) or "a moment"


async def what_happened(site: Site, since: int) -> str:
    """One line on what the bot wrote, for whoever it was."""
    posts: list[Post] = []
    channels = [r.id for r in await site.services.chat.channels()]
    for person in site.services.people:
        found = await site.services.chat.changed(since, person.id)
        own = {*channels, private_channel(person.id)}
        posts += [p for p in found if p.author == BOT and p.channel in own]
    unique = {p.id: p for p in posts}
    if not unique:
        return "winwin had nothing to do."
    places = Counter(_where(site, p) for p in unique.values())
    return "winwin wrote " + _list([f"{place}{f' ({count}×)' if count > 1 else ''}" for place, count in places.items()])


def _where(site: Site, post: Post) -> str:
    person = private_member(post.channel) or post.only_for
    return f"to {site.name_of(person)} in private" if person else "in a thread"


def _list(parts: list[str]) -> str:
    return (", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]) + "."
