"""Fit the numbers of knowledge/confidence.json: `python -m bench.fit_confidence --data FOLDER [--write]`.

Learns from the communities of bench/communities that bench/fit_asking.py has not learnt from (an author each), and from
FOLDER, which holds public/vira, public/meqsum with resources.jsonl and queries.jsonl, and public/offtopic,
public/dialog_act, public/medquad_gov. Every query is matched against libraries of many sizes: the whole set, parts of
it with relevant resources taken out, five and twenty resources, and the set among thousands of others; so the model
sees small and large libraries and questions whose answer is missing. What is said of a set comes from a model that has
seen nothing of it.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from adapters.embedders import load_embedder
from bench.fit_asking import HELD
from bench.sets import Corpus, Vectors, load_corpus, load_queries, read_lines
from knowledge.confidence import DEPTH, FEATURES, features
from knowledge.evaluation import Query
from knowledge.index import MemoryIndex
from knowledge.resources import Resource
from knowledge.text import Words

NATURAL, TAUGHT, MADE = "as it comes", "with past questions", "made of it"
SHOWN = 3  # candidates of each query that are learned from: what the bot shows
WHISPER, SURE = 0.7, 0.9  # precision wanted of what only the asker sees, and of what everybody sees
ALIKE = 0.05  # share of near misses (something alike is there, nothing that answers) that everybody may see
THRESHOLDS = np.arange(0.2, 0.95, 0.01)
CROWD = 700  # foreign resources in the largest libraries
MOST = 200  # queries of one set in one library
SETS = {"vira": "public/vira", "meqsum": "public/meqsum"}
COMMUNITIES = {name: Path(__file__).parent / "communities" / name for name in HELD}
NAMES = (*SETS, *COMMUNITIES)
OUT = Path(__file__).parent.parent / "knowledge" / "confidence.json"


@dataclass(frozen=True, slots=True)
class Example:
    """One candidate of one query in one library."""

    corpus: str
    library: str  # NATURAL: the whole set, nothing added or removed, what precision is measured on; TAUGHT; MADE
    first: bool
    right: bool
    near: bool  # the question is a near miss
    features: NDArray[np.float64]


def main() -> None:
    """Collect, cross-validate, print; write the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", type=Path, help="a .npz file that keeps vectors between runs")
    parser.add_argument("--write", action="store_true", help="replace knowledge/confidence.json")
    arguments = parser.parse_args()
    vectors = Vectors(load_embedder(), arguments.store)
    examples = list(collect(arguments.data, vectors))
    held_out = cross_validate(examples)
    slope, shift = calibrate(examples, held_out)
    held_out = 1 / (1 + np.exp(-(slope * _logit(held_out) + shift)))
    speak, sure = whisper_from(examples, held_out), sure_from(examples, held_out)
    report(examples, held_out, speak)
    report(examples, held_out, sure)
    trade(examples, held_out)
    model, scaler = fit(examples)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - weights @ scaler.mean_)
    numbers = {
        "about": "logistic model of knowledge/confidence.py, fitted by bench/fit_confidence.py",
        "fitted_at": datetime.now(UTC).date().isoformat(),
        "model": vectors.embedder.name,
        "examples": len(examples),
        "weights": {name: round(float(slope * w), 4) for name, w in zip(FEATURES, weights, strict=True)},
        "bias": round(slope * bias + shift, 4),
        "silent_below": round(speak, 3),
        "sure_from": round(sure, 3),
    }
    print(json.dumps(numbers, indent=1))
    if arguments.write:
        OUT.write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")


def collect(data: Path, vectors: Vectors) -> Iterable[Example]:
    """Every query against every library."""
    draw, words = random.Random(7), Words()
    idle = load_queries(data / "public/offtopic/queries.jsonl") + [
        Query(q.id, q.text, ()) for q in load_queries(data / "public/dialog_act/utterances.jsonl", without=NEEDS)
    ]
    crowd = [r for r in load_corpus(data / "public/medquad_gov", "crowd").resources if not _near(r)][: CROWD + 200]
    corpora = {name: load_corpus(data / folder, name) for name, folder in SETS.items()}
    corpora |= {name: load_corpus(folder, name) for name, folder in COMMUNITIES.items()}
    corpora["vira"] = replace(corpora["vira"], queries=draw.sample(corpora["vira"].queries, 1_200))
    vectors.warm([*corpora.values(), Corpus("crowd", crowd, idle)])
    for corpus in corpora.values():
        everything = [*corpus.queries, *draw.sample(idle, 60)]
        yield from run(corpus, corpus.resources, everything[-800:], vectors, words, NATURAL)
        for keep, others, missing in ((1, 0, 0.4), (1, 300, 0), (1, CROWD, 0), (1, CROWD, 0.4), (0.5, 0, 0.1)):
            chosen = draw.sample(corpus.resources, int(keep * len(corpus.resources)))
            kept = [r for r in chosen if draw.random() >= missing] + draw.sample(crowd, others)
            yield from run(corpus, kept, draw.sample(everything, min(MOST, len(everything))), vectors, words)
        for past in (2, 6):
            remembering, left = _remembered(corpus, past, draw)
            put = draw.sample([*left, *draw.sample(idle, 60)], min(MOST, len(left)))
            yield from run(corpus, remembering, put, vectors, words, TAUGHT)
        for size, others in ((5, 0), (20, 0), (5, 15)) * 6:
            few = draw.sample(corpus.resources, size)
            put = _answerable(corpus, few, draw) + draw.sample(everything, 80)
            yield from run(corpus, few + draw.sample(crowd, others), put, vectors, words)


NEEDS = frozenset({"query", "concern"})


def _near(resource: Resource) -> bool:
    """Whether a foreign resource might in truth help with the other sets' questions."""
    title = resource.title.lower()
    return any(word in title for word in ("crohn", "colitis", "bowel", "covid", "vaccin"))


def _answerable(corpus: Corpus, few: Sequence[Resource], draw: random.Random) -> list[Query]:
    ids = {r.id for r in few}
    found = [q for q in corpus.queries if ids & set(q.relevant)]
    return draw.sample(found, min(60, len(found)))


def _remembered(corpus: Corpus, most: int, draw: random.Random) -> tuple[list[Resource], list[Query]]:
    """The resources with up to `most` past questions each as further ways in, and the questions that are left."""
    queries = draw.sample(corpus.queries, len(corpus.queries))
    past: dict[str, list[Query]] = {r.id: [] for r in corpus.resources}
    for query in queries[: len(queries) // 2]:
        mine = past.get(min(query.relevant, default=""))
        if mine is not None and len(mine) < most:
            mine.append(query)
    used = {query.id for mine in past.values() for query in mine}
    resources = [replace(r, asked_as=tuple(q.text for q in past[r.id])) for r in corpus.resources]
    return resources, [query for query in queries if query.id not in used]


def run(
    corpus: Corpus,
    resources: Sequence[Resource],
    queries: Sequence[Query],
    vectors: Vectors,
    words: Words,
    library: str = MADE,
) -> Iterable[Example]:
    """The first candidates of each query in one library, with their features."""
    index = MemoryIndex(vectors.embedder.dimension, words)
    for resource in resources:
        index.put(resource, vectors.of_resource(resource))
    for query in queries:
        found = index.find(query.text, vectors.of_asked([query.text])[0], DEPTH)
        rows = features(found, found.asked)
        for place, resource_id in enumerate(found.ids[:SHOWN]):
            right, near = resource_id in query.relevant, (corpus.name, query.id) in near_misses()
            yield Example(corpus.name, library, place == 0, right, near, rows[place])


@cache
def near_misses() -> frozenset[tuple[str, str]]:
    """(set, id) of the questions whose author says so."""
    rows = ((name, row) for name, folder in COMMUNITIES.items() for row in read_lines(folder / "queries.jsonl"))
    return frozenset((name, str(row["id"])) for name, row in rows if row.get("kind") == "near_miss")


def fit(examples: Sequence[Example]) -> tuple[LogisticRegression, StandardScaler]:
    """Weighted so that every set counts alike, and of each the three kinds of libraries."""
    rows = np.stack([e.features for e in examples])
    counts = Counter((e.corpus, e.library) for e in examples)
    weight = np.array([(1 if e.first else 0.4) / counts[e.corpus, e.library] for e in examples])
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=0.3, max_iter=5_000)
    model.fit(scaler.transform(rows), [e.right for e in examples], sample_weight=weight * len(weight) / weight.sum())
    return model, scaler


def cross_validate(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Probability of every example from a model that has seen nothing of its set."""
    sets = np.array([e.corpus for e in examples])
    rows = np.stack([e.features for e in examples])
    likely = np.zeros(len(examples))
    for name in NAMES:
        model, scaler = fit([e for e in examples if e.corpus != name])
        likely[sets == name] = model.predict_proba(scaler.transform(rows[sets == name]))[:, 1]
    return likely


def calibrate(examples: Sequence[Example], likely: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and shift of the logit that make it honest for first candidates of the sets as they come (J. Platt, 1999).

    The many libraries above hold more questions without an answer than a community does.
    """
    masks = [_first(examples, name) for name in NAMES]
    weight = np.sum([mask / mask.mean() for mask in masks], axis=0)
    use = weight > 0
    model = LogisticRegression(C=1e6).fit(_logit(likely[use])[:, None], _right(examples)[use], weight[use])
    return float(model.coef_[0][0]), float(model.intercept_[0])


def _logit(likely: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(likely / (1 - likely))


def whisper_from(examples: Sequence[Example], likely: NDArray[np.float64]) -> float:
    """The lowest threshold at which, held out, seven in ten first suggestions are right in every community."""
    for threshold in THRESHOLDS:
        shares = [_spoken(examples, likely, name, threshold) for name in COMMUNITIES]
        if all(right >= WHISPER * shown for right, shown in shares):
            return float(threshold)
    return 1.0


def sure_from(examples: Sequence[Example], likely: NDArray[np.float64]) -> float:
    """The lowest threshold at which, held out, nine in ten are right over all communities, each counting alike, and no
    more than one near miss in twenty is shown."""
    near = np.array([e.near and e.library == NATURAL and e.first for e in examples])
    for threshold in THRESHOLDS:
        shares = np.sum([_spoken(examples, likely, name, threshold) for name in COMMUNITIES], axis=0)
        if shares[0] >= SURE * shares[1] and (likely[near] >= threshold).mean() <= ALIKE:
            return float(threshold)
    return 1.0


def _spoken(
    examples: Sequence[Example], likely: NDArray[np.float64], name: str, threshold: float
) -> tuple[float, float]:
    """Shares of a set's questions with a right first suggestion, and with any, at a threshold."""
    mask = _first(examples, name)
    spoken = likely[mask] >= threshold
    return float((spoken & _right(examples)[mask]).mean()), float(spoken.mean())


def report(examples: Sequence[Example], likely: NDArray[np.float64], threshold: float) -> None:
    """Held-out figures per set, on the whole set as it comes."""
    table = Table("set", "questions", "AUROC", "spoken", "precision", title=f"held out, threshold {threshold:.3f}")
    for name in NAMES:
        mask = _first(examples, name)
        right, sure = _right(examples)[mask], likely[mask]
        spoken = sure >= threshold
        precision = f"{right[spoken].mean():.3f}" if spoken.any() else "-"
        table.add_row(name, str(mask.sum()), f"{roc_auc_score(right, sure):.3f}", f"{spoken.mean():.3f}", precision)
    Console().print(table)


def trade(examples: Sequence[Example], likely: NDArray[np.float64]) -> None:
    """What other thresholds would mean, held out."""
    table = Table("threshold", *NAMES, title="spoken / precision at other thresholds")
    for threshold in np.arange(0.2, 0.9, 0.1):
        cells = []
        for name in NAMES:
            mask = _first(examples, name)
            spoken = likely[mask] >= threshold
            cells.append(f"{spoken.mean():.2f} / {_right(examples)[mask][spoken].mean():.2f}" if spoken.any() else "-")
        table.add_row(f"{threshold:.1f}", *cells)
    Console().print(table)


def _first(examples: Sequence[Example], name: str) -> NDArray[np.bool_]:
    return np.array([e.corpus == name and e.library == NATURAL and e.first for e in examples])


def _right(examples: Sequence[Example]) -> NDArray[np.bool_]:
    return np.array([e.right for e in examples])


if __name__ == "__main__":
    main()
