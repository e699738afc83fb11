"""Resources with every version they had, the drafts some of them began as, and the vectors they are found by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import chunks, one_of, upsert
from adapters.storage.library_tables import draft, embedding, resource, resource_version
from adapters.storage.prepared import Prepared
from adapters.storage.versions import next_version
from adapters.storage.wire import Wire
from bot.curation import Draft, DraftState
from knowledge.resources import Resource

_GET = Prepared(select(resource.c.payload).where(one_of(resource.c.id, "ids")))


class Resources:
    """See bot.ports.ResourceStore."""

    def __init__(self, connection: AsyncConnection, wire: Wire, news: set[str]) -> None:
        self._connection = connection
        self._wire = wire
        self._news = news

    async def put(self, resources: Sequence[Resource], now: datetime) -> list[Resource]:
        """See ResourceStore."""
        stored = await self.get([r.id for r in resources])
        changed: dict[str, Resource] = {}
        for given in resources:
            new = next_version(stored.get(given.id), given)
            if new:
                changed[new.id] = stored[new.id] = new
        await self.replace(list(changed.values()), now)
        return list(changed.values())

    async def replace(self, resources: Sequence[Resource], now: datetime) -> None:
        """Store these as they are, each also among its versions."""
        rows: list[dict[str, Any]] = [
            {"id": r.id, "state": r.state.value, "version": r.version, "payload": self._wire.encode(r)}
            for r in resources
        ]
        versions = [{"resource": r["id"], "version": r["version"], "at": now, "payload": r["payload"]} for r in rows]
        if rows:
            self._news.add("library")
            await self._connection.execute(upsert(self._connection, resource), rows)
            await self._connection.execute(upsert(self._connection, resource_version), versions)

    async def get(self, ids: Sequence[str]) -> dict[str, Resource]:
        """See ResourceStore."""
        rows = await _GET.all(self._connection, ids=ids) if ids else ()
        return {r.id: r for r in (self._wire.decode(row.payload, Resource) for row in rows)}

    async def all(self) -> list[Resource]:
        """See ResourceStore."""
        payloads = await self._connection.scalars(select(resource.c.payload).order_by(resource.c.id))
        return [self._wire.decode(payload, Resource) for payload in payloads.all()]

    async def versions(self) -> dict[str, int]:
        """See ResourceStore."""
        rows = await self._connection.execute(select(resource.c.id, resource.c.version))
        return {row.id: row.version for row in rows}

    async def edits(self) -> tuple[int, int]:
        """See ResourceStore."""
        row = (await self._connection.execute(select(func.count(), func.sum(resource.c.version)))).one()
        return row[0], row[1] or 0


class Drafts:
    """See bot.ports.DraftStore."""

    def __init__(self, connection: AsyncConnection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire

    async def save(self, changed: Draft) -> None:
        """See DraftStore."""
        row = {
            "id": changed.id,
            "question": changed.question,
            "author": changed.author,
            "state": changed.state.value,
            "created_at": changed.created_at,
            "payload": self._wire.encode(changed),
        }
        await self._connection.execute(upsert(self._connection, draft), row)

    async def get(self, draft_id: str) -> Draft | None:
        """See DraftStore."""
        payload = await self._connection.scalar(select(draft.c.payload).where(draft.c.id == draft_id))
        return self._wire.decode(payload, Draft) if payload else None

    async def all(self) -> list[Draft]:
        """See DraftStore."""
        newest = select(draft.c.payload).order_by(draft.c.created_at.desc(), draft.c.id.desc())
        return [self._wire.decode(payload, Draft) for payload in await self._connection.scalars(newest)]

    async def made_before(self, moment: datetime, states: Sequence[DraftState]) -> list[Draft]:
        """See DraftStore."""
        old = draft.c.created_at < moment, draft.c.state.in_([state.value for state in states])
        oldest = select(draft.c.payload).where(*old).order_by(draft.c.created_at, draft.c.id)
        return [self._wire.decode(payload, Draft) for payload in await self._connection.scalars(oldest)]


class Vectors:
    """See bot.ports.VectorStore. A vector is its float32 numbers, little-endian, one after the other."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def load(self, model: str, hashes: Sequence[str] | None = None) -> dict[str, NDArray[np.float32]]:
        """See VectorStore."""
        parts = [_of(model)] if hashes is None else [_some(model, some) for some in chunks(hashes)]
        rows = [row for wanted in parts for row in (await self._connection.execute(wanted)).all()]
        if not rows:
            return {}
        found = np.frombuffer(b"".join([blob for _, blob in rows]), "<f4").astype(np.float32, copy=False)
        return dict(zip([key for key, _ in rows], found.reshape(len(rows), -1), strict=True))

    async def known(self, model: str, hashes: Sequence[str] | None = None) -> set[str]:
        """See VectorStore."""
        wanted = select(embedding.c.hash).where(embedding.c.model == model)
        some = [wanted] if hashes is None else [wanted.where(embedding.c.hash.in_(part)) for part in chunks(hashes)]
        return {key for one in some for key in await self._connection.scalars(one)}

    async def put(self, model: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """See VectorStore."""
        rows = [
            {"model": model, "hash": key, "vector": np.ascontiguousarray(vector, "<f4").tobytes()}
            for key, vector in vectors.items()
        ]
        if rows:
            await self._connection.execute(upsert(self._connection, embedding), rows)


def _of(model: str) -> Select[str, bytes]:
    """Every vector of a model. By the index on the model, the rows would be fetched one by one in the order of their
    hashes, which takes five times as long; an index on a column does not serve an expression of it."""
    return select(embedding.c.hash, embedding.c.vector).where(embedding.c.model.concat("") == model)


def _some(model: str, hashes: Sequence[str]) -> Select[str, bytes]:
    own = embedding.c.model == model
    return select(embedding.c.hash, embedding.c.vector).where(own, embedding.c.hash.in_(hashes))
