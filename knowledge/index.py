"""The index in memory: every resource's vectors and words, edited one resource at a time.

A resource occupies one numbered slot. Row `slot` of a table holds its title with the text; titles, passages and past
questions live in tables whose rows know the slot that owns them. Freed slots and rows are used again, and tables
double when full, so one edit never rebuilds the index.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vector, Vectors
from knowledge.lexical import InvertedIndex, LexicalScores, forms, stems_of
from knowledge.resources import Resource
from knowledge.tally import tally
from knowledge.text import Words, looks_spanish
from knowledge.vector_table import Table, doubled
from knowledge.ways_in import Rows, said_by

Floats = NDArray[np.float32]

# How the nearest way in and the words weigh; chosen with bench/matching.py (docs/matching.md has the figures).
BEST_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.15
NARROW = 0.03  # least spread assumed of the cosines in a corpus: with five resources the measured one means little
FAINT = 0.5  # the same for BM25
# Resources whose titles and passages are compared one by one: those whose title with text, and words, come first. A
# smaller corpus is compared whole. Reading every vector of 10,000 resources takes longer than embedding a question.
# The first three of 10,000 are the same with 250 as with 1,000 (bench/matching.py).
SHORTLIST = 400
QUESTION_LENGTH = 4_000  # characters of a question whose words are counted


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best resources for one question, best first; arrays have shape (k,), k <= depth.

    `score` is what the order is made of, on the scale of a cosine. `full` and `best` are cosines of the title with
    the text and of the nearest way in, `past` of the nearest past question, or `full` where that is more; `shared`
    counts the question's stems that the resource uses (everyday ones less), `coverage` is their share of the
    question's word weight, 0 to 1, and `matched` has them with their weights. `mean` and `spread` (standard deviation)
    of `score`, and `size`, describe the whole corpus; `asked` is the number of the question's stems; `spanish` says how
    the question reads (the sentence model reads it otherwise then).
    """

    ids: tuple[str, ...]
    score: Floats
    full: Floats
    best: Floats
    past: Floats
    shared: Floats
    coverage: Floats
    matched: tuple[Mapping[str, float], ...]
    mean: float
    spread: float
    size: int
    asked: int
    spanish: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A question whose words are looked at before its vector is known; what was found, each index adds."""

    text: str


@dataclass(frozen=True, slots=True)
class _Scored(Reading):
    """Stems with their weights, and how they score in the index as it was after `edits` edits."""

    weights: Mapping[str, float]
    scores: LexicalScores
    spread: float  # standard deviation of BM25 over the live slots
    edits: int


class Index(Protocol):
    """Where candidates come from. A larger store may implement it with a database."""

    def put(self, resource: Resource, vectors: Vectors) -> None:
        """Add or replace; row i of `vectors` belongs to `ways_in(resource).texts()[i]`."""
        ...

    def put_all(self, resources: Sequence[Resource], vectors: Vectors, counts: Sequence[int] | None = None) -> None:
        """The same for several resources of different ids, much faster; their vectors one after the other. Whoever has
        made their texts already gives in `counts` how many each of them has."""
        ...

    def remove(self, resource_id: str) -> bool:
        """Forget a resource; False when it was not there."""
        ...

    def read(self, text: str) -> Reading:
        """Begin with a question's words while its vector is still being made."""
        ...

    def find(
        self, question: str | Reading, vector: Vector, depth: int, allowed: Callable[[str], bool] | None = None
    ) -> Candidates:
        """The `depth` best resources whose id is allowed."""
        ...


class MemoryIndex:
    """Search over everything. One writer and any number of readers, in any threads."""

    def __init__(self, dimension: int, words: Words | None = None, shortlist: int = SHORTLIST) -> None:
        self._dimension = dimension
        self._shortlist = shortlist
        self._words = words or Words()
        self._lock = RLock()
        self._lexical = InvertedIndex(self._words.everyday())
        self._fulls = np.zeros((16, dimension), np.float32)
        self._live = np.zeros(16, bool)
        self._parts = Table(dimension)  # titles and passages
        self._past = Table(dimension)  # past questions
        self._slots: dict[str, int] = {}
        self._ids: list[str] = []  # by slot; empty when the slot is free
        self._free: list[int] = []
        self._edits = 0

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, resource: Resource, vectors: Vectors) -> None:
        """See Index. Raises ValueError when the vectors do not fit the resource's ways in."""
        self.put_all([resource], vectors)

    def put_all(self, resources: Sequence[Resource], vectors: Vectors, counts: Sequence[int] | None = None) -> None:
        """See Index. Raises ValueError when the vectors do not fit, or an id stands there twice; then nothing
        changes."""
        if not resources:
            return
        rows = Rows.checked(resources, vectors, counts, self._dimension)
        vectors = np.asarray(vectors, np.float32)
        said = tally(self._words, [said_by(resource) for resource in resources])
        with self._lock:
            for resource in resources:
                self.remove(resource.id)
            slots = np.array([self._claim(resource.id) for resource in resources], np.intp)
            self._fulls[slots] = vectors[rows.fulls]
            self._parts.put(slots[rows.part_owners], vectors[rows.parts])
            self._past.put(slots[rows.past_owners], vectors[rows.past])
            self._lexical.put(slots.tolist(), said)

    def remove(self, resource_id: str) -> bool:
        """See Index."""
        with self._lock:
            slot = self._slots.pop(resource_id, None)
            if slot is None:
                return False
            self._fulls[slot] = 0.0
            self._parts.remove(slot)
            self._past.remove(slot)
            self._lexical.remove(slot)
            self._ids[slot] = ""
            self._live[slot] = False
            self._free.append(slot)
            self._edits += 1
            return True

    def read(self, text: str) -> "_Scored":
        """See Index."""
        with self._lock:
            stems = stems_of(forms(self._words, text[:QUESTION_LENGTH]), self._lexical.uses, self._words)
            weights = {stem: self._lexical.weight(stem) for stem in stems}
            scores = self._lexical.scores(weights, len(self._ids))
            return _Scored(text, weights, scores, _spread(scores.bm25, self._alive()), self._edits)

    def find(
        self, question: str | Reading, vector: Vector, depth: int, allowed: Callable[[str], bool] | None = None
    ) -> Candidates:
        """See Index. Ties are broken by id. A reading from before an edit is made anew."""
        vector = np.asarray(vector, np.float32)
        with self._lock:
            reading = self.read(question) if isinstance(question, str) else question
            if not isinstance(reading, _Scored) or reading.edits != self._edits:
                reading = self.read(reading.text)
            capacity, lexical, weights = len(self._ids), reading.scores, reading.weights
            live = self._alive()
            # One row after another in this thread: a threaded matrix product waits for its threads on a busy machine.
            full = np.vecdot(self._fulls[:capacity], vector)
            past = self._past.best(vector, full)
            wanted = _shortlist(_mix(full, past, reading, live), self._shortlist)
            best = self._parts.best(vector, past, wanted)
            score = _mix(full, best, reading, live)
            chosen = _first(score, self._ids, live, depth, allowed)
            ids = tuple(self._ids[slot] for slot in chosen)
            matched = tuple(self._lexical.matched(slot, weights) for slot in chosen)
        alive = score if live is None else score[live]
        spread = _spread(alive, None)
        return Candidates(
            ids=ids,
            score=score[chosen],
            full=full[chosen],
            best=best[chosen],
            past=past[chosen],
            shared=lexical.shared[chosen],
            coverage=lexical.coverage[chosen],
            matched=matched,
            mean=float(alive.mean()) if len(alive) else 0.0,
            spread=spread,
            size=len(alive),
            asked=len(weights),
            spanish=looks_spanish(reading.text),
        )

    def _alive(self) -> NDArray[np.bool_] | None:
        """Which slots are in use; None: all of them."""
        return self._live[: len(self._ids)].copy() if self._free else None

    def _claim(self, resource_id: str) -> int:
        if self._free:
            slot = self._free.pop()
            self._ids[slot] = resource_id
        else:
            slot = len(self._ids)
            self._ids.append(resource_id)
            if slot >= len(self._fulls):
                self._fulls, self._live = doubled(self._fulls), doubled(self._live)
        self._slots[resource_id] = slot
        self._live[slot] = True
        self._edits += 1
        return slot


def _mix(full: Floats, best: Floats, reading: _Scored, live: NDArray[np.bool_] | None) -> Floats:
    """Cosines blended, plus BM25 brought to their spread (a weighted sum of z-scores); dead slots get -inf."""
    dense = (1 - BEST_WEIGHT) * full + BEST_WEIGHT * best
    ratio = max(_spread(dense, live), NARROW) / max(reading.spread, FAINT)
    score = dense + np.float32(LEXICAL_WEIGHT * ratio) * reading.scores.bm25
    return score if live is None else np.where(live, score, np.float32(-np.inf))


def _spread(values: Floats, live: NDArray[np.bool_] | None) -> float:
    """Standard deviation over the live slots; 0 where there are none. In double precision, a third of the time that
    NumPy's own takes in single."""
    counted = (values if live is None else values[live]).astype(np.float64)
    if not len(counted):
        return 0.0
    mean = float(counted.sum()) / len(counted)
    return float(np.sqrt(max(0.0, float(counted @ counted) / len(counted) - mean * mean)))


def _shortlist(score: Floats, length: int) -> NDArray[np.bool_] | None:
    """Which slots are looked at closely; None: all of them."""
    if len(score) <= length:
        return None
    wanted = np.zeros(len(score), bool)
    wanted[np.argpartition(score, -length)[-length:]] = True
    return wanted


def _first(
    score: Floats,
    ids: Sequence[str],
    live: NDArray[np.bool_] | None,
    depth: int,
    allowed: Callable[[str], bool] | None,
) -> list[int]:
    """Slots of the `depth` best allowed resources, equal scores in the order of their ids."""
    count = len(score) if live is None else int(live.sum())
    wanted = min(depth, count)
    while wanted:
        floor = np.partition(score, len(score) - wanted)[len(score) - wanted]
        high = score >= floor
        found = np.flatnonzero(high if live is None else live & high).tolist()
        found.sort(key=lambda slot: (-score[slot], ids[slot]))
        chosen = [slot for slot in found if allowed is None or allowed(ids[slot])][:depth]
        if len(chosen) == depth or len(found) >= count:
            return chosen
        wanted = min(4 * wanted, count)
    return []
