"""For moderators: what winwin does in each channel."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import PLATFORM, SPACE
from adapters.web.inbound import BadInput, submitted
from adapters.web.pages.library import MODERATORS
from adapters.web.site import Site
from adapters.web.viewer import NotFound, may
from bot.cards import Form
from bot.channels import own_numbers
from bot.community import Channel
from bot.policy import LOCAL, Mode, Policy, local_bounds
from bot.showing.community_sheets import waiting_sheet
from bot.showing.sheet import Field
from bot.typed import InvalidForm

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
        numbers = {r.id: _numbers(settings[r.id], site.services.lookups.policy) for r in rooms}
        async with site.services.store.read() as tx:
            trusts = await tx.trusts.all()
        shown: dict[str, Any] = {
            "rooms": rooms,
            "settings": settings,
            "choices": MODES,
            "numbers": numbers,
            "trusts": trusts,
        }
        return await site.page(request, viewer, "channels.html", **shown)

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

    @router.post("/channels/{channel}/waiting")
    async def set_waiting(request: Request, channel: str) -> Response:
        viewer, fields = await site.form(request)
        may(viewer.can(Form.WAITING), MODERATORS)
        room = next((r for r in await site.services.chat.channels() if r.id == channel), None)
        if room is None:
            raise NotFound
        values = {name: fields.one(name) for name in LOCAL}
        try:
            own_numbers(values, str)
        except InvalidForm as error:
            raise BadInput(str(error)) from error
        fact = submitted(fields.one("press"), Form.WAITING, channel_key(channel), values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/channels", f"Saved for {room.name}.")

    return router


def _numbers(channel: Channel, policy: Policy) -> list[tuple[Field, tuple[int, int]]]:
    """The fields of the channel's own numbers, with their bounds."""
    return [(field, local_bounds(field.name)) for field in waiting_sheet(channel, policy, str).fields]


def channel_key(channel: str) -> str:
    return f"{PLATFORM}:{SPACE}:{channel}"
