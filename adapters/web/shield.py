"""What every request passes first: the right host, a body of bearable size, and headers that keep pages to themselves.

The host check ends DNS rebinding: a strange page that points its own name at this machine gets nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def host_name(header: str) -> str:
    """The host without its port, in lower case; an IPv6 address keeps its brackets."""
    header = header.strip().lower()
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0]


class Shield:
    """An ASGI layer around the application."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = ()) -> None:
        self._app = app
        self._hosts = OWN_HOSTS | {host_name(host) for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if ANY_HOST not in self._hosts and host_name(headers.get("host", "")) not in self._hosts:
            refusal = PlainTextResponse("This address is not served here. Use http://localhost.\n", 421)
            await refusal(scope, receive, _guarded(send))
            return
        if _declared(headers) > MAX_BODY:
            await _too_large()(scope, receive, _guarded(send))
            return
        await self._bounded(scope, receive, _guarded(send))

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


def _guarded(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
