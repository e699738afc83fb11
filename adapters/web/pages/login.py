"""Signing in by a one-time link, and signing out. Looking at a link changes nothing: its button spends it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.web import session
from adapters.web.gate import KEPT, who
from adapters.web.site import Site
from adapters.web.tries import Tries, household
from bot import signing_in
from bot.community import MemberRecord

TRIES, WITHIN = 20, timedelta(minutes=10)  # links of no use that one address may try
HOW = "Write /winwin web where you chat with winwin: it gives you a link, for you alone."
FORGET_HERE = {"Clear-Site-Data": '"cache", "storage"'}


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    door = Door(site)

    @router.get("/")
    async def home() -> Response:
        return RedirectResponse("/board", 303)

    @router.get("/login")
    async def how() -> Response:
        return site.outside("Your pages", HOW)

    @router.get("/login/{token}")
    async def look(request: Request, token: str) -> Response:
        return await door.look(request, token)

    @router.post("/login/{token}")
    async def sign_in(request: Request, token: str) -> Response:
        return await door.sign_in(request, token)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        viewer, fields = await site.form(request)
        if fields.one("everywhere") == "yes":
            await signing_in.sign_out_everywhere(site.services.store, viewer.member.key, site.now)
        else:
            await door.let_go(request, viewer.member.key)
        request.session.clear()
        return site.outside("You are signed out", f"To come back: {HOW[0].lower()}{HOW[1:]}", headers=FORGET_HERE)

    return router


class Door:
    """Who comes in, and who has tried too often."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._store = site.services.store
        self._vain = Tries(TRIES, WITHIN)

    async def look(self, request: Request, token: str) -> Response:
        if self._used_up(request):
            return self._too_often()
        record = await signing_in.meant(self._store, token, self._site.now)
        if record is None:
            return self._of_no_use(request)
        csrf = session.own_token(request, self._site.services.secret_key)
        line = "This link is for you alone. It works once; press the button to use it."
        return self._site.outside(
            "Sign in", line, csrf=csrf, to=f"/login/{token}", button=f"Sign in as {_called(record)}"
        )

    async def sign_in(self, request: Request, token: str) -> Response:
        """Everything the browser had before goes: nobody can have prepared it."""
        if self._used_up(request):
            return self._too_often()
        await session.read_form(request, session.own_token(request, self._site.services.secret_key))
        spent = await signing_in.spend(self._store, token, self._site.now)
        if spent is None:
            return self._of_no_use(request)
        before = who(request)
        if before is not None:
            await self.let_go(request, before.key)
        request.session.clear()
        request.session[KEPT] = spent[1]
        return RedirectResponse("/", 303)

    async def let_go(self, request: Request, member: str) -> None:
        await signing_in.sign_out(self._store, member, str(request.session.get(KEPT, "")), self._site.now)

    def _used_up(self, request: Request) -> bool:
        return self._vain.used_up(_address(request), self._site.now)

    def _of_no_use(self, request: Request) -> Response:
        self._vain.note(_address(request), self._site.now)
        line = f"A link works once and for ten minutes, and this one has been used or is too old. {HOW}"
        return self._site.outside("This link has done its work", line, status=410)

    def _too_often(self) -> Response:
        line = "Too many links that are of no use came from where you are. Please try again in ten minutes."
        return self._site.outside("Please wait a little", line, status=429)


def _address(request: Request) -> str:
    return household(request.client.host if request.client else "")


def _called(record: MemberRecord) -> str:
    return record.name or f"yourself, on {record.key.partition(':')[0].title()}"
