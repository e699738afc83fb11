"""How well questions find their resource: `python -m bench.matching --data FOLDER`.

Runs the shipped ranking over every set in FOLDER (a set is a folder with resources.jsonl and queries.jsonl), beside
words alone (BM25) and vectors alone, and prints hit@k, MRR@10, nDCG@10 and coverage at 90 % precision with 95 %
intervals.
"""

import argparse
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from adapters.embedders import load_embedder
from knowledge import embedding
from knowledge.embedding import Embedder, MemoryVectorCache, asked, embed_cached
from knowledge.evaluation import DEPTH, Evaluation, Outcome, Query, evaluate, summarise, to_rows
from knowledge.index import ways_in
from knowledge.lexical import InvertedIndex
from knowledge.resources import Resource, content_hash, parse_resource
from knowledge.tally import Text, tally
from knowledge.text import Words

FIGURES = 8  # columns of figures, as to_rows orders them after the three counts


@dataclass(frozen=True, slots=True)
class Corpus:
    """One set: its resources and the questions put to them."""

    name: str
    resources: list[Resource]
    queries: list[Query]


class Vectors:
    """Vectors of texts, each embedded once; kept in a file between runs when one is given."""

    def __init__(self, embedder: Embedder, store: Path | None = None) -> None:
        self.embedder = embedder
        self.cache = MemoryVectorCache()
        self._store = store
        self._hashes: dict[str, None] = {}
        if store and store.exists():
            with np.load(store) as kept:
                known = dict(zip(kept["hashes"].tolist(), kept["vectors"], strict=True))
            self.cache.put(embedder.name, known)
            self._hashes = dict.fromkeys(known)

    def of(self, texts: Sequence[str]) -> embedding.Vectors:
        """Shape (n, d)."""
        return embed_cached(self.embedder, self.cache, texts)

    def of_resource(self, resource: Resource) -> embedding.Vectors:
        """One row per way in."""
        return self.of(ways_in(resource).texts())

    def warm(self, corpora: Sequence["Corpus"], texts: Sequence[str] = ()) -> None:
        """Embed everything together, which is faster, and keep it in the file."""
        wanted = list(texts)
        for corpus in corpora:
            wanted += [text for resource in corpus.resources for text in ways_in(resource).texts()]
            wanted += [asked(query.text) for query in corpus.queries]
        hashes = dict.fromkeys(map(content_hash, wanted))
        fresh = hashes.keys() - self._hashes.keys()
        self.of(wanted)
        self._hashes |= hashes
        if self._store and fresh:
            known = self.cache.get(self.embedder.name, list(self._hashes))
            np.savez(self._store, hashes=list(known), vectors=np.stack(list(known.values())))


def read_lines(path: Path) -> list[dict[str, object]]:
    """The objects of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def load_queries(path: Path, without: Collection[str] = ()) -> list[Query]:
    """Queries of a file; rows whose `label` is in `without` are left out, and no `relevant` means none."""
    rows = [row for row in read_lines(path) if row.get("label") not in without]
    return [Query(str(row["id"]), str(row["text"]), tuple(row.get("relevant", ()))) for row in rows]  # type: ignore[arg-type]


def load_corpus(folder: Path, name: str) -> Corpus:
    """A set; its questions may be missing."""
    resources = [parse_resource(row, title_alone=True) for row in read_lines(folder / "resources.jsonl")]
    queries = folder / "queries.jsonl"
    return Corpus(name, resources, load_queries(queries) if queries.exists() else [])


def find_sets(data: Path) -> Iterator[Corpus]:
    """Every folder under `data` that holds both files."""
    for queries in sorted(data.rglob("queries.jsonl")):
        if (queries.parent / "resources.jsonl").exists():
            yield load_corpus(queries.parent, queries.parent.name)


def by_words(corpus: Corpus) -> Evaluation:
    """BM25 alone."""
    words, index = Words(), InvertedIndex()
    said = [Text("", f"{r.title} . {' . '.join(r.topics)} . {r.text}") for r in corpus.resources]
    index.put(range(len(said)), tally(words, said))
    rows = []
    for query in corpus.queries:
        weights = {stem: index.weight(stem) for stem in words.stems(query.text)}
        rows.append(index.scores(weights, len(corpus.resources)).bm25)
    return _rank(corpus, np.stack(rows))


def by_vectors(corpus: Corpus, vectors: Vectors) -> Evaluation:
    """Cosine of the title with the text alone."""
    resources = vectors.of([ways_in(resource).full for resource in corpus.resources])
    return _rank(corpus, vectors.of([asked(q.text) for q in corpus.queries]) @ resources.T)


def _rank(corpus: Corpus, scores: embedding.Vectors) -> Evaluation:
    """Figures of a plain ranking whose confidence is its score, shape (queries, resources)."""
    outcomes = []
    for query, row in zip(corpus.queries, scores, strict=True):
        order = np.argsort(-row, kind="stable")[:DEPTH]
        places = tuple(p for p, slot in enumerate(order) if corpus.resources[slot].id in query.relevant)
        outcomes.append(Outcome(len(query.relevant), places, float(row[order[0]]), False))
    return summarise(outcomes, len(corpus.resources))


def main() -> None:
    """Print one table per set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", type=Path, help="a .npz file that keeps vectors between runs")
    parser.add_argument("--model", default=None, help="a sentence-transformers name or folder")
    arguments = parser.parse_args()
    vectors = Vectors(load_embedder(arguments.model), arguments.store)
    for corpus in find_sets(arguments.data):
        vectors.warm([corpus])
        ours = evaluate(corpus.resources, corpus.queries, vectors.embedder, vectors.cache)
        _print(corpus, {"words": by_words(corpus), "vectors": by_vectors(corpus, vectors), "winwin": ours})


def _print(corpus: Corpus, runs: dict[str, Evaluation]) -> None:
    answerable = runs["winwin"].answerable
    title = (
        f"{corpus.name}: {len(corpus.resources)} resources, {len(corpus.queries)} questions, {answerable} answerable"
    )
    names = [str(row["figure"]) for row in to_rows(runs["winwin"])][-FIGURES:]
    table = Table("", *runs, title=title)
    rows = {run: to_rows(evaluation)[-FIGURES:] for run, evaluation in runs.items()}
    for place, name in enumerate(names):
        table.add_row(name, *(_cell(found[place]) for found in rows.values()))
    Console().print(table)


def _cell(row: dict[str, object]) -> str:
    value, low, high = row["value"], row["low"], row["high"]
    return "-" if value is None else f"{value:.3f} ({low:.3f}-{high:.3f})"


if __name__ == "__main__":
    main()
