"""`winwin eval`: how good the matching is, on a scratch index that has nothing to do with the community's."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import note, progress, say, show_json, table
from adapters.commands.session import AsJson, settings_for

if TYPE_CHECKING:
    from knowledge.evaluation import Evaluation, Query
    from knowledge.resources import Resource

SHOWN = 5  # bad rows told one by one


@command
def evaluate(
    resources: Annotated[Path, typer.Option(metavar="R.jsonl", help="Resources, one a line.", show_default=False)],
    queries: Annotated[
        Path, typer.Option(metavar="Q.jsonl", help='{"id","text","relevant":[ids]}, one a line.', show_default=False)
    ],
    json_: AsJson = False,
) -> None:
    """Measure the matching: hit@1/3/10, MRR@10, nDCG@10, coverage at 90 % precision, each with a 95 % interval."""
    from adapters.embedders import load_embedder
    from knowledge import evaluation
    from knowledge.glossary_file import load_glossary

    settings = settings_for()
    library, bad_resources = read_resources(resources)
    asked, bad_queries = read_queries(queries)
    known = {resource.id for resource in library}
    unknown = sum(bool(set(query.relevant) - known) for query in asked)
    if unknown:
        note(f"{queries}: {unknown:,} queries name resources that are not in {resources}; those count as missed")
    glossary, faults = load_glossary(settings.glossary_file)
    for fault in faults:
        note(fault)
    with progress("Embedding") as shown:
        model = load_embedder(settings.winwin_model or None)
        found = evaluation.evaluate(library, asked, model, progress=shown, glossary=glossary)
    if json_:
        show_json({**as_json(found), "bad_rows": bad_resources + bad_queries})
        return
    _show(found)


def read_resources(path: Path) -> tuple[list["Resource"], int]:
    """Good resources and the number of bad rows, which are told. Raises Refusal when nothing is good."""
    from adapters.importers import Parsed, read_source

    rows = list(read_source(str(path), title_alone=True))  # sets for measuring may hold bare titles
    good = [row.resource for row in rows if isinstance(row, Parsed)]
    _tell(path, [(row.line, row.reason) for row in rows if not isinstance(row, Parsed)])
    if not good:
        raise Refusal(f"{path} holds no resource that can be read")
    return good, len(rows) - len(good)


def read_queries(path: Path) -> tuple[list["Query"], int]:
    """Good queries and the number of bad rows, which are told. Raises Refusal when nothing is good."""
    from adapters.importers import BadRow
    from adapters.importers.jsonl import objects
    from knowledge.evaluation import InvalidQuery, parse_query

    good, bad = [], []
    for row in objects(path):
        try:
            if isinstance(row, BadRow):
                bad.append((row.line, row.reason))
            else:
                good.append(parse_query(row.fields))
        except InvalidQuery as error:
            bad.append((row.line, str(error)))
    _tell(path, bad)
    if not good:
        raise Refusal(f"{path} holds no query that can be read")
    return good, len(bad)


def _tell(path: Path, bad: list[tuple[int, str]]) -> None:
    for line, reason in bad[:SHOWN]:
        note(f"{path}, line {line}: {reason}")
    if len(bad) > SHOWN:
        note(f"{path}: {len(bad) - SHOWN:,} more bad rows")


def as_json(found: "Evaluation") -> dict[str, object]:
    """Counts, and one object per figure; null where nothing could be measured."""
    from knowledge.evaluation import to_rows

    shown: dict[str, object] = {}
    for row in to_rows(found):
        name = str(row["figure"])
        counted = isinstance(row["value"], int) and row["low"] is None
        shown[name] = row["value"] if counted else {key: row[key] for key in ("value", "low", "high")}
    return shown


def _show(found: "Evaluation") -> None:
    from knowledge.evaluation import LABELS

    say(f"{found.resources:,} resources, {found.queries:,} queries, {found.answerable:,} of them answerable")
    rows = []
    for name, label in LABELS.items():
        figure = getattr(found, name)
        if math.isnan(figure.value):
            rows.append((label, "n/a", ""))
        else:
            rows.append((label, f"{figure.value:.3f}", f"{figure.low:.3f} – {figure.high:.3f}"))
    table("", ("figure", "value", "95 % interval"), rows, numbers=2)
