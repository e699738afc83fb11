"""Buttons on cards."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.web.inbound import pressed
from adapters.web.session import new_press
from adapters.web.site import Site


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/press")
    async def press(request: Request) -> Response:
        viewer, fields = await site.form(request)
        fact = pressed(fields.one("press"), fields.one("action"), fields.one("subject"), viewer.member, site.now)
        await site.services.receive([fact])
        if request.headers.get("x-live") == "1":
            return JSONResponse({"go": "", "press": new_press()})
        return site.back(request, fields.one("back") or "/")

    return router
