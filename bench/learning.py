"""What past questions teach the library: `python -m bench.learning --data FOLDER`.

How often the right resource comes first after 0, 1, 3 and 10 confirmed questions for each, over VIRA and every other
set in FOLDER with enough questions. Confirmed are questions drawn by chance, as an asker's *This helped* would bring
them; what is measured is never among them, nor is anything in the same words, and it is the same at every step. As in
the bot, a question that is as good as known is not asked of anybody (bot.phrases). Resources with too few questions
stay in the library, to be mistaken for others.

The 95 % intervals are of a bootstrap over resources, not over questions: those of one resource stand and fall together.
"""

import argparse
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from adapters.embedders import load_embedder
from bench.sets import Corpus, Vectors, find_sets
from bot.phrases import as_good
from knowledge import embedding
from knowledge.evaluation import Figure, Query
from knowledge.resources import Resource
from knowledge.search import Library
from knowledge.text import letters

STEPS = (0, 1, 3, 10)  # confirmed questions of each resource
LEFT = 2  # questions that have to be left to measure
ENOUGH = 10  # resources of a set with as many questions
DRAWS, SEED = 1_000, 20  # of the bootstrap


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one draw gives: confirmed questions by resource, in the order they come in, and what is measured."""

    confirmed: Mapping[str, tuple[str, ...]]
    measured: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """After so many confirmed questions each: right ones among the first, by resource and question, (1 or 0)."""

    after: int
    hits: Mapping[str, Sequence[float]]


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", type=Path, help="a .npz file that keeps vectors between runs")
    parser.add_argument("--model", default=None, help="a sentence-transformers name or folder")
    parser.add_argument("--seed", type=int, default=1, help="of the draw of confirmed questions")
    parser.add_argument("--draws", type=int, default=1, help="how often they are drawn")
    parser.add_argument("--resources", type=int, default=0, help="measure so many resources only")
    given = parser.parse_args()
    vectors, console, found = Vectors(load_embedder(given.model), given.store), Console(), 0
    for corpus in find_sets(given.data):
        lessons = [lesson(corpus, given.seed + n, given.resources) for n in range(given.draws)]
        if len(lessons[0].confirmed) >= ENOUGH:
            found += 1
            vectors.warm([], [text for one in lessons for text in _texts(corpus.resources, one)])
            _print(corpus, lessons, learn(corpus.resources, lessons, vectors), console)
    if not found:
        raise SystemExit(f"No set in {given.data} has {ENOUGH} resources with {STEPS[-1] + LEFT} questions each.")


def of_questions(vectors: Vectors, texts: Sequence[str]) -> embedding.Vectors:
    """Shape (n, d): the one place in which a question that is asked becomes a vector here."""
    return vectors.of_asked(texts)


def lesson(corpus: Corpus, seed: int, most: int = 0) -> Lesson:
    """`most`: at most so many resources, drawn too; 0 for all."""
    draw = random.Random(seed)
    asked: dict[str, list[Query]] = {r.id: [] for r in corpus.resources}
    for query in corpus.queries:
        if len(query.relevant) == 1 and query.relevant[0] in asked:
            asked[query.relevant[0]].append(query)
    rich = [r for r in corpus.resources if len(asked[r.id]) >= STEPS[-1] + LEFT]
    if most:
        rich = draw.sample(rich, min(most, len(rich)))
    confirmed, left = {}, []
    for resource in rich:
        mixed = draw.sample(asked[resource.id], len(asked[resource.id]))
        new = _worth_reading(resource, mixed)
        if len(new) == STEPS[-1]:
            confirmed[resource.id] = tuple(q.text for q in new)
            taken = {q.id for q in new}
            left += [q for q in mixed if q.id not in taken]
    known = {tuple(letters(text)) for texts in confirmed.values() for text in texts}
    return Lesson(confirmed, tuple(q for q in left if tuple(letters(q.text)) not in known))


def _worth_reading(resource: Resource, mixed: Iterable[Query]) -> list[Query]:
    """The first that say something new, as many as the last step takes."""
    found: list[Query] = []
    for query in mixed:
        if len(found) == STEPS[-1]:
            break
        if not as_good(query.text, (resource.title, *resource.asked_as, *(q.text for q in found)), resource.language):
            found.append(query)
    return found


def learn(resources: Sequence[Resource], lessons: Sequence[Lesson], vectors: Vectors) -> list[Learnt]:
    """The shipped ranking after each step, over all draws."""
    found = []
    for after in STEPS:
        hits: dict[str, list[float]] = {}
        for one in lessons:
            for query, first in zip(one.measured, _firsts(resources, one, after, vectors), strict=True):
                hits.setdefault(query.relevant[0], []).append(float(first == query.relevant[0]))
        found.append(Learnt(after, hits))
    return found


def _firsts(resources: Sequence[Resource], one: Lesson, after: int, vectors: Vectors) -> Iterator[str]:
    """The id of the first resource for each measured question."""
    library = Library(vectors.embedder.dimension)
    for resource in resources:
        more = one.confirmed.get(resource.id, ())[:after]
        taught = replace(resource, asked_as=tuple(dict.fromkeys((*resource.asked_as, *more))))
        library.put(taught, vectors.of_resource(taught))
    for query, row in zip(one.measured, of_questions(vectors, [q.text for q in one.measured]), strict=True):
        matches = library.rank(query.text, row, 1)
        yield matches[0].resource_id if matches else ""


def _texts(resources: Sequence[Resource], one: Lesson) -> Iterator[str]:
    """All that is embedded, so that it can be together."""
    library = Library(1)
    for resource in resources:
        yield from library.ways_in(resource)
    for texts in one.confirmed.values():
        yield from texts
    yield from (q.text for q in one.measured)


def share(hits: Mapping[str, Sequence[float]], before: Mapping[str, Sequence[float]] | None = None) -> Figure:
    """The share of hits, or how much larger it is than `before`, on the same questions; whole resources are drawn."""
    rows = [np.asarray(hits[i]) - (np.asarray(before[i]) if before else 0.0) for i in sorted(hits)]
    sums, counts = np.array([row.sum() for row in rows]), np.array([len(row) for row in rows])
    picks = np.random.default_rng(SEED).integers(0, len(rows), (DRAWS, len(rows)))
    drawn: NDArray[np.float64] = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Figure(float(sums.sum() / counts.sum()), float(low), float(high))


def _print(corpus: Corpus, lessons: Sequence[Lesson], found: Sequence[Learnt], console: Console) -> None:
    measured = {q.id for one in lessons for q in one.measured}
    taught = {resource for one in lessons for resource in one.confirmed}
    title = (
        f"{corpus.name}: {len(measured)} questions on {len(taught)} of {len(corpus.resources)} resources measured, "
        f"{len(lessons)} draw(s)"
    )
    table = Table("confirmed questions each", "right one first", "gain", title=title)
    for one in found:
        gain = _cell(share(one.hits, found[0].hits), sign=True) if one.after else "-"
        table.add_row(str(one.after), _cell(share(one.hits)), gain)
    console.print(table)


def _cell(figure: Figure, *, sign: bool = False) -> str:
    value = f"{figure.value:+.3f}" if sign else f"{figure.value:.3f}"
    return f"{value} ({figure.low:.3f} to {figure.high:.3f})"


if __name__ == "__main__":
    main()
