"""`PostgresIndex`: what a library on PostgreSQL is given in place of the index in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Self

import asyncpg
import numpy as np
import structlog
from sqlalchemy.engine import URL

from adapters.storage.errors import StorageError, in_words
from adapters.storage.shared_index import clearing, lag, schema, writing
from adapters.storage.shared_index.aside import FAILED, Aside, Step
from adapters.storage.shared_index.finding import Permitted, choose, compare
from adapters.storage.shared_index.sample import Sample, draw
from adapters.storage.shared_index.schema import Names
from adapters.storage.shared_index.words import Asked, State, Tallied, ask, look_up
from adapters.storage.wire import Wire
from knowledge.embedding import Vector, Vectors
from knowledge.glossary import Glossary
from knowledge.index import Candidates, Reading
from knowledge.resources import Resource
from knowledge.tally import Tally, tally
from knowledge.text import Words
from knowledge.ways_in import Rows, said_by, ways_in

REACH = 200  # vectors that a scan of the graph keeps in view: more of the true ones, and slower
KEPT = 2_000  # resources that were shown lately, in memory
BUILDING = "1GB"  # for the graph while it is made; what does not fit into it takes several times as long

_log = structlog.get_logger("winwin.index")


@dataclass(frozen=True, slots=True)
class _Begun(Reading):
    """A question whose words are being looked up."""

    words: Future[tuple[Asked, Tallied]]

    def begun(self) -> tuple[Asked, Tallied] | None:
        """What was found; None where that failed: it is tried again with the rest."""
        try:
            return self.words.result()
        except StorageError:
            return None


class PostgresIndex:
    """See SharedIndex. Every question looks at the tables as they are committed at that moment."""

    def __init__(self, aside: Aside, names: Names, place: str, glossary: Glossary) -> None:
        self._aside = aside
        self._place = place
        self._names = names
        self._words = Words(glossary)
        self._everyday = self._words.everyday()
        self._wire = Wire()
        self._kept: dict[str, Resource] = {}  # changed on the thread of `aside` alone, as the next one
        self._judged: dict[str, Resource] = {}  # those that `allowed` is asked about at this moment
        self._size = 0
        self._untidy = False  # whether old rows are left from what was taken out
        self._topics: tuple[str, ...] = ()
        self._sample: Sample | None = None
        self._drawing = asyncio.Lock()
        self._made = 0  # which tables: see schema.make

    @classmethod
    async def open(
        cls, address: URL, place: str, seconds: float, model: str, dimension: int, glossary: Glossary
    ) -> Self:
        """For the vectors of one model, and words as one glossary reads them. Raises NotToBeHad, with what is missing,
        and StorageError."""
        names = Names.of(f"{model} {glossary.digest}", dimension)
        aside = Aside(address, place, seconds, REACH, names.there)
        index = cls(aside, names, place, glossary)
        try:
            await asyncio.wrap_future(aside.begin(index._open()))
        except FAILED as error:
            await asyncio.to_thread(index.close)
            raise in_words(error, place, seconds) from error
        except BaseException:
            await asyncio.to_thread(index.close)
            raise
        return index

    async def _open(self) -> None:
        link = await self._aside.connect()
        try:
            await schema.extension(link.driver, self._names)
        finally:
            await link.close()
        self._made = await self._aside.do(lambda c: schema.make(c, self._names))
        await self._aside.do(self._look_around)

    def close(self) -> None:
        """Let go of its connections."""
        self._aside.close()

    def __len__(self) -> int:
        return self._size

    def get(self, resource_id: str) -> Resource | None:
        """See SharedIndex. What a question has just led to is at hand."""
        if self._aside.here:  # `allowed` asks, in the middle of a question: it would wait for itself
            return self._judged.get(resource_id)
        if (kept := self._kept.get(resource_id)) is not None:
            return kept
        return self._aside.wait(self._aside.do(lambda c: self._published(c, [resource_id]))).get(resource_id)

    def topics(self) -> tuple[str, ...]:
        """See SharedIndex."""
        return self._topics

    # --- put in and taken out -------------------------------------------------------------------------------

    def put(self, resource: Resource, vectors: Vectors) -> None:
        """See Index. Raises ValueError when the vectors do not fit the resource's ways in."""
        self.put_all([resource], vectors)

    def put_all(self, resources: Sequence[Resource], vectors: Vectors, counts: Sequence[int] | None = None) -> None:
        """See Index. Raises ValueError when the vectors do not fit, or an id stands there twice; then nothing
        changes. What the store has in a later version, or not published any more, is left out."""
        while resources:
            rows = Rows.checked(resources, vectors, counts, self._names.dimension)
            said = tally(self._words, [said_by(resource) for resource in resources])
            late = self._aside.wait(self._aside.do(self._writing(resources, vectors, rows, said)))
            if not late:
                break
            counts = counts or [len(ways_in(resource).texts()) for resource in resources]
            vectors = vectors[np.repeat([resource.id not in late for resource in resources], counts)]
            counts = [n for resource, n in zip(resources, counts, strict=True) if resource.id not in late]
            resources = [resource for resource in resources if resource.id not in late]
        self._topics = tuple(sorted({*self._topics, *(topic for r in resources for topic in r.topics)}))

    def _writing(
        self, resources: Sequence[Resource], vectors: Vectors, rows: Rows, said: Tally
    ) -> Step[frozenset[str]]:
        async def step(connection: asyncpg.Connection[Any]) -> frozenset[str]:
            late, replaced = await writing.put(connection, self._names, resources, vectors, rows, said)
            self._untidy |= bool(replaced)
            self._forget(resource.id for resource in resources)
            self._size = (await State.look(connection, self._names)).resources
            return late

        return step

    def remove(self, resource_id: str) -> bool:
        """See Index."""

        async def step(connection: asyncpg.Connection[Any]) -> bool:
            removed = await writing.remove(connection, self._names, [resource_id])
            self._forget([resource_id])
            self._size -= removed
            self._untidy |= bool(removed)
            return bool(removed)

        return self._aside.wait(self._aside.do(step))

    def behind(self) -> tuple[list[str], list[str]]:
        """See SharedIndex."""
        return self._aside.wait(self._aside.do(self._look_behind))

    async def _look_behind(self, connection: asyncpg.Connection[Any]) -> tuple[list[str], list[str]]:
        self._kept.clear()  # also what others have edited or retired
        await self._look_around(connection)
        return await lag.behind(connection, self._names)

    async def _look_around(self, connection: asyncpg.Connection[Any]) -> None:
        """How many there are, and what of."""
        topics = f"SELECT DISTINCT unnest(topics) FROM {self._names.schema}.shelf"
        self._topics = tuple(sorted(row[0] for row in await connection.fetch(topics)))
        self._size = (await State.look(connection, self._names)).resources

    def settle(self) -> None:
        """See SharedIndex. Whoever writes meanwhile waits, and is turned away after the usual time (Away): the next
        look at what is behind catches up. Whoever settles too waits to the end. Questions wait for nobody."""
        try:
            self._aside.wait(self._settle())
        except FAILED as error:
            raise in_words(error, self._place) from error

    async def _settle(self) -> None:
        link = await self._aside.connect()
        try:
            say = link.driver.execute
            await say(f"SET lock_timeout = 0; SET maintenance_work_mem = '{BUILDING}'")
            await say(f"SELECT pg_advisory_lock({self._names.key})")
            for statement in schema.quick(self._names):
                try:
                    await say(statement)
                except (asyncpg.DiskFullError, asyncpg.OutOfMemoryError):  # shared memory, as small as in a container
                    _log.info("index_built_alone")
                    await say("SET max_parallel_maintenance_workers = 0")
                    await say(statement)
            await schema.drop_unused(link.driver, self._names)
        finally:
            await link.close()

    def tend(self) -> bool:
        """See SharedIndex."""
        return self._aside.wait(self._aside.do(self._tend))

    async def _tend(self, connection: asyncpg.Connection[Any]) -> bool:
        before, self._made = self._made, await schema.make(connection, self._names)
        if self._untidy:
            await self._tidy(connection)
        return self._made != before

    async def _tidy(self, connection: asyncpg.Connection[Any]) -> None:
        self._untidy = False
        try:
            for table in clearing.WORDS:
                await connection.execute(f"VACUUM {self._names.schema}.{table}")
        except BaseException:
            self._untidy = True
            raise

    # --- asked ------------------------------------------------------------------------------------------------

    def read(self, text: str) -> Reading:
        """See Index. Returns at once."""
        return _Begun(text, self._aside.begin(self._aside.do(lambda c: self._read(c, text))))

    async def _read(self, connection: asyncpg.Connection[Any], text: str) -> tuple[Asked, Tallied]:
        said = await ask(connection, self._names, self._words, self._everyday, text)
        return said, await look_up(connection, self._names, said)

    def find(
        self,
        question: str | Reading,
        vector: Vector,
        depth: int,
        allowed: Callable[[str], bool] | None = None,
        reviewed: bool = False,
    ) -> Candidates:
        """See SharedIndex. Ties are broken by id. Mean and spread are estimated where there are many (sample.py)."""
        vector = np.asarray(vector, np.float32)
        begun = question.begun() if isinstance(question, _Begun) else None
        text = question if isinstance(question, str) else question.text
        return self._aside.wait(self._aside.do(self._finding(text, begun, vector, depth, allowed, reviewed)))

    def _finding(
        self,
        text: str,
        begun: tuple[Asked, Tallied] | None,
        vector: Vector,
        depth: int,
        allowed: Callable[[str], bool] | None,
        reviewed: bool,
    ) -> Step[Candidates]:
        async def step(connection: asyncpg.Connection[Any]) -> Candidates:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                state = await State.look(connection, self._names)
                same = begun is not None and begun[0].state.edits == state.edits
                said, words = begun if begun is not None and same else await self._read(connection, text)
                sample = await self._drawn(connection, state)
                permitted = self._permitted(connection, allowed)
                for wide in (False, True):
                    found = await compare(connection, self._names, said, words, vector, wide=wide, reviewed=reviewed)
                    chosen = await choose(found, said, sample, vector, depth, permitted, reviewed=reviewed)
                    if len(chosen.ids) == depth or len(found.tallied.ids) >= state.resources:
                        break
                return chosen

        return step

    def _permitted(self, connection: asyncpg.Connection[Any], allowed: Callable[[str], bool] | None) -> Permitted:
        async def permitted(ids: Sequence[str]) -> set[str]:
            found = self._judged = await self._published(connection, ids)
            return {i for i in ids if i in found and (allowed is None or allowed(i))}

        return permitted

    async def _published(self, connection: asyncpg.Connection[Any], ids: Sequence[str]) -> dict[str, Resource]:
        """Those of these that the store has published now; as many as may be are at hand afterwards."""
        wanted = "SELECT id, payload FROM resource WHERE id = ANY($1::text[]) AND state = 'published'"
        found = {row[0]: self._wire.decode(row[1], Resource) for row in await connection.fetch(wanted, ids)}
        self._forget(ids)
        self._kept |= found
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def _forget(self, ids: Iterable[str]) -> None:
        for one in ids:
            self._kept.pop(one, None)

    async def _drawn(self, connection: asyncpg.Connection[Any], state: State) -> Sample:
        if self._sample is not None and self._sample.holds(state):
            return self._sample
        async with self._drawing:
            if self._sample is None or not self._sample.holds(state):
                self._sample = await draw(connection, self._names, state)
            return self._sample
