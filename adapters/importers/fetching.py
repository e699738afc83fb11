"""One page from the web, with a cap on its size, on the time it takes, and on where it may lead."""

import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import httpx

from adapters.importers.addresses import Resolve, Unreachable, checked_address, resolve

MAX_BYTES = 5 * 1024 * 1024
MAX_SECONDS = 30.0  # for one page, redirects included
MAX_REDIRECTS = 5
PORTS = frozenset({80, 443, 8000, 8080, 8443})  # where web sites are; others are a way to speak to other programs
_STEP_SECONDS = 10.0  # for one connection or one piece of an answer
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_HEADERS = {
    "user-agent": "winwin-import/1 (a community importing pages it names)",
    "accept": "text/html, application/xhtml+xml, application/xml;q=0.9, text/plain;q=0.5",
    "accept-encoding": "gzip, identity;q=0.5",
}


class FetchError(Exception):
    """The page was not fetched; the message is one line without the address."""


@dataclass(frozen=True, slots=True)
class Page:
    """`url` is where it was found in the end; `kind` is the media type without parameters."""

    url: str
    kind: str
    content: bytes
    charset: str = "utf-8"


class Fetch(Protocol):
    """How pages are fetched."""

    def __call__(self, url: str) -> Page:
        """Raises FetchError."""
        ...


class WebFetch:
    """Fetches over HTTP. `allow_loopback` is for tests with a server of their own; nothing else sets it."""

    def __init__(
        self,
        *,
        look_up: Resolve = resolve,
        transport: httpx.BaseTransport | None = None,
        allow_loopback: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_up = look_up
        self._allow_loopback = allow_loopback
        self._clock = clock
        # No proxy and no credentials from the environment: the connection goes to the checked address itself.
        self._client = httpx.Client(transport=transport, trust_env=False, timeout=_STEP_SECONDS, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def __call__(self, url: str) -> Page:
        """See Fetch."""
        until = self._clock() + MAX_SECONDS
        try:
            target = httpx.URL(url)
            for _ in range(MAX_REDIRECTS + 1):
                found = self._once(target, until)
                if isinstance(found, Page):
                    return found
                target = found
        except (httpx.InvalidURL, UnicodeError, ValueError):
            raise FetchError("the address is not a web address; write https://… in full") from None
        except httpx.HTTPError as error:
            raise FetchError(f"no answer from there ({_kind(error)}); try again later") from None
        raise FetchError(f"it leads on more than {MAX_REDIRECTS} times")

    def _once(self, target: httpx.URL, until: float) -> Page | httpx.URL:
        """The page, or where it leads on to."""
        with self._client.stream(**self._request(target)) as answer:  # type: ignore[arg-type] # mixed keyword values
            if answer.is_redirect:
                return target.join(answer.headers["location"])
            if answer.status_code != 200:
                raise FetchError(f"the site answers {answer.status_code}; open the address in a browser to see why")
            content = b"".join(self._capped(answer, until))
            kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
            return Page(str(target), kind, content, answer.charset_encoding or "utf-8")

    def _request(self, target: httpx.URL) -> dict[str, object]:
        """The request to the checked address, with the site's name in `Host` and for its certificate."""
        if target.scheme not in ("http", "https") or not target.host:
            raise FetchError("only addresses that start with https:// or http:// are followed")
        if target.userinfo:
            raise FetchError("the address holds a name and password; leave them out")
        usual = 443 if target.scheme == "https" else 80
        port = usual if target.port is None else target.port
        host = target.raw_host.decode("ascii")
        if not _HOST.fullmatch(host):
            raise FetchError("the name of the site holds letters that no name has; check the address")
        try:
            address = checked_address(host, port, self._look_up, allow_loopback=self._allow_loopback)
        except Unreachable as error:
            raise FetchError(str(error)) from None
        if port not in PORTS and not self._allow_loopback:
            raise FetchError(f"a web site is not at port {port}; leave it out of the address")
        return {
            "method": "GET",
            "url": target.copy_with(host=address, fragment=None),
            "headers": {**_HEADERS, "host": target.netloc.decode("ascii")},
            "extensions": {"sni_hostname": host},
        }

    def _capped(self, answer: httpx.Response, until: float) -> Iterator[bytes]:
        """The content, unpacked here so that a small answer cannot grow large unseen."""
        unpack = _unpacker(answer.headers.get("content-encoding", ""))
        size = 0
        for chunk in answer.iter_raw(64 * 1024):
            if self._clock() > until:
                raise FetchError(f"it takes longer than {MAX_SECONDS:.0f} s")
            piece = unpack(chunk, MAX_BYTES + 1 - size)
            size += len(piece)
            if size > MAX_BYTES:
                raise FetchError(f"the page is larger than {MAX_BYTES // 1024 // 1024} MB")
            yield piece


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Bytes as sent, and how many may come out of them at most -> bytes."""
    if encoding.strip().lower() in ("", "identity"):
        return lambda chunk, _: chunk
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise FetchError("the site packs its pages in a way that was not asked for")
    packed = zlib.decompressobj(wbits=31)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return packed.decompress(chunk, most)
        except zlib.error:
            raise FetchError("the page is damaged") from None

    return unpack


def _kind(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "too slow"
    return "no connection" if isinstance(error, httpx.TransportError) else "a broken answer"
