"""For those who moderate: who was given which role, and seeing, together with somebody, who asked without a name."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.inbound import BadInput, submitted
from adapters.web.pages.library import MODERATORS
from adapters.web.people import member_of
from adapters.web.site import Site
from adapters.web.viewer import Viewer, may
from bot.cards import Form
from bot.community import QuestionFilter, Reason
from bot.permissions import APPOINTS, Look, may_appoint
from bot.showing.rights import appointment_line, proof_names, reason_names, role_name

WATCH = "a moderator or a safety lead"
NAMELESS = 30  # questions without a name on a page


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/roles")
    async def roles(request: Request) -> Response:
        viewer = await site.viewer(request)
        may(viewer.can(Look.RIGHTS), MODERATORS)
        async with site.services.store.read() as tx:
            given = await tx.appointments.all()
            members = await tx.members.get(sorted({key for one in given for key in (one.member, one.by)}))
        lines = [appointment_line(one, members, "en", str) for one in given]
        people = [(member_of(p.id).key, p.name) for p in site.services.people if p.id != viewer.person.id]
        shown: dict[str, Any] = {"lines": lines, "people": people, "roles": _roles(viewer), "proofs": proof_names(str)}
        return await site.page(request, viewer, "roles.html", **shown)

    @router.post("/roles")
    async def appoint(request: Request) -> Response:
        viewer, fields = await site.form(request)
        may(viewer.can(Form.APPOINT), MODERATORS)
        values = {name: fields.one(name) for name in ("who", "role", "on", "proof")}
        if not values["who"] or not values["role"]:
            raise BadInput("Choose who, and as what.")
        fact = submitted(fields.one("press"), Form.APPOINT, "", values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/roles", "Done. winwin has written to you in private.")

    @router.get("/unmask")
    async def unmask(request: Request) -> Response:
        viewer = await site.viewer(request)
        may(viewer.can(Form.UNMASK), WATCH)
        async with site.services.store.read() as tx:
            found = await tx.questions.find(QuestionFilter())
        nameless = [q for q in reversed(found) if q.pseudonym and not q.unposted][:NAMELESS]
        rows = [(q, "" if q.private else site.address(q.place)) for q in nameless]
        shown: dict[str, Any] = {"rows": rows, "reasons": reason_names(str), "clock": site.eyes(viewer).clock}
        return await site.page(request, viewer, "unmask.html", **shown)

    @router.post("/unmask/{question_id}")
    async def ask_second(request: Request, question_id: str) -> Response:
        viewer, fields = await site.form(request)
        may(viewer.can(Form.UNMASK), WATCH)
        if fields.one("reason") not in set(Reason):
            raise BadInput("Choose why you need to see it: one of the reasons.")
        values = {"reason": fields.one("reason")}
        fact = submitted(fields.one("press"), Form.UNMASK, question_id, values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/unmask", "Done. winwin has written to you in private.")

    return router


def _roles(viewer: Viewer) -> list[tuple[str, str]]:
    """Those that the viewer may give."""
    record = viewer.record
    return [(role.value, role_name(role, str)) for role in APPOINTS if record is not None and may_appoint(role, record)]
