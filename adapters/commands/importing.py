"""`winwin import`: resources from files, folders and the web into the community's library."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import Progress, note, progress, say, show_json
from adapters.commands.session import AsJson, Database, in_community, settings_for

if TYPE_CHECKING:
    from adapters.app import Community
    from adapters.importers import BadRow
    from bot.safety.triage import Finding
    from knowledge.embedding import Vector
    from knowledge.resources import Resource

BATCH = 256  # texts through the model at once
SHOWN = 20  # bad rows told one by one; the rest are counted
LISTED = 1_000  # bad rows in JSON
READ = 3_000  # characters of a resource that triage reads
ONESELF = re.compile(r"(?<!type )(?<!stage )\b(?:i|i'm|im|yo|quiero|estoy|soy)\b", re.IGNORECASE)
FAMILY = re.compile(r"\b(?:me|my|our|mi|nuestr[oa])\b", re.IGNORECASE)
POST = 500  # characters; what is longer is an article, which may quote somebody
DENIES = re.compile(r"\b(?:no|not|never|cannot|nor|myth|nunca|sin)\b|n't\b|\?", re.IGNORECASE)


@dataclass(slots=True)
class Source:
    """What was found in one source. `changed` and `embedded` are known once it is stored."""

    name: str
    good: list["Resource"] = field(default_factory=list)
    bad: list["BadRow"] = field(default_factory=list)
    refused: str = ""
    changed: int = 0
    embedded: int = 0


@command
def import_(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="FILE_OR_URL", help="JSONL, CSV, a folder of Markdown, a web page or sitemap."),
    ],
    topics: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The community's topics (YAML, a list of {id: …}): others are bad rows."),
    ] = None,
    database: Database = None,
    json_: AsJson = False,
) -> None:
    """Put resources into the library. Importing the same again changes nothing; bad rows are told and left out.

    Each source is stored all at once: stopped in the middle, nothing of it is there.
    """
    known = read_topics(topics) if topics else None
    settings = settings_for(database)

    async def work(c: "Community") -> list[Source]:
        done = []
        for name in sources:
            found = read(name, known, lambda resource: unfit(resource, c.judge.check))
            if found.good:
                await store(c, found)
            done.append(found)
            if not json_:
                _tell(found)
        return done

    done = in_community(settings, work)
    if json_:
        show_json([_as_json(source) for source in done])
    if not any(source.good for source in done):
        raise Refusal("nothing was imported; the reasons are above" if not json_ else "nothing was imported")


def read_topics(path: Path) -> frozenset[str]:
    """The ids of a list of topics. Raises Refusal."""
    import yaml

    try:
        rows = yaml.safe_load(path.read_text("utf-8"))
        if not isinstance(rows, list):
            raise TypeError
        return frozenset(str(row["id"]) if isinstance(row, dict) else str(row) for row in rows)
    except (OSError, UnicodeDecodeError):
        raise Refusal(f"the topics {path} cannot be read; name a YAML file in UTF-8") from None
    except (yaml.YAMLError, KeyError, TypeError):
        raise Refusal(f"{path} is not a list of topics; write lines like `- {{id: school}}`") from None


def read(name: str, topics: frozenset[str] | None, unfit: Callable[["Resource"], str] = lambda _: "") -> Source:
    """Everything in a source. One that cannot be read at all has a `refused` line. `unfit` says why a resource must
    stay out, if it must."""
    from adapters.importers import BadRow, Parsed, SourceError, read_source

    found = Source(name)
    with progress(f"Reading {name}") as shown:
        try:
            for count, row in enumerate(read_source(name, topics), 1):
                if not isinstance(row, Parsed):
                    found.bad.append(row)
                elif why := unfit(row.resource):
                    found.bad.append(BadRow(row.line, why, row.source))
                else:
                    found.good.append(row.resource)
                shown(count, count)
        except SourceError as error:
            return Source(name, bad=found.bad, refused=str(error))
    return found


def unfit(resource: "Resource", check: Callable[[str], Sequence["Finding"]]) -> str:
    """Why it must not be in a library before a person has looked at it, in one line; empty when it may be. What an
    article explains of crises and red flags is welcome; what somebody tells of themselves is not, nor is a promise of
    a cure that no sentence of it denies."""
    from bot.safety.triage import CRISES, Code

    text = f"{resource.title}\n{resource.text[:READ]}"
    asked = (finding.code for line in resource.asked_as for finding in check(line))
    findings = check(text)
    codes = {finding.code for finding in findings}
    told = len(text) < POST and bool(codes & CRISES - {Code.C3}) and ONESELF.search(text)
    if told or Code.C1 in asked:
        return "it reads like somebody's cry for help, not like know-how; a person has to look at it first"
    if Code.M2 in codes and not DENIES.search(text):
        return "it promises a cure or advises against treatment; say it differently, or ask a clinician"
    if Code.P1 in codes and FAMILY.search(text):
        return "it names somebody's private details; take them out"
    return ""


async def store(c: "Community", found: Source) -> None:
    """Embed what has no vector yet, then store resources and vectors in one transaction."""
    from bot.community import Audit

    embedder = await c.model.embedder()
    async with c.store.read() as tx:
        known = await tx.vectors.known(embedder.name)
    with progress(f"Embedding {found.name}") as shown:
        vectors = await _embed(c, found.good, known, shown)
    now = c.clock.now()
    async with c.store.begin() as tx:
        await tx.vectors.put(embedder.name, vectors)
        changed = await tx.resources.put(found.good, now)
        if changed:
            await tx.audit.append([Audit(now, "command line", "import", "library", f"{len(changed)} resources")])
    found.changed, found.embedded = len(changed), len(vectors)


async def _embed(
    c: "Community", resources: Sequence["Resource"], known: set[str], shown: Progress
) -> dict[str, "Vector"]:
    """Vectors of the texts that have none, by content hash. Texts of like length go through the model together."""
    from knowledge.resources import ReviewState, content_hash

    published = (r for r in resources if r.state is ReviewState.PUBLISHED)
    texts = {content_hash(text): text for r in published for text in c.library.ways_in(r)}
    missing = sorted(texts.keys() - known, key=lambda key: len(texts[key]))
    vectors: dict[str, Vector] = {}
    for start in range(0, len(missing), BATCH):
        part = missing[start : start + BATCH]
        vectors.update(zip(part, await c.model.embed([texts[key] for key in part]), strict=True))
        shown(len(vectors), len(missing))
    return vectors


def _tell(found: Source) -> None:
    for row in found.bad[:SHOWN]:
        note(f"{found.name}, {_place(row)}: {row.reason}")
    if len(found.bad) > SHOWN:
        note(f"{found.name}: {len(found.bad) - SHOWN:,} more bad rows (--json lists them)")
    if found.refused:
        note(found.refused)
        return
    unchanged = len(found.good) - found.changed
    left_out = f", {len(found.bad):,} left out" if found.bad else ""
    say(f"{found.name}: {found.changed:,} new or changed, {unchanged:,} as before{left_out}")


def _place(row: "BadRow") -> str:
    return f"{row.source} line {row.line}" if row.source else f"line {row.line}"


def _as_json(found: Source) -> dict[str, object]:
    return {
        "source": found.name,
        "resources": len(found.good),
        "changed": found.changed,
        "embedded": found.embedded,
        "bad": len(found.bad),
        "bad_rows": [{"line": row.line, "source": row.source, "reason": row.reason} for row in found.bad[:LISTED]],
        "refused": found.refused or None,
    }
