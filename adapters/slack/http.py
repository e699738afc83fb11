"""The way in over HTTP: signed events at /slack/events, and installing at /slack/install where that is set up."""

from __future__ import annotations

from fastapi import APIRouter
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive

from adapters.slack.bolt import NOT_TAKEN
from adapters.slack.quick import Quick

EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"


MOST = 3_000_000  # bytes of one request; Slack's own are some hundred kilobytes at most


class _TooLongError(Exception):
    """More than Slack ever sends: nobody knows yet whether it is signed, so it is not kept until that can be told."""


def _bounded(receive: Receive) -> Receive:
    got = 0

    async def next_part() -> Message:
        nonlocal got
        part = await receive()
        got += len(part.get("body", b""))
        if got > MOST:
            raise _TooLongError
        return part

    return next_part


def slack_routes(app: AsyncApp, quick: Quick) -> APIRouter:
    """Every signature is checked, and the time in it: what is forged, stale or replayed later is not taken. Messages go
    the short way, everything else through Bolt."""
    router = APIRouter(include_in_schema=False)
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        request = Request(request.scope, _bounded(request.receive))
        try:
            body = await request.body()
        except _TooLongError:
            return PlainTextResponse("Slack sends less than this.\n", 413)
        status = await quick.status(body, request.headers)
        if status is not None:
            return Response(status_code=status)
        try:
            answer: Response = await handler.handle(request)
        except (UnicodeDecodeError, ValueError, AttributeError, TypeError):  # what was taken is caught further inside
            return PlainTextResponse("This is not what Slack sends.\n", 400)
        if answer.status_code >= 500 and answer.status_code != NOT_TAKEN:
            return PlainTextResponse("This is not what Slack sends.\n", 400)
        return answer

    router.add_route(EVENTS_PATH, events, methods=["POST"])  # without FastAPI's reading of arguments: it has none

    if app.oauth_flow is not None:

        @router.get(INSTALL_PATH)
        async def install(request: Request) -> Response:
            answer: Response = await handler.handle(request)
            return answer

        @router.get(REDIRECT_PATH)
        async def installed(request: Request) -> Response:
            answer: Response = await handler.handle(request)
            return answer

    return router
