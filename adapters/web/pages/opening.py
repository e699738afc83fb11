"""The way from a card to the resource that it shows."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.inbound import BadInput, pressed
from adapters.web.session import new_press
from adapters.web.site import Site
from bot.cards import Action


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/open")
    async def open_resource(request: Request) -> Response:
        """Reports that a resource was opened from a card, then shows it. News of a topic belongs to no question."""
        viewer, fields = await site.form(request)
        question, _, resource = fields.one("subject").partition("/")
        if not resource:
            raise BadInput("That link was incomplete. Load the page again and try once more.")
        fact = pressed(new_press(), Action.OPEN_RESOURCE, f"{question}/{resource}", viewer.member, site.now)
        await site.services.receive([fact])
        return site.back(request, f"/resources/{resource}")

    return router
