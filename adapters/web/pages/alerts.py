"""The safety alerts that nobody has closed yet."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.site import Site
from adapters.web.viewer import may
from bot.alarming import may_watch
from bot.safety.alerts import Alert
from bot.showing.alerts import meaning_of


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/alerts")
    async def alerts(request: Request) -> Response:
        viewer = await site.viewer(request)
        may(viewer.watches_safety, "a moderator or a safety lead")
        async with site.services.store.read() as tx:
            found = [a for a in await tx.alerts.open() if may_watch(a, viewer.record)]
        rows = [(a, site.address(a.place), _meaning(a)) for a in found]
        name = await site.names(a.taken_by for a in found)
        return await site.page(request, viewer, "alerts.html", rows=rows, clock=site.eyes(viewer).clock, name=name)

    return router


def _meaning(alert: Alert) -> str:
    if alert.drill:
        return "This is a drill. Nobody is in danger."
    return " ".join(meaning_of(code, str) for code in alert.found)
