"""The librarian keeps the search index in step with the stored resources. The model runs off the event loop and never
while a transaction is open; a text whose vector is known is never embedded again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.ports import Model, Store, StoreAway, Transaction
from knowledge.embedding import asked
from knowledge.resources import Resource, ReviewState, content_hash
from knowledge.search import Library, Match, Reading, SharedIndex

TOGETHER = 1_000  # resources that are entered into the index at once: some 50 ms
BATCH = 256  # texts through the model between two saves: what an interrupted start has to do again


Progress = Callable[[int, int], None]
Found = tuple[Resource, Match]
Measure = Callable[[str], AbstractContextManager[None]]  # given the name of a step
Vectors = dict[str, NDArray[np.float32]]  # by content hash


class Librarian:
    """`model_name` is the identity under which vectors are kept (Embedder.name)."""

    def __init__(self, library: Library, model: Model, model_name: str, store: Store) -> None:
        self.library = library
        self._model = model
        self._model_name = model_name
        self._store = store
        self.basis = f"{model_name} {library.shipped.mark}"  # what a confidence rests on; a calibration holds for one
        self._versions: dict[str, int] = {}  # of what is in memory
        self._seen: tuple[int, int] | None = None  # the store's edits that a shared index has
        self._lost = False  # whether it began anew and is not settled yet
        self._touched = False  # whether somebody has put something into it since, which may have been late

    async def open(self, progress: Progress | None = None, step: Measure = lambda _: nullcontext()) -> None:
        """Load every published resource; embed what has no vector yet. Each part of it happens inside a `step`. A
        shared index is there already: it is given what it lacks."""
        if (shared := self.library.shared) is not None:
            async with self._store.read() as tx:
                await self._calibrate(tx)
            with step("shared index followed up"):
                await self._caught_up(shared, progress)
            with step("shared index settled"):
                await asyncio.to_thread(shared.settle)
            return
        async with self._store.read() as tx:
            with step("resources read"):
                stored = await tx.resources.all()
            with step("vectors read"):
                known = await tx.vectors.load(self._model_name)
            await self._calibrate(tx)
        with step("index of words and vectors"):
            await self._take_in(stored, known, progress)

    async def refresh(self) -> bool:
        """Take up what another process has imported, edited, retired or calibrated. Returns whether there was
        anything."""
        if self.library.shared is not None:
            async with self._store.read() as tx:
                await self._calibrate(tx)
            await self._tend(self.library.shared)
            return False
        async with self._store.read() as tx:
            await self._calibrate(tx)
            if await tx.resources.edits() == (len(self._versions), sum(self._versions.values())):
                return False
            now = await tx.resources.versions()
            changed = [i for i, version in now.items() if self._versions.get(i) != version]
            resources = await tx.resources.get(changed) if changed else {}
        await self.put(list(resources.values()))
        for gone in self._versions.keys() - now.keys():
            await self.remove(gone)
        return False  # one look is enough for a tick

    async def _caught_up(self, shared: SharedIndex, progress: Progress | None) -> None:
        try:
            await self._follow_up(progress)
        except StoreAway:  # another process is making finding quick: this waits for it, however long that takes
            await asyncio.to_thread(shared.settle)
            await self._follow_up(progress)

    async def _tend(self, shared: SharedIndex) -> None:
        if await asyncio.to_thread(shared.tend):
            self._seen, self._lost = None, True
        await self._follow_up(None)
        if self._lost:
            await asyncio.to_thread(shared.settle)
            self._lost = False

    async def _follow_up(self, progress: Progress | None) -> None:
        """Bring the shared index to what the store has. Of two processes that do so at once the second does it in
        vain."""
        shared = self.library.shared
        assert shared is not None
        async with self._store.read() as tx:
            edits = await tx.resources.edits()
        if edits == self._seen and not self._touched:
            return
        self._touched, self._seen = False, None  # should this fail, it is made again
        changed, gone = await asyncio.to_thread(shared.behind)
        for start in range(0, len(changed), TOGETHER):
            async with self._store.read() as tx:
                found = await tx.resources.get(changed[start : start + TOGETHER])
            await self._put(list(found.values()), None)
            if progress:
                progress(min(start + TOGETHER, len(changed)), len(changed))
        for one in gone:
            await asyncio.to_thread(shared.remove, one)
        self._seen = edits

    async def _calibrate(self, tx: Transaction) -> None:
        """The community's own numbers, as far as they are of this model and these shipped numbers."""
        own = {one.basis: one.calibration for one in await tx.calibrations.all()}
        self.library.calibrate(own.get(self.basis))

    async def put(self, resources: Sequence[Resource], progress: Progress | None = None) -> int:
        """Make these findable at once (or gone, when they are not published). Returns how many texts were embedded."""
        try:
            return await self._put(resources, progress)
        finally:
            self._touched = True

    async def _put(self, resources: Sequence[Resource], progress: Progress | None) -> int:
        if not resources:
            return 0
        hashes = [content_hash(text) for text in chain.from_iterable(self._texts(resources))]
        async with self._store.read() as tx:
            known = await tx.vectors.load(self._model_name, hashes)
        return await self._take_in(resources, known, progress)

    async def remove(self, resource_id: str) -> None:
        if self.library.shared is None:
            self.library.remove(resource_id)
        else:
            await asyncio.to_thread(self.library.remove, resource_id)
        self._touched = True
        self._versions.pop(resource_id, None)

    def _texts(self, resources: Sequence[Resource]) -> list[tuple[str, ...]]:
        """The texts that lead to each of them; none to one that is not published."""
        return [self.library.ways_in(r) if r.state is ReviewState.PUBLISHED else () for r in resources]

    async def _take_in(self, resources: Sequence[Resource], known: Vectors, progress: Progress | None) -> int:
        """Into the index; `known` is filled up with what was missing, and let go of afterwards."""
        latest = list({resource.id: resource for resource in resources}.values())
        texts = self._texts(latest)
        hashes = [tuple(map(content_hash, some)) for some in texts]
        pairs = zip(chain.from_iterable(hashes), chain.from_iterable(texts), strict=True)
        fresh = await self._embed({key: text for key, text in pairs if key not in known}, known, progress)
        await asyncio.to_thread(self._index, latest, hashes, known)
        if self.library.shared is None:
            self._versions |= {r.id: r.version for r in latest}
        return fresh

    async def _embed(self, missing: Mapping[str, str], known: Vectors, progress: Progress | None) -> int:
        hashes = sorted(missing, key=lambda h: len(missing[h]))  # texts of like length share a batch
        for start in range(0, len(hashes), BATCH):
            part = hashes[start : start + BATCH]
            vectors = dict(zip(part, await self._model.embed([missing[h] for h in part]), strict=True))
            async with self._store.begin() as tx:
                await tx.vectors.put(self._model_name, vectors)
            known |= vectors
            if progress:
                progress(min(start + BATCH, len(hashes)), len(hashes))
        return len(hashes)

    def _index(self, resources: Sequence[Resource], hashes: Sequence[tuple[str, ...]], known: Vectors) -> None:
        """In parts, so that whoever asks meanwhile does not wait long."""
        for start in range(0, len(resources), TOGETHER):
            end = start + TOGETHER
            counts = [len(keys) for keys in hashes[start:end] if keys]
            rows = [known[key] for key in chain.from_iterable(hashes[start:end])]
            vectors = np.concatenate(rows).reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32)
            self.library.put_all(resources[start:end], vectors, counts)

    def read(self, text: str) -> Reading:
        """See Library.read."""
        return self.library.read(text)

    async def find(self, texts: Sequence[str], limit: int, *, reviewed_only: bool = False) -> list[list[Found]]:
        """For each text the published resources that fit it best, best first: what a search shows."""
        if not texts:
            return []
        vectors = await self._model.embed([asked(text) for text in texts])
        rows = zip(texts, vectors, strict=True)
        return await asyncio.to_thread(
            lambda: [self._found(self.rank(text, row, limit, reviewed_only=reviewed_only)) for text, row in rows]
        )

    def _found(self, matches: Sequence[Match]) -> list[Found]:
        pairs = [(self.library.get(m.resource_id), m) for m in matches]
        return [(resource, m) for resource, m in pairs if resource is not None]

    def rank(
        self,
        question: str | Reading,
        vector: NDArray[np.float32],
        limit: int,
        *,
        reviewed_only: bool = False,
        explained: int | None = None,
        explained_from: float = 0.0,
    ) -> tuple[Match, ...]:
        """Best first. `reviewed_only`: resources that a clinician of ours has reviewed, for questions on medicines.
        `explained`: how many of them say why they match, all when it is None; from that confidence on."""
        return self.library.rank(question, vector, limit, None, explained, explained_from, reviewed_only=reviewed_only)
