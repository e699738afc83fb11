"""From a question to its candidates: near in meaning by the graph, alike in words by full text, then compared as in
memory (knowledge/index.py), title by title and passage by passage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import numpy as np

from adapters.storage.shared_index.sample import Sample, spread
from adapters.storage.shared_index.schema import FULL, PART, Names
from adapters.storage.shared_index.words import Asked, Floats, Tallied, tell
from knowledge.embedding import Vector
from knowledge.index import BEST_WEIGHT, FAINT, LEXICAL_WEIGHT, NARROW, SHORTLIST, Candidates
from knowledge.text import looks_spanish

NEAR = 200  # ways in that are taken from the graph
HEARD = 200  # resources that are taken for their words
SPARE = 5  # are looked at at first beyond those wanted: one may have been retired
FAR = 5_000  # the same when too few of the near ones are allowed; and how many reviewed ones are all compared

Permitted = Callable[[Sequence[str]], Awaitable[set[str]]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Candidates in no order; `full`, `best` and `past` as in Candidates. `words`: all that were read, with
    their BM25."""

    tallied: Tallied
    full: Floats
    best: Floats
    past: Floats
    words: Tallied

    @property
    def dense(self) -> Floats:
        return np.asarray((1 - BEST_WEIGHT) * self.full + BEST_WEIGHT * self.best, np.float32)


async def compare(
    connection: asyncpg.Connection[Any],
    names: Names,
    said: Asked,
    words: Tallied,
    vector: Vector,
    *,
    wide: bool,
    reviewed: bool,
) -> Compared:
    """The nearest, more of them if `wide`, and those with the best words. Where only what is `reviewed` may be shown, a
    wide look is at all of that. A corpus as small as memory's shortlist is compared whole."""
    whole = said.state.resources <= SHORTLIST
    heard = words.only(np.argsort(-words.bm25, kind="stable")[: SHORTLIST if whole else HEARD])
    near = await _near(connection, names, vector, whole=whole, wide=wide, reviewed=reviewed)
    ways = await _cosines(connection, names, vector, sorted({*near, *heard.slots.tolist()}))
    known = set(words.slots.tolist())
    strange = await tell(connection, names, said, [slot for slot in ways if slot not in known])
    everything = words.and_(strange)
    place = {slot: i for i, slot in enumerate(everything.slots.tolist())}
    slots = [slot for slot in ways if slot in place]
    chosen = everything.only(np.array([place[slot] for slot in slots], np.int64))
    cosines = np.array([ways[slot] for slot in slots], np.float32).reshape(len(slots), 3)
    return Compared(chosen, cosines[:, 0], cosines[:, 1], cosines[:, 2], everything)


async def _near(
    connection: asyncpg.Connection[Any], names: Names, vector: Vector, *, whole: bool, wide: bool, reviewed: bool
) -> list[int]:
    if whole:
        return [row[0] for row in await connection.fetch(f"SELECT slot FROM {names.schema}.shelf")]
    also: list[int] = []  # in no order: if they are too many, rather those that are nearest
    if wide and reviewed:
        wanted = f"SELECT slot FROM {names.schema}.shelf WHERE reviewed LIMIT {FAR + 1}"
        also = [row[0] for row in await connection.fetch(wanted)]
        wide = len(also) > FAR
    near = await connection.fetch(nearest(names, FAR if wide else NEAR), vector)
    return [row[0] for row in near] + also


def nearest(names: Names, reach: int) -> str:
    """In this very form the graph serves it: what else it is ordered by would have to be sorted."""
    return f"SELECT slot FROM {names.schema}.way WHERE kind > {PART} ORDER BY vector <#> $1 LIMIT {reach}"


async def _cosines(
    connection: asyncpg.Connection[Any], names: Names, vector: Vector, slots: Sequence[int]
) -> dict[int, tuple[float, float, float]]:
    """Of each slot that is in use: of its title with text, of its nearest way in, and of its nearest past question or
    title with text."""
    each = f"SELECT slot, kind, vector <#> $1 AS far FROM {names.schema}.way WHERE slot = ANY($2::int[]) OFFSET 0"
    full, past = (f"-min(far) FILTER (WHERE kind {which})" for which in (f"= {FULL}", f"> {PART}"))
    wanted = f"SELECT slot, {full}, -min(far), {past} FROM ({each}) AS one GROUP BY slot"
    return {row[0]: (row[1], row[2], row[3]) for row in await connection.fetch(wanted, vector, slots)}


async def choose(
    found: Compared, said: Asked, sample: Sample, vector: Vector, depth: int, permitted: Permitted, *, reviewed: bool
) -> Candidates:
    """The best of them that may be shown, with what the whole corpus is like."""
    score, mean, deviation = _scored(found, said, sample, vector)
    ids = found.tallied.ids
    places = np.flatnonzero(found.tallied.reviewed).tolist() if reviewed else range(len(ids))
    order = sorted(places, key=lambda i: (-score[i], ids[i]))
    kept: list[int] = []
    together = depth + SPARE
    while order and len(kept) < depth:
        part, order, together = order[:together], order[together:], 4 * together
        may = await permitted([ids[i] for i in part])
        kept += [i for i in part if ids[i] in may]
    chosen = np.array(kept[:depth], np.int64)
    has = found.tallied.counts[chosen] > 0
    weights = np.fromiter(said.weights.values(), np.float32, len(said.weights))
    worths = np.fromiter(said.worths.values(), np.float32, len(said.worths))
    return Candidates(
        ids=tuple(ids[i] for i in chosen),
        score=score[chosen],
        full=found.full[chosen],
        best=found.best[chosen],
        past=found.past[chosen],
        shared=np.asarray(has @ worths, np.float32),
        coverage=np.asarray(has @ weights / max(float(weights.sum()), 1e-9), np.float32),
        matched=tuple(_matched(row, said) for row in has),
        mean=mean,
        spread=deviation,
        size=said.state.resources,
        asked=len(said.weights),
        spanish=looks_spanish(said.text),
    )


def _matched(has: Any, said: Asked) -> dict[str, float]:
    return {stem: weight for (stem, weight), there in zip(said.weights.items(), has, strict=True) if there}


def _scored(found: Compared, said: Asked, sample: Sample, vector: Vector) -> tuple[Floats, float, float]:
    """The score of each candidate as in memory; mean and spread of all there are."""
    size = said.state.resources
    dense, words = sample.dense(vector), sample.bm25(said)
    rest = ~np.isin(sample.slots, found.tallied.slots)
    unread = ~np.isin(sample.slots, found.words.slots)
    _, of_dense = spread(found.dense, dense[rest], size)
    _, of_words = spread(found.words.bm25, words[unread], size)
    ratio = np.float32(LEXICAL_WEIGHT * max(of_dense, NARROW) / max(of_words, FAINT))
    score = np.asarray(found.dense + ratio * found.tallied.bm25, np.float32)
    others = np.asarray(dense + ratio * words, np.float32)
    return score, *spread(score, others[rest], size)
