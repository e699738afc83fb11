"""What comes out of a source, and the checks that every source shares."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from knowledge.resources import InvalidResource, Resource, parse_resource

MAX_ROWS = 1_000_000  # of one source: far more than any community's library
MAX_BAD = 10_000  # what has more bad rows is another kind of file
MAX_LETTERS = 200_000_000  # of all its texts together: they are held in memory until they are stored


class SourceError(Exception):
    """A source cannot be read at all; the message is one line that names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A good row. `line` counts from 1; `source` names the file or address when there are many."""

    line: int
    resource: Resource
    source: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out. `reason` is one line that says what to do, without the row's own words."""

    line: int
    reason: str
    source: str = ""


Row = Parsed | BadRow


@dataclass(frozen=True, slots=True)
class Raw:
    """A row as its source gives it, not checked yet."""

    line: int
    fields: Mapping[str, object]
    source: str = ""


def checked(rows: Iterable[Raw | BadRow], topics: frozenset[str] | None, title_alone: bool = False) -> Iterator[Row]:
    """Turn rows into resources (`title_alone`: see parse_resource).

    A second row with the same id, and a topic that is not in the community's list (unless there is no list), are bad.
    Raises SourceError for what is too much of anything.
    """
    seen: dict[str, str] = {}
    bad = letters = 0
    for number, row in enumerate(rows):
        if number >= MAX_ROWS:
            yield BadRow(
                row.line, f"more than {MAX_ROWS:,} rows; what follows was not read: split the file", row.source
            )
            return
        found = row if isinstance(row, BadRow) else _checked(row, topics, seen, title_alone)
        if isinstance(found, BadRow):
            bad += 1
        else:
            letters += len(found.resource.title) + len(found.resource.text)
        if bad > MAX_BAD:
            raise SourceError(
                f"more than {MAX_BAD:,} rows are no resources (the last: line {row.line}); is it another file?"
            )
        if letters > MAX_LETTERS:
            raise SourceError(f"more than {MAX_LETTERS // 1_000_000} million letters; split it")
        yield found


def _checked(raw: Raw, topics: frozenset[str] | None, seen: dict[str, str], title_alone: bool) -> Row:
    try:
        resource = parse_resource(raw.fields, title_alone)
    except InvalidResource as error:
        return BadRow(raw.line, str(error), raw.source)
    unknown = sorted(set(resource.topics) - topics) if topics is not None else []
    if unknown:
        listed = ", ".join(f"'{_short(topic)}'" for topic in unknown[:3])
        return BadRow(
            raw.line, f"topic {listed} is not in the community's list; correct it or add it there", raw.source
        )
    here = raw.source or f"line {raw.line}"
    first = seen.setdefault(resource.id, here)
    if first != here:
        return BadRow(raw.line, f"id '{_short(resource.id)}' is taken already ({first}); give it its own", raw.source)
    return Parsed(raw.line, resource, raw.source)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
