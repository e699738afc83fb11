"""For moderators: what winwin does in each channel, and the safety alerts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import PLATFORM, SPACE
from adapters.web.client import path_of
from adapters.web.inbound import BadInput, submitted
from adapters.web.pages.library import MODERATORS
from adapters.web.site import NotFound, Site, may
from bot.cards import Form
from bot.policy import Mode
from bot.showing.alerts import meaning_of

MODES = (
    (Mode.THREAD, "Answers in the thread", "Everybody in the channel sees what winwin suggests."),
    (Mode.HINT, "Whispers", "Only the one who asked sees it."),
    (Mode.MENTION, "When called", "Only when somebody writes @winwin."),
    (Mode.OFF, "Stays silent", "winwin says nothing. It still looks out for emergencies."),
)


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/channels")
    async def channels(request: Request) -> Response:
        viewer = await site.viewer(request)
        may(viewer.can(Form.CHANNEL), MODERATORS)
        rooms = await site.services.chat.channels()
        settings = {r.id: await site.services.lookups.channel_settings(channel_key(r.id)) for r in rooms}
        async with site.services.store.read() as tx:
            trusts = await tx.trusts.all()
        return await site.page(
            request, viewer, "channels.html", rooms=rooms, settings=settings, choices=MODES, trusts=trusts
        )

    @router.post("/channels/{channel}")
    async def set_mode(request: Request, channel: str) -> Response:
        viewer, fields = await site.form(request)
        may(viewer.can(Form.CHANNEL), MODERATORS)
        room = next((r for r in await site.services.chat.channels() if r.id == channel), None)
        if room is None:
            raise NotFound
        mode = fields.one("mode")
        if mode not in set(Mode):
            raise BadInput("Choose what winwin does in the channel: one of the four.")
        values = {"mode": mode, "digest": "yes" if fields.one("digest") == "yes" else "no"}
        fact = submitted(fields.one("press"), Form.CHANNEL, channel_key(channel), values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/channels", f"Saved for {room.name}.")

    @router.get("/alerts")
    async def alerts(request: Request) -> Response:
        viewer = await site.viewer(request)
        may(viewer.watches_safety, "a moderator or a safety lead")
        async with site.services.store.read() as tx:
            found = await tx.alerts.open()
        rows = [(a, path_of(a.place) if a.place.platform == PLATFORM else "", meaning_of(a.code, str)) for a in found]
        return await site.page(request, viewer, "alerts.html", rows=rows, clock=site.eyes(viewer).clock)

    return router


def channel_key(channel: str) -> str:
    return f"{PLATFORM}:{SPACE}:{channel}"
