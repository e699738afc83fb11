"""What the community knows and what has happened, kept: resources, drafts, alerts, logs, vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.community import (
    Audit,
    Engagement,
    JournalEntry,
)
from bot.confirmed import OwnNumbers, Shown
from bot.curation import Draft, DraftState
from bot.events import Place
from bot.safety.alerts import Alert
from knowledge.resources import Resource


class ResourceStore(Protocol):
    async def put(self, resources: Sequence[Resource], now: datetime) -> list[Resource]:
        """Add or replace; an unchanged one keeps its version, a changed one gets the next. Returns the changed ones."""
        ...

    async def get(self, ids: Sequence[str]) -> dict[str, Resource]: ...

    async def all(self) -> list[Resource]: ...

    async def versions(self) -> dict[str, int]:
        """The version of every resource, by id."""
        ...

    async def edits(self) -> tuple[int, int]:
        """How many resources there are, and the sum of their versions: any change of a resource changes it. A cheap
        look for what another process has done."""
        ...


class DraftStore(Protocol):
    async def save(self, draft: Draft) -> None: ...

    async def get(self, draft_id: str) -> Draft | None: ...

    async def all(self) -> list[Draft]:
        """Newest first."""
        ...

    async def made_before(self, moment: datetime, states: Sequence[DraftState]) -> list[Draft]:
        """Those in one of these states, oldest first."""
        ...


class AlertStore(Protocol):
    async def save(self, alert: Alert) -> None: ...

    async def get(self, alert_id: str) -> Alert | None: ...

    async def due(self, now: datetime, limit: int) -> list[Alert]: ...

    async def open(self) -> list[Alert]: ...

    async def about(self, author: str) -> list[Alert]:
        """Every alert a member's message has raised, oldest first."""
        ...

    async def at(self, place: Place) -> list[Alert]:
        """Those that are not settled yet, about what stands at this place."""
        ...

    async def ever(self, place: Place) -> list[Alert]:
        """All about what stands at this place, settled ones too, oldest first."""
        ...


class EngagementStore(Protocol):
    async def add(self, rows: Sequence[Engagement]) -> None:
        """Append; a row with a known key is left out."""
        ...

    async def all(self) -> list[Engagement]:
        """Oldest first, with the person each member is now."""
        ...

    async def since(self, moment: datetime, behaviours: Sequence[str]) -> list[Engagement]:
        """The same, only these behaviours and from that moment on."""
        ...


class JournalStore(Protocol):
    async def add(self, entries: Sequence[JournalEntry]) -> None: ...

    async def of(self, question_id: str) -> list[JournalEntry]: ...


class AuditStore(Protocol):
    async def append(self, entries: Sequence[Audit]) -> None:
        """Each row carries the hash of the row before it."""
        ...

    async def all(self) -> list[Audit]: ...

    async def verify(self) -> int | None:
        """The number of the first row whose hash does not fit, or None when the chain is whole."""
        ...

    async def chain(self) -> list[tuple[Audit, str]]:
        """Every row with its hash, oldest first."""
        ...


class VectorStore(Protocol):
    async def load(self, model: str, hashes: Sequence[str] | None = None) -> dict[str, NDArray[np.float32]]:
        """Those of the hashes that are known; every vector of the model when none are named."""
        ...

    async def known(self, model: str, hashes: Sequence[str] | None = None) -> set[str]:
        """The hashes that `load` would give vectors of: in a large library those are gigabytes."""
        ...

    async def put(self, model: str, vectors: Mapping[str, NDArray[np.float32]]) -> None: ...


class CalibrationStore(Protocol):
    async def shown(self) -> list[Shown]:
        """Every question of somebody who is not staff that something was suggested for, oldest first. No words are
        read."""
        ...

    async def all(self) -> list[OwnNumbers]:
        """Those that were applied, by their basis."""
        ...

    async def put(self, own: OwnNumbers) -> None:
        """In place of those of the same basis."""
        ...

    async def clear(self) -> None: ...
