"""Resources, drafts and vectors, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from adapters.storage.memory.state import Rows, State
from adapters.storage.versions import next_version
from bot.curation import Draft, DraftState
from knowledge.resources import Resource


class Resources:
    """See bot.ports.ResourceStore. Only the newest version is kept here."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Resource] = state.table("resource")

    async def put(self, resources: Sequence[Resource], now: datetime) -> list[Resource]:  # noqa: ARG002 -- the port's
        """See ResourceStore."""
        changed = {}
        for resource in resources:
            new = next_version(self._rows.get(resource.id), resource)
            if new:
                self._rows[new.id] = new
                changed[new.id] = new
        return list(changed.values())

    async def get(self, ids: Sequence[str]) -> dict[str, Resource]:
        """See ResourceStore."""
        return {i: self._rows[i] for i in ids if i in self._rows}

    async def all(self) -> list[Resource]:
        """See ResourceStore."""
        return [self._rows[i] for i in sorted(self._rows)]

    async def versions(self) -> dict[str, int]:
        """See ResourceStore."""
        return {i: row.version for i, row in self._rows.items()}

    async def edits(self) -> tuple[int, int]:
        """See ResourceStore."""
        return len(self._rows), sum(row.version for row in self._rows.values())


class Drafts:
    """See bot.ports.DraftStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Draft] = state.table("draft")

    async def save(self, draft: Draft) -> None:
        """See DraftStore."""
        self._rows[draft.id] = draft

    async def get(self, draft_id: str) -> Draft | None:
        """See DraftStore."""
        return self._rows.get(draft_id)

    async def all(self) -> list[Draft]:
        """See DraftStore."""
        return sorted(self._rows.values(), key=lambda d: (d.created_at, d.id), reverse=True)

    async def made_before(self, moment: datetime, states: Sequence[DraftState]) -> list[Draft]:
        """See DraftStore."""
        old = [d for d in self._rows.values() if d.created_at < moment and d.state in states]
        return sorted(old, key=lambda d: (d.created_at, d.id))


class Vectors:
    """See bot.ports.VectorStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[tuple[str, str], NDArray[np.float32]] = state.table("embedding")

    async def load(self, model: str, hashes: Sequence[str] | None = None) -> dict[str, NDArray[np.float32]]:
        """See VectorStore."""
        if hashes is not None:
            return {h: self._rows[model, h].copy() for h in hashes if (model, h) in self._rows}
        return {h: vector.copy() for (m, h), vector in self._rows.items() if m == model}

    async def known(self, model: str, hashes: Sequence[str] | None = None) -> set[str]:
        """See VectorStore."""
        return {h for m, h in self._rows if m == model and (hashes is None or h in hashes)}

    async def put(self, model: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """See VectorStore."""
        for content, vector in vectors.items():
            self._rows[model, content] = np.array(vector, np.float32)

    def forget(self, hashes: set[str]) -> None:
        """Drop these vectors, whatever the model."""
        for key in [key for key in self._rows if key[1] in hashes]:
            self._rows.pop(key)
