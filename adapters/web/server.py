"""The web server: `create_app` puts the pages together and decides how every mistake is answered."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from adapters.web.inbound import BadInput
from adapters.web.pages import (
    board,
    community,
    curating,
    letters,
    library,
    live,
    living,
    moderate,
    ops,
    press,
    report,
    rights,
    visitor,
    volunteer,
    why,
)
from adapters.web.services import Services
from adapters.web.session import COOKIE, KEPT, Forged
from adapters.web.shield import ANY_HOST, Shield
from adapters.web.site import NotAllowed, NotFound, Site
from bot.ports import Store

PAGES = (
    *(community, live, press, visitor, living, volunteer, letters),
    *(library, curating, board, moderate, rights, why, report, ops),
)


def create_app(services: Services) -> FastAPI:
    """The whole site. It serves from the first moment; what needs the model says so until it is loaded."""
    site = Site(services)
    app = FastAPI(
        title="winwin",
        version=services.version,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(Shield, hosts=services.hosts),
            Middleware(
                SessionMiddleware,
                secret_key=services.secret_key,
                session_cookie=COOKIE,
                max_age=KEPT,
                same_site="lax",
            ),
        ],
    )
    for page in PAGES:
        app.include_router(page.routes(site))
    folder = Path(str(resources.files("adapters.web").joinpath("static")))
    app.mount("/static", StaticFiles(directory=folder), name="static")
    _answer_mistakes(app, site)
    return app


def machines_app(store: Store, ready: Callable[[], bool], metrics: CollectorRegistry, version: str) -> FastAPI:
    """The web server of a bot whose people are elsewhere: health and metrics, and what a platform mounts in it. It has
    no page and no cookie, so it answers under every name; a platform's requests are signed."""
    app = FastAPI(
        title="winwin",
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Shield, hosts=(ANY_HOST,))],
    )
    app.include_router(ops.health_routes(store, ready, metrics))
    return app


def _answer_mistakes(app: FastAPI, site: Site) -> None:
    """Each mistake gets one kind line that says what to do; nothing has been changed then."""

    async def tell(request: Request, status: int, title: str, line: str, who: str = "") -> Response:
        if request.headers.get("x-live") == "1" or request.url.path.startswith("/api/"):
            return JSONResponse({"error": line}, status)
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
        line = "Something broke on our side. What was sent before is safe; please try once more in a moment."
        live = request.headers.get("x-live") == "1" or request.url.path.startswith("/api/")
        return JSONResponse({"error": line}, 500) if live else PlainTextResponse(line + "\n", 500)
