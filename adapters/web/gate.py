"""Nothing without a session: every request to the members' pages that is not in OPEN, whatever route it is for.

It stands before the routes, so a route that is added later is closed until somebody writes it into OPEN, with why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.community import MemberRecord
from bot.ports import Store
from bot.signing_in import signed_in

OPEN: dict[str, str] = {  # what ends with a slash stands for all below it
    "/healthz": "a watchdog asks whether the program is there",
    "/readyz": "and whether it can answer",
    "/metrics": "asks by itself: a program of this machine, or one that shows the token",
    "/api/v1/": "asks by itself: the same, or somebody who is signed in",
    "/login": "says how to get a link",
    "/login/": "the page of a link, and its button",
    "/static/": "style, script and icon: the same for everybody",
    "/slack/events": "signed by Slack",
    "/slack/install": "begins Slack's own way of installing",
    "/slack/oauth_redirect": "ends it, with what Slack was given at its beginning",
}
WHO = "winwin.member"  # in the scope: the record of whoever is signed in
KEPT = "kept"  # in the cookie: what the browser keeps

Refuse = Callable[[Request], Awaitable[Response]]


class Gate:
    """An ASGI layer inside of the one that reads the cookie."""

    def __init__(self, app: ASGIApp, store: Store, now: Callable[[], datetime], refuse: Refuse) -> None:
        self._app = app
        self._store = store
        self._now = now
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # nothing else is served
        kept: Any = scope["session"].get(KEPT)
        scope[WHO] = await signed_in(self._store, kept, self._now()) if isinstance(kept, str) else None
        if scope[WHO] is None and not is_open(scope["path"]):
            refusal = await self._refuse(Request(scope, receive))
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_open(path: str) -> bool:
    return path in OPEN or any(way.endswith("/") and path.startswith(way) for way in OPEN)


def who(request: Request) -> MemberRecord | None:
    """Whoever is signed in."""
    found: MemberRecord | None = request.scope.get(WHO)
    return found
