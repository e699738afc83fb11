"""What every request passes first: the right host, a body of bearable size, and headers that keep pages to themselves.

The host check ends DNS rebinding: a strange page that points its own name at this machine gets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 2_000_000  # bytes: a message of 200 kB in which every byte is percent-encoded, and room for the rest
ANY_HOST = "*"  # where there is no page to protect
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_NOT_KEPT = {"Cache-Control": "no-store"}  # by browsers and proxies: everything but style, script and icon
_SECURE = {"Strict-Transport-Security": "max-age=31536000"}
_THE_SAME_FOR_ALL = "/static/"


def headers_of(path: str, *, secure: bool) -> dict[str, str]:
    """What every answer carries, a broken one too. `secure`: the site is reached over https alone."""
    kept = {} if path.startswith(_THE_SAME_FOR_ALL) else _NOT_KEPT
    return {**_HEADERS, **kept, **(_SECURE if secure else {})}


def host_name(header: str) -> str:
    """The host without its port, in lower case; an IPv6 address keeps its brackets."""
    header = header.strip().lower()
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0]


class Shield:
    """An ASGI layer around the application."""

    def __init__(
        self, app: ASGIApp, hosts: Sequence[str] = (), *, any_host: Sequence[str] = (), secure: bool = False
    ) -> None:
        """`any_host`: paths that answer under every name: watchdogs ask by number, a platform's requests are signed."""
        self._app = app
        self._hosts = OWN_HOSTS | {host_name(host) for host in hosts}
        self._any_host = tuple(any_host)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, guarded = Headers(scope=scope), _guarded(send, headers_of(scope["path"], secure=self._secure))
        if not self._served(scope["path"], headers):
            refusal = PlainTextResponse("This address is not served here. Use http://localhost.\n", 421)
            await refusal(scope, receive, guarded)
            return
        if _declared(headers) > MAX_BODY:
            await _too_large()(scope, receive, guarded)
            return
        await self._bounded(scope, receive, guarded)

    def _served(self, path: str, headers: Headers) -> bool:
        if ANY_HOST in self._hosts or path in self._any_host:
            return True
        return host_name(headers.get("host", "")) in self._hosts

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts what comes in: a body without a declared length can't be larger either."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise BodyTooLarge
            return message

        try:
            await self._app(scope, counted, send)
        except BodyTooLarge:
            await _too_large()(scope, receive, send)


class BodyTooLarge(Exception):  # noqa: N818 -- reads as what happened
    """More came in than any form of this site needs."""


def _too_large() -> PlainTextResponse:
    text = "That is more than this site can take in one go. Go back, your text is still there, and shorten it.\n"
    return PlainTextResponse(text, 413)


def _declared(headers: Headers) -> int:
    value = headers.get("content-length", "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 15 else 0


def _guarded(send: Send, guards: Mapping[str, str]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in guards.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
