"""A sample of the resources, kept in memory: from it the mean and spread of a whole corpus are estimated.

What was read for a question (its candidates) counts as it is; for the rest stands the part of the sample that is not
among them. So the few that are near, which make a tail, are not left to chance. Up to SIZE resources all of them are in
the sample, and nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg
import numpy as np
from numpy.typing import NDArray

from adapters.storage.shared_index.schema import FULL, PART, Names
from adapters.storage.shared_index.words import ENTRY, Asked, Floats, Integers, State, bm25, filled
from knowledge.index import BEST_WEIGHT, SHORTLIST

SIZE = 2_000
STALE = 100  # the sample is read anew when one in so many resources has changed


@dataclass(frozen=True, slots=True)
class Sample:
    """Resources drawn by chance, as they were after `edits` edits."""

    edits: int
    slots: Integers
    lengths: Floats
    owners: Integers  # of each entry of their tallies
    numbers: NDArray[np.int32]
    times: NDArray[np.uint8]
    fulls: Floats
    others: Floats
    other_owners: Integers

    def holds(self, state: State) -> bool:
        """Whether it still stands for the index."""
        passed = abs(state.edits - self.edits)
        return not passed if state.resources <= SIZE else passed * STALE <= state.resources

    def dense(self, vector: Floats) -> Floats:
        """As knowledge/index.py blends cosines."""
        full = np.vecdot(self.fulls, vector)
        best = full.copy()
        np.maximum.at(best, self.other_owners, np.vecdot(self.others, vector))
        return np.asarray((1 - BEST_WEIGHT) * full + BEST_WEIGHT * best, np.float32)

    def bm25(self, said: Asked) -> Floats:
        counts = np.zeros((len(self.slots), len(said.weights)), np.float32)
        return bm25(filled(counts, self.owners, self.numbers, self.times, said), self.lengths, said)


async def draw(connection: asyncpg.Connection[Any], names: Names, state: State) -> Sample:
    """Titles and passages are read only where every resource is compared by them (see SHORTLIST)."""
    s = names.schema
    rows = await connection.fetch(f"SELECT slot, length, tally FROM {s}.shelf ORDER BY draw, id LIMIT {SIZE}")
    slots = np.array([row[0] for row in rows], np.int64)
    lowest = PART if state.resources <= SHORTLIST else FULL
    wanted = f"SELECT slot, kind, vector FROM {s}.way WHERE slot = ANY($1::int[]) AND kind >= {lowest}"
    ways = await connection.fetch(wanted, slots.tolist())
    vectors = np.frombuffer(b"".join([row[2] for row in ways]), ">f2").astype(np.float32)
    vectors = vectors.reshape(len(ways), names.dimension)
    order = np.argsort(slots)
    owners = order[np.searchsorted(slots[order], np.array([row[0] for row in ways], np.int64))]
    is_full = np.array([row[1] == FULL for row in ways], bool)
    fulls = np.zeros((len(slots), names.dimension), np.float32)
    fulls[owners[is_full]] = vectors[is_full]
    entries = np.frombuffer(b"".join([row[2] for row in rows]), ENTRY)
    return Sample(
        edits=state.edits,
        slots=slots,
        lengths=np.array([row[1] for row in rows], np.float32),
        owners=np.repeat(np.arange(len(rows)), [len(row[2]) // ENTRY.itemsize for row in rows]),
        numbers=np.ascontiguousarray(entries["number"]),
        times=np.ascontiguousarray(entries["count"]),
        fulls=fulls,
        others=vectors[~is_full],
        other_owners=owners[~is_full],
    )


def spread(read: Floats, rest: Floats, size: int) -> tuple[float, float]:
    """Mean and standard deviation of `size` values: those that were read, and for the others those of `rest`."""
    left = max(0, size - len(read)) if len(rest) else 0
    total = len(read) + left
    if not total:
        return 0.0, 0.0
    parts = [(read.astype(np.float64), 1.0)] + ([(rest.astype(np.float64), left / len(rest))] if left else [])
    mean = sum(float(values.sum()) * each for values, each in parts) / total
    square = sum(float(values @ values) * each for values, each in parts) / total
    return mean, float(np.sqrt(max(0.0, square - mean * mean)))
