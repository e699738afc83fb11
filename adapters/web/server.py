"""The web server: `create_app` puts the pages together and decides how every mistake is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from types import ModuleType

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from adapters.web import gate
from adapters.web.gate import Gate
from adapters.web.inbound import BadInput
from adapters.web.machines import Stranger
from adapters.web.pages import (
    alerts,
    board,
    community,
    curating,
    letters,
    library,
    live,
    living,
    login,
    moderate,
    opening,
    ops,
    own,
    press,
    report,
    rights,
    visitor,
    volunteer,
    why,
)
from adapters.web.services import Services
from adapters.web.session import COOKIE, KEPT, Forged
from adapters.web.shield import ANY_HOST, Shield, headers_of
from adapters.web.site import Site
from adapters.web.viewer import NotAllowed, NotFound
from bot.ports import Store
from bot.signing_in import SIGNED_IN

LOCAL = (
    *(community, live, press, opening, visitor, own, living, volunteer, letters),
    *(library, curating, board, moderate, alerts, rights, why, report, ops),
)
MEMBERS = (login, board, report, alerts, rights, own, living, press, ops)
UNDER_ANY_NAME = ("/healthz", "/readyz", "/metrics", "/slack/events", "/slack/install", "/slack/oauth_redirect")


def create_app(services: Services) -> FastAPI:
    """The local community's site. It serves from the first moment; what needs the model says so until it is loaded."""
    site = Site(services)
    return _site_app(site, LOCAL, [_shield(services), _session(services, KEPT)])


def members_app(services: Services) -> FastAPI:
    """The pages of members who chat elsewhere, for whoever has signed in by a link; a platform mounts its own."""
    site = Site(services)

    async def refuse(request: Request) -> Response:
        if _for_programs(request):
            return JSONResponse({"error": f"Nobody is signed in here any more. {login.HOW}"}, 401)
        return site.outside("Please sign in", login.HOW, status=401)

    closed = Middleware(Gate, store=services.store, now=services.clock.now, refuse=refuse)
    signed_in = int(SIGNED_IN.total_seconds())
    return _site_app(site, MEMBERS, [_shield(services, UNDER_ANY_NAME), _session(services, signed_in), closed])


def _shield(services: Services, any_host: Sequence[str] = ()) -> Middleware:
    return Middleware(Shield, hosts=services.hosts, any_host=any_host, secure=services.secure)


def _session(services: Services, kept: int) -> Middleware:
    """`__Host-`: the browser itself then takes care that no other site, and none of the same domain, sets it."""
    return Middleware(
        SessionMiddleware,
        secret_key=services.secret_key,
        session_cookie=f"__Host-{COOKIE}" if services.secure else COOKIE,
        max_age=kept,
        same_site="lax",  # the link in a chat is followed from elsewhere
        https_only=services.secure,
    )


def _site_app(site: Site, pages: Sequence[ModuleType], middleware: Sequence[Middleware]) -> FastAPI:
    app = FastAPI(
        title="winwin",
        version=site.services.version,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=middleware,
    )
    for page in pages:
        app.include_router(page.routes(site))
    folder = Path(str(resources.files("adapters.web").joinpath("static")))
    app.mount("/static", StaticFiles(directory=folder), name="static")
    _answer_mistakes(app, site)
    return app


def machines_app(
    store: Store, ready: Callable[[], bool], metrics: CollectorRegistry, version: str, api_token: str = ""
) -> FastAPI:
    """The web server of a bot whose people are elsewhere and have no pages: health and metrics, and what a platform
    mounts in it. It has no page and no cookie, so it answers under every name; a platform's requests are signed."""
    app = FastAPI(
        title="winwin",
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Shield, hosts=(ANY_HOST,))],
    )
    app.include_router(ops.health_routes(store, ready, metrics, api_token))
    _answer_strangers(app)
    return app


def _answer_strangers(app: FastAPI) -> None:
    @app.exception_handler(Stranger)
    async def stranger(_: Request, __: Stranger) -> Response:
        line = (
            "This is for programs of this machine. From elsewhere: set WINWIN_API_TOKEN, and show it as a bearer token."
        )
        return JSONResponse({"error": line}, 403)


def _for_programs(request: Request) -> bool:
    return request.headers.get("x-live") == "1" or request.url.path.startswith("/api/")


def _answer_mistakes(app: FastAPI, site: Site) -> None:
    """Each mistake gets one kind line that says what to do; nothing has been changed then."""
    _answer_strangers(app)

    async def tell(request: Request, status: int, title: str, line: str, who: str = "") -> Response:
        if _for_programs(request):
            return JSONResponse({"error": line}, status)
        if not site.services.local and gate.who(request) is None:
            return site.outside(title, line, status=status)
        viewer = await site.viewer(request)
        return await site.page(request, viewer, "message.html", status=status, title=title, line=line, who=who)

    @app.exception_handler(BadInput)
    async def bad_input(request: Request, problem: BadInput) -> Response:
        return await tell(request, 422, "That did not work", str(problem))

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, problem: RequestValidationError) -> Response:
        first = problem.errors()[0]
        return await tell(request, 422, "That did not work", f"{first['loc'][-1]}: {first['msg']}.")

    @app.exception_handler(Forged)
    async def forged(request: Request, _: Forged) -> Response:
        line = "This page was open for too long, or its cookie is gone. Load it again and try once more."
        return await tell(request, 403, "Please load the page again", line)

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, problem: NotAllowed) -> Response:
        return await tell(request, 403, "This is for somebody else", f"This is for {problem.who}.", problem.who)

    @app.exception_handler(NotFound)
    async def not_found(request: Request, _: NotFound) -> Response:
        return await tell(request, 404, "Nothing here", "There is nothing at this address, or it has been taken away.")

    @app.exception_handler(HTTPException)
    async def http_mistake(request: Request, problem: HTTPException) -> Response:
        if problem.status_code == 404:
            return await not_found(request, NotFound())
        return await tell(request, problem.status_code, "That did not work", f"{problem.detail}.")

    @app.exception_handler(ClientDisconnect)
    async def gone_away(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody is there to read it, and nothing broke

    @app.exception_handler(Exception)
    async def broken(request: Request, _: Exception) -> Response:
        # Nothing of ours stands around this answer, so it has its headers from here.
        guards = headers_of(request.url.path, secure=site.services.secure)
        line = "Something broke on our side. What was sent before is safe; please try once more in a moment."
        if _for_programs(request):
            return JSONResponse({"error": line}, 500, guards)
        return PlainTextResponse(line + "\n", 500, guards)
