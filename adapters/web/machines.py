"""Programs that ask: Prometheus, a script. They are known by where they are, or by what they show.

Without WINWIN_API_TOKEN only this machine itself is let in, and only where nothing passed the request on: what comes
through a proxy comes from somebody else. With it, whoever shows it is, wherever they are, and nobody else.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from starlette.requests import Request

from adapters.web.shield import OWN_HOSTS, host_name

PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


class Stranger(Exception):  # noqa: N818 -- reads as what happened
    """A program that is not known asks for what is not for everybody."""


def known_machine(request: Request, token: str) -> bool:
    if token:
        shown = request.headers.get("authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    if any(name in request.headers for name in PASSED_ON):
        return False
    return _is_here(request.client.host if request.client else "") and _asks_for_here(request)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _asks_for_here(request: Request) -> bool:
    """A page of somebody else's that points its own name at this machine asks for that name."""
    return host_name(request.headers.get("host", "")) in OWN_HOSTS
