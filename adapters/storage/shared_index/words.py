"""The words of resources and of a question: which resources PostgreSQL is to look up, and BM25 over those.

The lookup is PostgreSQL's full text, on stems that are ours (knowledge/text.py), so that both indexes hear the same
words. What a resource says is kept beside as a tally: the numbers of its stems and how often each is there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import numpy as np
from numpy.typing import NDArray

from adapters.storage.shared_index.schema import Names
from knowledge.index import QUESTION_LENGTH
from knowledge.lexical import FAMILIAR, K1, MENDED, B, forms, mendings, rarity, stems_of
from knowledge.text import Words

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

ENTRY = np.dtype([("number", "<i4"), ("count", "u1")])
MOST = 255  # times that a stem is counted in one resource
# Resources that are looked up by the question's words. Rare words come first: one that every tenth resource has says
# little, and reading every tenth of 400,000 takes long.
READ = 2_000
_ROWS = "SELECT slot, id, length, tally, reviewed FROM"


@dataclass(frozen=True, slots=True)
class State:
    """The index as a whole; `edits` counts every resource put in or taken out."""

    resources: int
    length: float
    edits: int

    @classmethod
    async def look(cls, connection: asyncpg.Connection[Any], names: Names) -> State:
        row = await connection.fetchrow(f"SELECT resources, length, edits FROM {names.schema}.state")
        return cls(*row) if row else cls(0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """The stems of a question with their weights, and what is known of each here: its number and how many use it."""

    text: str
    state: State
    weights: dict[str, float]
    worths: dict[str, float]
    known: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Tallied:
    """Some resources by slot: who they are, and how they answer to the question's stems."""

    slots: Integers
    ids: list[str]
    counts: Floats  # shape (resources, stems): how often each has each
    bm25: Floats
    reviewed: NDArray[np.bool_]  # by a clinician, on medical questions

    @classmethod
    def of(cls, rows: Sequence[Any], said: Asked) -> Tallied:
        """Rows: slot, id, length, tally, reviewed."""
        counts = counted([row[3] for row in rows], said)
        lengths = np.array([row[2] for row in rows], np.float32)
        slots = np.array([row[0] for row in rows], np.int64)
        reviewed = np.array([row[4] for row in rows], bool)
        return cls(slots, [row[1] for row in rows], counts, bm25(counts, lengths, said), reviewed)

    def only(self, places: Integers) -> Tallied:
        ids = [self.ids[i] for i in places]
        return Tallied(self.slots[places], ids, self.counts[places], self.bm25[places], self.reviewed[places])

    def and_(self, other: Tallied) -> Tallied:
        return Tallied(
            np.concatenate([self.slots, other.slots]),
            self.ids + other.ids,
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.bm25, other.bm25]),
            np.concatenate([self.reviewed, other.reviewed]),
        )


async def ask(
    connection: asyncpg.Connection[Any], names: Names, words: Words, everyday: Collection[str], text: str
) -> Asked:
    """The stems that a question asks for, each in the form in which resources use it, slips mended."""
    found = forms(words, text[:QUESTION_LENGTH])
    state = await State.look(connection, names)
    known = await _known(connection, names, {stem for form in found for stem in form})
    unknown = dict.fromkeys(form[-1] for form in found if not any(stem in known for stem in form))
    strange = list(unknown)[:MENDED]
    if strange:
        known |= await _known(connection, names, {o for stem in strange for o in (*mendings(stem), *words.slip(stem))})
    stems = stems_of(found, lambda stem: known[stem][1] if stem in known else 0, words)
    worths = {stem: FAMILIAR if stem in everyday else 1.0 for stem in stems}
    weights = {stem: worths[stem] * rarity(known[stem][1] if stem in known else 0, state.resources) for stem in stems}
    return Asked(text, state, weights, worths, {stem: known[stem] for stem in stems if stem in known})


async def _known(connection: asyncpg.Connection[Any], names: Names, stems: set[str]) -> dict[str, tuple[int, int]]:
    if not stems:
        return {}
    wanted = f"SELECT stem, number, uses FROM {names.schema}.stem WHERE stem = ANY($1::text[]) AND uses > 0"
    return {stem: (number, uses) for stem, number, uses in await connection.fetch(wanted, sorted(stems))}


async def look_up(connection: asyncpg.Connection[Any], names: Names, said: Asked) -> Tallied:
    """Those that share words with the question; how many a query gives is foreseen, not known."""
    query = sought({stem: uses for stem, (_, uses) in said.known.items()}, said.state.resources)
    if not query:
        return Tallied.of([], said)
    rows = f"{_ROWS} {names.schema}.shelf WHERE words @@ $1::text::tsquery LIMIT {2 * READ}"
    return Tallied.of(await connection.fetch(rows, query), said)


async def tell(connection: asyncpg.Connection[Any], names: Names, said: Asked, slots: Sequence[int]) -> Tallied:
    """Those of these slots that are in use."""
    rows = f"{_ROWS} {names.schema}.shelf WHERE slot = ANY($1::int[])"
    return Tallied.of(await connection.fetch(rows, slots) if slots else [], said)


def sought(uses: Mapping[str, int], resources: int, most: int = READ) -> str:
    """A query for about `most` resources: any of the rare stems; of the others as many together as it takes. Where
    even all of them together are in too many, they are left out, unless there is nothing else."""
    rest, left, parts = sorted(uses, key=lambda stem: (uses[stem], stem)), most, list[str]()
    while rest and uses[rest[0]] <= left:
        left -= uses[rest[0]]
        parts.append(_quoted(rest.pop(0)))
    together, expected = list[str](), float(resources)
    for stem in rest:
        together.append(_quoted(stem))
        expected *= uses[stem] / max(1, resources)
        if expected <= left:
            break
    if together and (expected <= left or not parts):
        parts.append("(" + " & ".join(together) + ")")
    return " | ".join(parts)


def _quoted(stem: str) -> str:
    escaped = stem.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def packed(numbers: NDArray[Any], counts: NDArray[Any]) -> bytes:
    """A tally of one resource."""
    entries = np.empty(len(numbers), ENTRY)
    entries["number"], entries["count"] = numbers, np.minimum(counts, MOST)
    return entries.tobytes()


def counted(tallies: Sequence[bytes], said: Asked) -> Floats:
    """How often each resource has each stem of the question, shape (resources, stems)."""
    counts = np.zeros((len(tallies), len(said.weights)), np.float32)
    entries = np.frombuffer(b"".join(tallies), ENTRY)
    owners = np.repeat(np.arange(len(tallies)), [len(tally) // ENTRY.itemsize for tally in tallies])
    return filled(counts, owners, np.ascontiguousarray(entries["number"]), entries["count"], said)


def filled(counts: Floats, owners: Integers, numbers: NDArray[Any], times: NDArray[Any], said: Asked) -> Floats:
    for place, stem in enumerate(said.weights):
        if stem in said.known:
            hits = np.flatnonzero(numbers == said.known[stem][0])
            counts[owners[hits], place] = times[hits]
    return counts


def bm25(counts: Floats, lengths: Floats, said: Asked) -> Floats:
    """As in knowledge/lexical.py."""
    average = said.state.length / max(1, said.state.resources) or 1.0
    weights = np.fromiter(said.weights.values(), np.float32, len(said.weights))
    dampened = counts + np.float32(K1) * (1 - B + B * lengths[:, None] / np.float32(average))
    scores = (weights * (K1 + 1) * counts / dampened).sum(axis=1)
    return np.asarray(scores, np.float32)
