"""How good the matching is: the usual ranking figures, and how often the bot may speak at 90 % precision.

Every figure comes with a 95 % interval from a percentile bootstrap over the questions (B. Efron, 1979; 1,000 draws,
fixed seed), so that two versions are not told apart by luck.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder, MemoryVectorCache, VectorCache, asked, embed_cached
from knowledge.glossary import Glossary
from knowledge.resources import Resource
from knowledge.search import Library, Match
from knowledge.text import MAX_TEXT, clean

PRECISION = 0.9
DEPTH = 10
DRAWS = 1_000
SEED = 20
BATCH = 256  # texts per step of the progress

Floats = NDArray[np.float64]


class InvalidQuery(ValueError):  # noqa: N818 - it names the row, like InvalidResource
    """A row that cannot become a query; its message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question whose right answers are known; none relevant means that silence is right."""

    id: str
    text: str
    relevant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A share between 0 and 1 with its 95 % interval; `nan` where nothing could be measured."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one run. hit, MRR and nDCG count answerable questions only; the rest count all.

    coverage_90: the largest share of all questions that can be answered while 90 % of the first resources shown are
    right. spoken and precision: share of all questions on which the shipped
    threshold speaks, and how many of those are right.
    """

    resources: int
    queries: int
    answerable: int
    hit_1: Figure
    hit_3: Figure
    hit_10: Figure
    mrr_10: Figure
    ndcg_10: Figure
    coverage_90: Figure
    spoken: Figure
    precision: Figure


@dataclass(frozen=True, slots=True)
class Outcome:
    """One query answered: where the relevant ones stood (0-based, ascending), and how sure the first match was."""

    answerable: int  # how many resources are relevant
    places: tuple[int, ...]
    confidence: float
    spoken: bool


def parse_query(row: Mapping[str, object]) -> Query:
    """Read one row of a query file. Raises InvalidQuery."""
    text, relevant, given = row.get("text"), row.get("relevant"), row.get("id")
    if not isinstance(text, str) or not clean(text):
        raise InvalidQuery("'text' is empty; write the question as text in quotes")
    if not isinstance(relevant, list) or not all(isinstance(i, str) for i in relevant):
        raise InvalidQuery("'relevant' is not a list of resource ids; write [] when nothing fits")
    if not isinstance(given, str | int) or isinstance(given, bool):
        raise InvalidQuery("'id' is missing; give every query its own id")
    return Query(str(given), clean(text)[:MAX_TEXT], tuple(dict.fromkeys(relevant)))


def evaluate(
    resources: Sequence[Resource],
    queries: Sequence[Query],
    embedder: Embedder,
    cache: VectorCache | None = None,
    progress: Callable[[int, int], None] | None = None,
    glossary: Glossary | None = None,
) -> Evaluation:
    """Match every query against a scratch library of the resources. `progress` hears (texts done, of how many)."""
    cache = cache or MemoryVectorCache()
    library = Library(embedder.dimension, glossary=glossary)
    ways = {resource.id: library.ways_in(resource) for resource in resources}
    questions = [asked(query.text) for query in queries]
    _warm(embedder, cache, [t for texts in ways.values() for t in texts] + questions, progress)
    for resource in resources:
        library.put(resource, embed_cached(embedder, cache, ways[resource.id]))
    outcomes = []
    for query, text in zip(queries, questions, strict=True):
        vector = embed_cached(embedder, cache, [text])[0]
        outcomes.append(judge(query, library.rank(query.text, vector, DEPTH), library.sure_from))
    return summarise(outcomes, len(library))


def judge(query: Query, matches: Sequence[Match], spoken_from: float) -> Outcome:
    """What one ranked answer amounts to."""
    places = tuple(place for place, match in enumerate(matches[:DEPTH]) if match.resource_id in query.relevant)
    confidence = matches[0].confidence if matches else 0.0
    return Outcome(len(query.relevant), places, confidence, bool(matches) and confidence >= spoken_from)


def summarise(outcomes: Sequence[Outcome], resources: int) -> Evaluation:
    """Figures with intervals; the same outcomes give the same figures."""
    open_ones = [o for o in outcomes if o.answerable]
    right = np.array([o.places[:1] == (0,) for o in outcomes], bool)
    spoken = np.array([o.spoken for o in outcomes], bool)
    return Evaluation(
        resources=resources,
        queries=len(outcomes),
        answerable=len(open_ones),
        hit_1=_mean([_hit(o, 1) for o in open_ones]),
        hit_3=_mean([_hit(o, 3) for o in open_ones]),
        hit_10=_mean([_hit(o, 10) for o in open_ones]),
        mrr_10=_mean([1 / (o.places[0] + 1) if o.places else 0.0 for o in open_ones]),
        ndcg_10=_mean([_ndcg(o) for o in open_ones]),
        coverage_90=_coverage(np.array([o.confidence for o in outcomes]), right),
        spoken=_mean(spoken.astype(float)),
        precision=_mean(right[spoken].astype(float)),
    )


def to_rows(evaluation: Evaluation) -> list[dict[str, object]]:
    """One row per figure: name, value, low, high (rounded to 4 places; None where nothing could be measured)."""
    rows: list[dict[str, object]] = []
    for field in fields(evaluation):
        figure = getattr(evaluation, field.name)
        if isinstance(figure, Figure):
            rows.append(
                {"figure": LABELS[field.name]}
                | {key: _rounded(getattr(figure, key)) for key in ("value", "low", "high")}
            )
        else:
            rows.append({"figure": field.name, "value": figure, "low": None, "high": None})
    return rows


LABELS = {
    "hit_1": "hit@1",
    "hit_3": "hit@3",
    "hit_10": "hit@10",
    "mrr_10": "MRR@10",
    "ndcg_10": "nDCG@10",
    "coverage_90": "coverage at 90 % precision",
    "spoken": "spoken at the shipped threshold",
    "precision": "precision when spoken",
}


def _warm(
    embedder: Embedder,
    cache: VectorCache,
    texts: Sequence[str],
    progress: Callable[[int, int], None] | None,
) -> None:
    distinct = list(dict.fromkeys(texts))
    for start in range(0, len(distinct), BATCH):
        embed_cached(embedder, cache, distinct[start : start + BATCH])
        if progress:
            progress(min(start + BATCH, len(distinct)), len(distinct))


def _hit(outcome: Outcome, depth: int) -> float:
    return float(bool(outcome.places) and outcome.places[0] < depth)


def _ndcg(outcome: Outcome) -> float:
    """Binary gains (K. Järvelin and J. Kekäläinen, 2002)."""
    ideal = sum(1 / np.log2(2 + place) for place in range(min(DEPTH, outcome.answerable)))
    return float(sum(1 / np.log2(2 + place) for place in outcome.places) / ideal)


def _mean(values: Sequence[float] | Floats) -> Figure:
    numbers = np.asarray(values, float)
    if not len(numbers):
        return Figure(np.nan, np.nan, np.nan)
    return _figure(float(numbers.mean()), _draws(len(numbers)) @ numbers / len(numbers))


def _coverage(confidence: Floats, right: NDArray[np.bool_]) -> Figure:
    """Cut the list, surest first, as late as precision allows; equal confidences are cut together."""
    if not len(confidence):
        return Figure(np.nan, np.nan, np.nan)
    order = np.argsort(-confidence, kind="stable")
    ends = np.append(np.diff(confidence[order]) != 0, True)  # a threshold can only fall between values
    counts = np.vstack([np.ones(len(order)), _draws(len(order))])
    shown = np.cumsum(counts[:, order], axis=1)
    good = np.cumsum(counts[:, order] * right[order], axis=1)
    allowed = np.where((good >= PRECISION * shown) & ends, shown, 0.0).max(axis=1) / len(order)
    return _figure(float(allowed[0]), allowed[1:])


def _draws(size: int) -> Floats:
    """How often each of `size` questions is drawn in each bootstrap sample, shape (DRAWS, size)."""
    counts = np.random.default_rng(SEED).multinomial(size, np.full(size, 1 / size), DRAWS)
    return counts.astype(float)


def _figure(value: float, draws: Floats) -> Figure:
    low, high = np.quantile(draws, (0.025, 0.975))
    return Figure(value, float(low), float(high))


def _rounded(number: float) -> float | None:
    return None if np.isnan(number) else round(number, 4)
