"""Where somebody lives, as they say it on their own page."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.inbound import BadInput, submitted
from adapters.web.site import Site
from bot.cards import Form
from bot.countries import unknown_country
from bot.safety.whereabouts import country_named


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/me/country")
    async def country(request: Request) -> Response:
        viewer, fields = await site.form(request)
        typed = fields.one("country").strip()
        if typed and not country_named(typed):
            raise BadInput(unknown_country(str))
        fact = submitted(fields.one("press"), Form.COUNTRY, "", {"country": typed}, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/me", "Saved.")

    return router
