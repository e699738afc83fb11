"""What winwin keeps about whoever looks, and what they want of it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.inbound import BadInput, pressed, submitted
from adapters.web.people import member_of
from adapters.web.site import Site
from bot.cards import Action, Form

OF_ONESELF = (Action.OPT_OUT, Action.OPT_IN, Action.FORGET_ME)
WRITTEN = "Done. winwin has written to you in private."


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/me")
    async def me(request: Request) -> Response:
        viewer = await site.viewer(request)
        data = await site.services.lookups.my_data(viewer.member.key)
        blocked = await site.services.lookups.blocked(viewer.member.key)
        out = {m.key for m in blocked} | {viewer.member.key}
        people = [(key, p.name) for p in site.services.people if (key := member_of(p.id).key) not in out]
        return await site.page(request, viewer, "me.html", data=data, blocked=blocked, people=people)

    @router.get("/me/data.json")
    async def my_data(request: Request) -> Response:
        viewer = await site.viewer(request)
        content = await site.services.lookups.my_data_file(viewer.member.key)
        headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
        return Response(content, media_type="application/json", headers=headers)

    @router.post("/me/block")
    async def block(request: Request) -> Response:
        """Somebody is not asked about the visitor's questions any more, or may be asked again."""
        viewer, fields = await site.form(request)
        values = {"other": fields.one("other"), "on": "no" if fields.one("on") == "no" else "yes"}
        fact = submitted(fields.one("press"), Form.BLOCK, "", values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/me", WRITTEN)

    @router.post("/me/link")
    async def link(request: Request) -> Response:
        """A code for another account, a code from one, or this account by itself again."""
        viewer, fields = await site.form(request)
        form = Form.UNLINK if fields.one("unlink") == "yes" else Form.LINK
        values = {"code": fields.one("code")}
        fact = submitted(fields.one("press"), form, "", values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/private" if site.services.local else "/me", WRITTEN)

    @router.post("/me")
    async def about_me(request: Request) -> Response:
        viewer, fields = await site.form(request)
        if fields.one("action") not in OF_ONESELF:
            raise BadInput("There is no such button. Load the page again and try once more.")
        action = fields.one("action")
        if action == Action.FORGET_ME and site.services.local:
            # First: the desk then wipes what the database file still holds.
            await site.services.chat.forget(viewer.person.id, site.now)
            site.services.viewers.wake()
        await site.services.receive([pressed(fields.one("press"), action, viewer.member.key, viewer.member, site.now)])
        await site.services.settle()
        if action == Action.FORGET_ME and not site.services.local:
            return site.back(request, "/login")
        return site.back(request, "/me", WRITTEN)

    return router
