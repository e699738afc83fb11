"""Resources from the web: one page, or all the pages of a sitemap, as plain text."""

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.importers.fetching import Fetch, FetchError, Page
from adapters.importers.rows import BadRow, Raw, SourceError
from knowledge.text import slug

MAX_PAGES = 500
MAX_SITEMAPS = 20
MAX_MINUTES = 30  # for all of them

_NOISE = frozenset("script style noscript template nav footer aside form iframe svg button dialog".split())  # noqa: SIM905
_MAIN = ("main", "[role=main]", "article", "body")
_BLOCKS = frozenset("p div li h1 h2 h3 h4 h5 h6 section article blockquote tr dt dd pre ul ol table".split())  # noqa: SIM905
_BLANKS, _LINES = re.compile(r"[ \t\xa0]+"), re.compile(r"\s*\n\s*")


def web(url: str, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> Iterator[Raw | BadRow]:
    """The page, or the sitemap's pages (of the same site only). `source` is the address, `line` its number.

    Raises SourceError when the first page cannot be had.
    """
    until = clock() + MAX_MINUTES * 60
    try:
        first = fetch(url)
    except FetchError as error:
        raise SourceError(f"{url}: {error}") from error
    root = _root(first)
    if root is None:
        yield _resource(first, 1)
        return
    pages = list(_pages(first, root, fetch))
    if not pages:
        raise SourceError(f"{url} is a sitemap without pages")
    for number, found in enumerate(pages, 1):
        if clock() > until:
            yield BadRow(number, f"the site takes longer than {MAX_MINUTES} minutes; the rest was not read", url)
            return
        yield found if isinstance(found, BadRow) else _fetched(found, number, fetch)


def _root(page: Page) -> str | None:
    """`urlset` or `sitemapindex` when it is a sitemap."""
    start = page.content[:2000].lower()
    found = re.search(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]", start)
    return found[1].decode() if found and b"<html" not in start else None


def _pages(first: Page, root: str, fetch: Fetch) -> Iterator[str | BadRow]:
    """Addresses of a sitemap, or of the sitemaps in an index (one level deep)."""
    sitemaps = [first]
    for address in _addresses(first)[:MAX_SITEMAPS] if root == "sitemapindex" else []:
        try:
            if _same_site(first.url, address):
                sitemaps.append(fetch(address))
        except FetchError as error:
            yield BadRow(1, f"this part of the sitemap was not read: {error}", address)
    seen: set[str] = set()
    for address in (found for sitemap in sitemaps if _root(sitemap) == "urlset" for found in _addresses(sitemap)):
        if address in seen:
            continue
        seen.add(address)
        if len(seen) > MAX_PAGES:
            yield BadRow(len(seen), f"more than {MAX_PAGES} pages; the rest was not read: name a part of the sitemap")
            return
        if _same_site(first.url, address):
            yield address
        else:
            yield BadRow(len(seen), "another site than the sitemap's; import it by its own address", address)


def _addresses(sitemap: Page) -> list[str]:
    """What stands in <loc>. Read as HTML, where an entity is a letter and never a bomb."""
    tree = LexborHTMLParser(sitemap.content.decode("utf-8", "replace"))
    return [text for node in tree.css("loc") if (text := node.text(deep=True).strip())]


def _same_site(one: str, other: str) -> bool:
    def site(url: str) -> str:
        return (urlsplit(url).hostname or "").removeprefix("www.")

    try:
        return urlsplit(other).scheme in ("http", "https") and site(one) == site(other)
    except ValueError:
        return False


def _fetched(url: str, number: int, fetch: Fetch) -> Raw | BadRow:
    try:
        return _resource(fetch(url), number)
    except FetchError as error:
        return BadRow(number, str(error), url)


def _resource(page: Page, number: int) -> Raw | BadRow:
    text = _decoded(page)
    if page.kind in ("text/html", "application/xhtml+xml", ""):
        title, text, language = _read(text)
    elif page.kind == "text/plain":
        title, language = text.strip().split("\n")[0][:200], ""
    else:
        return BadRow(number, f"a {page.kind[:60]} is not a page of text; only web pages are read", page.url)
    if not text.strip():
        return BadRow(number, "the page has no text; it may need a browser to show itself", page.url)
    parts = urlsplit(page.url)
    made = slug(f"{parts.hostname} {parts.path} {parts.query}", 200)
    fields = {
        "id": made or None,
        "title": title[:300] or parts.path,
        "text": text,
        "url": page.url,
        "language": language or None,
        "source": parts.hostname,
    }
    return Raw(number, fields, page.url)


def _decoded(page: Page) -> str:
    try:
        return page.content.decode(page.charset, "replace")
    except LookupError:
        return page.content.decode("utf-8", "replace")


def _read(html: str) -> tuple[str, str, str]:
    """Title, text and language of a page."""
    tree = LexborHTMLParser(html)
    root = tree.root
    language = (root.attributes.get("lang") or "")[:2].lower() if root else ""
    heading, named = tree.css_first("h1"), tree.css_first("title")
    title = next((line for node in (heading, named) if node and (line := " ".join(node.text(deep=True).split()))), "")
    main = next((found for selector in _MAIN if (found := tree.css_first(selector)) is not None), None)
    return title, _text(main) if main is not None else "", language if language.isalpha() else ""


def _text(main: LexborNode) -> str:
    """The words of a node, one line per block. Without recursion: a page may be nested as deep as it likes."""
    noise = _NOISE | {"header"} if main.tag == "body" else _NOISE
    pieces: list[str] = []
    stack = [main]
    while stack:
        node = stack.pop()
        if node.tag == "-text":
            pieces.append(re.sub(r"\s+", " ", node.text_content or ""))
        elif node.tag not in noise:
            if node.tag in _BLOCKS or node.tag == "br":
                pieces.append("\n")
            stack.extend(reversed(list(node.iter(include_text=True))))
    return _LINES.sub("\n", _BLANKS.sub(" ", "".join(pieces))).strip()
