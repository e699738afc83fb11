"""From what somebody named to the importer that reads it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.importers import jsonl, markdown, table
from adapters.importers.rows import BadRow, Raw, Row, SourceError, checked

if TYPE_CHECKING:
    from adapters.importers.fetching import Fetch  # httpx is loaded only when something comes from the web


def is_address(source: str) -> bool:
    """Whether it is a web address rather than a file."""
    return source.lower().startswith(("http://", "https://"))


def read_source(
    source: str, topics: frozenset[str] | None = None, fetch: "Fetch | None" = None, *, title_alone: bool = False
) -> Iterator[Row]:
    """Resources and bad rows of a file, a folder or a web address. `topics` is the community's list, if it has one.

    Raises SourceError (while it is read) when the source as a whole is of no use.
    """
    return checked(_raw(source, fetch), topics, title_alone)


def _raw(source: str, fetch: "Fetch | None") -> Iterable[Raw | BadRow]:
    if is_address(source):
        return _from_web(source, fetch)
    if not source.strip():
        raise SourceError("nothing was named to import; name a file, a folder of Markdown or a web address")
    path = Path(source)
    suffix = path.suffix.lower()
    try:
        if path.is_dir():
            return markdown.folder(path)
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise SourceError(f"{source[:200]!r} does not exist; name a file, a folder of Markdown or a web address")
    if suffix in (".csv", ".tsv"):
        return table.records(path)
    if suffix in markdown.SUFFIXES:
        return [markdown.page(path, path.name)]
    if suffix in (".jsonl", ".ndjson", ".json"):
        return jsonl.objects(path)
    raise SourceError(f"{source} is of an unknown kind; JSONL (.jsonl), CSV (.csv) and Markdown (.md) are read")


def _from_web(source: str, fetch: "Fetch | None") -> Iterator[Raw | BadRow]:
    from adapters.importers.fetching import WebFetch
    from adapters.importers.pages import web

    if fetch is not None:
        yield from web(source, fetch)
        return
    own = WebFetch()
    try:
        yield from web(source, own)
    finally:
        own.close()
