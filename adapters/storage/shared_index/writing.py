"""Putting resources into a shared index and taking them out: one writer at a time, seen by all at its commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import asyncpg
import numpy as np

from adapters.storage.shared_index.lag import late
from adapters.storage.shared_index.schema import FULL, PART, PAST, Names
from adapters.storage.shared_index.words import packed
from knowledge.embedding import Vectors
from knowledge.resources import Resource
from knowledge.tally import Tally
from knowledge.ways_in import Rows

SHELF = ("slot", "id", "version", "draw", "length", "tally", "words", "topics", "reviewed")
WAY = ("slot", "kind", "vector")


async def put(
    connection: asyncpg.Connection[Any],
    names: Names,
    resources: Sequence[Resource],
    vectors: Vectors,
    rows: Rows,
    said: Tally,
) -> tuple[frozenset[str], int]:
    """Add or replace. Returns the ids of those that the store has otherwise by now (then nothing is written), and how
    many were replaced."""
    async with connection.transaction():
        await connection.execute(f"SELECT pg_advisory_xact_lock({names.key})")
        if overtaken := await late(connection, resources):
            return overtaken, 0
        gone = await _taken_out(connection, names, [resource.id for resource in resources])
        used = Counter(
            dict(zip(said.stems, np.bincount(said.numbers, minlength=len(said.stems)).tolist(), strict=True))
        )
        used.subtract(gone.uses)
        numbers = await _count(connection, names, used)
        lengths = np.bincount(said.texts, said.counts, said.size)
        slots = [
            row[0]
            for row in await connection.fetch(
                f"SELECT nextval('{names.schema}.slot')::int FROM generate_series(1, $1)",
                len(resources),
            )
        ]
        shelf = _shelf(resources, slots, lengths.tolist(), said, numbers)
        await connection.copy_records_to_table("shelf", schema_name=names.schema, columns=SHELF, records=shelf)
        ways = _ways(slots, rows, vectors)
        await connection.copy_records_to_table("way", schema_name=names.schema, columns=WAY, records=ways)
        await _note(connection, names, len(resources) - gone.resources, float(lengths.sum()) - gone.length, len(slots))
        return frozenset(), gone.resources


async def remove(connection: asyncpg.Connection[Any], names: Names, ids: Sequence[str]) -> int:
    """How many of them were there."""
    async with connection.transaction():
        await connection.execute(f"SELECT pg_advisory_xact_lock({names.key})")
        gone = await _taken_out(connection, names, ids)
        if not gone.resources:
            return 0
        used = Counter[str]()
        used.subtract(gone.uses)
        await _count(connection, names, used)
        await _note(connection, names, -gone.resources, -gone.length, gone.resources)
        return gone.resources


class _Gone:
    """What was taken out: how many resources, how long together, and how often each stem was used."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.resources = len(rows)
        self.length = float(sum(row[1] for row in rows))
        self.uses = Counter(stem for row in rows for stem in row[2])
        self.slots = [row[0] for row in rows]


async def _taken_out(connection: asyncpg.Connection[Any], names: Names, ids: Sequence[str]) -> _Gone:
    taken = (
        f"DELETE FROM {names.schema}.shelf WHERE id = ANY($1::text[]) RETURNING slot, length, tsvector_to_array(words)"
    )
    gone = _Gone(await connection.fetch(taken, ids))
    if gone.slots:
        await connection.execute(f"DELETE FROM {names.schema}.way WHERE slot = ANY($1::int[])", gone.slots)
    return gone


async def _count(connection: asyncpg.Connection[Any], names: Names, used: Counter[str]) -> dict[str, int]:
    """Add to how often stems are used; their numbers. A stem that nobody uses any more may be somebody's name: it
    goes."""
    table = f"{names.schema}.stem"
    counted = (
        f"INSERT INTO {table} AS old (stem, uses) SELECT * FROM unnest($1::text[], $2::int[]) "
        "ON CONFLICT (stem) DO UPDATE SET uses = old.uses + excluded.uses RETURNING stem, number"
    )
    numbers = dict(await connection.fetch(counted, list(used), list(used.values())))
    if fewer := [stem for stem, times in used.items() if times < 0]:
        await connection.execute(f"DELETE FROM {table} WHERE stem = ANY($1::text[]) AND uses <= 0", fewer)
    return numbers


async def _note(connection: asyncpg.Connection[Any], names: Names, more: int, longer: float, edits: int) -> None:
    noted = "SET resources = resources + $1, length = length + $2, edits = edits + $3"
    await connection.execute(f"UPDATE {names.schema}.state {noted}", more, longer, edits)


def _shelf(
    resources: Sequence[Resource], slots: Sequence[int], lengths: Sequence[float], said: Tally, numbers: dict[str, int]
) -> list[tuple[Any, ...]]:
    by_stem = np.array([numbers[stem] for stem in said.stems], np.int64)
    ends = np.cumsum(np.bincount(said.texts, minlength=said.size)).tolist()
    return [
        (
            slot,
            resource.id,
            resource.version,
            crc32(resource.id.encode("utf-8", "replace")) - 2**31,
            length,
            packed(by_stem[said.numbers[start:end]], said.counts[start:end]),
            [said.stems[number] for number in said.numbers[start:end]],
            list(resource.topics),
            resource.reviewed_medical,
        )
        for resource, slot, length, start, end in zip(resources, slots, lengths, [0, *ends], ends, strict=False)
    ]


def _ways(slots: Sequence[int], rows: Rows, vectors: Vectors) -> list[tuple[int, int, Any]]:
    kinds, owners = np.full(rows.count, PART), np.empty(rows.count, np.intp)
    kinds[rows.fulls], kinds[rows.past] = FULL, PAST
    owners[rows.fulls] = np.arange(len(slots))
    owners[rows.parts], owners[rows.past] = rows.part_owners, rows.past_owners
    return [
        (slots[owner], kind, vector)
        for owner, kind, vector in zip(owners.tolist(), kinds.tolist(), np.asarray(vectors, np.float32), strict=True)
    ]
