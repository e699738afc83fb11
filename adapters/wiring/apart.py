"""The real decision on a library apart: everything in memory, and whoever uses it writes into no database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters import embedders
from adapters.clock import SystemClock
from adapters.embedders import pair, serving
from adapters.model import BackgroundModel
from adapters.settings import Settings
from adapters.storage import migrations
from adapters.storage.database import Database
from adapters.storage.errors import StorageError
from adapters.storage.memory import MemoryStore
from bot.judging import Judge
from bot.librarian import Librarian
from bot.policy import Policy
from bot.reception import Reception
from bot.replaying import Replaying
from bot.safety.detector import Detector
from bot.safety.triage import Triage
from knowledge.glossary_file import load_glossary
from knowledge.resources import Resource
from knowledge.search import Library

Progress = Callable[[int, int], None]
Vectors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Apart:
    """What stands apart from the community's database. `resources`: how many the library has."""

    replaying: Replaying
    resources: int


@asynccontextmanager
async def apart(
    settings: Settings, resources: Sequence[Resource] | None, progress: Progress | None = None
) -> AsyncIterator[Apart]:
    """On `resources`, or on a copy of the community's library when they are None. Raises ModelError, StorageError."""
    model = BackgroundModel(lambda: embedders.load_embedder(settings.winwin_model or None))
    try:
        loaded = await model.embedder()
        known: Vectors = {}
        if resources is None:
            resources, known = await _copied(settings, loaded.name)
        store, clock, policy = MemoryStore(), SystemClock(), Policy()
        async with store.begin() as tx:
            await tx.resources.put(resources, clock.now())
            await tx.vectors.put(loaded.name, known)
        library = Library(loaded.dimension, glossary=load_glossary(settings.glossary_file)[0])
        librarian = Librarian(library, model, loaded.name, store)
        await librarian.open(progress)
        triage = await asyncio.to_thread(Triage.load)
        detector, reads = Detector.load(), loaded.name in (pair.name(), serving.NAME)
        judge = Judge(triage, librarian, model, policy, detector=detector, ready=lambda: model.ready, reads=reads)
        door = Reception(store, clock, triage, judge, asyncio.Queue())
        yield Apart(Replaying(judge, door.at_the_door, policy), len(librarian.library))
    finally:
        model.close()


async def _copied(settings: Settings, model_name: str) -> tuple[Sequence[Resource], Vectors]:
    """Resources and vectors of the community, read and nothing else: no table is made or changed for it."""
    store = Database.as_it_is(settings.database_url)
    try:
        if await store.revision() != migrations.known()[-1]:
            raise StorageError(f"The database {store.place} is of another version: run `winwin migrate` first.")
        async with store.read() as tx:
            return await tx.resources.all(), await tx.vectors.load(model_name)
    finally:
        await store.close()
