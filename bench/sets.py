"""Sets to measure matching on, and the vectors of their texts.

A set is a folder with resources.jsonl and queries.jsonl (rows with id, text, relevant, and a kind where the set has
kinds); every other queries_NAME.jsonl beside them is a set of its own over the same resources.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from knowledge import embedding
from knowledge.embedding import Embedder, MemoryVectorCache, asked, embed_cached
from knowledge.evaluation import Query
from knowledge.resources import Resource, content_hash, parse_resource
from knowledge.ways_in import ways_in


@dataclass(frozen=True, slots=True)
class Corpus:
    """One set: its resources, the questions put to them, and of what kind a question is where the set says so."""

    name: str
    resources: list[Resource]
    queries: list[Query]
    kinds: Mapping[str, str] = field(default_factory=dict)  # by the question's id


class Vectors:
    """Vectors of texts, each embedded once; kept in a file between runs when one is given."""

    def __init__(self, embedder: Embedder, store: Path | None = None) -> None:
        self.embedder = embedder
        self.cache = MemoryVectorCache()
        self._store = store
        self._hashes: dict[str, None] = {}
        if store and store.exists():
            with np.load(store) as kept:
                if "model" in kept and str(kept["model"]) != embedder.name:
                    return  # another model's, or this one's before it learnt
                known = dict(zip(kept["hashes"].tolist(), kept["vectors"], strict=True))
            self.cache.put(embedder.name, known)
            self._hashes = dict.fromkeys(known)

    def of(self, texts: Sequence[str]) -> embedding.Vectors:
        """Shape (n, d)."""
        return embed_cached(self.embedder, self.cache, texts)

    def of_asked(self, questions: Sequence[str]) -> embedding.Vectors:
        """The same for what people ask."""
        return self.of([asked(question) for question in questions])

    def of_resource(self, resource: Resource) -> embedding.Vectors:
        """One row per way in."""
        return self.of(ways_in(resource).texts())

    def warm(self, corpora: Sequence[Corpus], texts: Sequence[str] = ()) -> None:
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
            vectors = np.stack(list(known.values()))
            np.savez(self._store, hashes=list(known), vectors=vectors, model=self.embedder.name)


def read_lines(path: Path) -> list[dict[str, object]]:
    """The objects of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def load_queries(path: Path, without: Collection[str] = ()) -> list[Query]:
    """Queries of a file; rows whose `label` is in `without` are left out, and no `relevant` means none."""
    rows = [row for row in read_lines(path) if row.get("label") not in without]
    return [Query(str(row["id"]), str(row["text"]), tuple(row.get("relevant", ()))) for row in rows]  # type: ignore[arg-type]


def load_corpus(folder: Path, name: str, questions: str = "queries.jsonl") -> Corpus:
    """A set; its questions may be missing."""
    resources = [parse_resource(row, title_alone=True) for row in read_lines(folder / "resources.jsonl")]
    queries = folder / questions
    if not queries.exists():
        return Corpus(name, resources, [])
    kinds = {str(row["id"]): str(row["kind"]) for row in read_lines(queries) if row.get("kind")}
    return Corpus(name, resources, load_queries(queries), kinds)


def find_sets(data: Path, most: int | None = None) -> Iterator[Corpus]:
    """Every set under `data`, of each the first `most` questions."""
    for queries in sorted(data.rglob("queries*.jsonl")):
        if (queries.parent / "resources.jsonl").exists():
            name = (queries.parent.name + queries.stem.removeprefix("queries")).replace("_", " ")
            corpus = load_corpus(queries.parent, name, queries.name)
            yield replace(corpus, queries=corpus.queries[:most])
