"""The indexes that have to keep the same promises, and resources to put into them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from adapters.storage.shared_index.index import PostgresIndex
from adapters.storage.wire import Wire
from knowledge.embedding import Vector, Vectors
from knowledge.glossary_file import packaged
from knowledge.index import Candidates, Index, MemoryIndex, Reading
from knowledge.resources import Resource
from knowledge.ways_in import ways_in
from tests.fakes.postgres_server import Databases
from tests.knowledge.toy import DIMENSION, ToyEmbedder

TOY = ToyEmbedder()
SCHOOL = Resource(
    "school", "Absence letters for school", "Ask the office to excuse days at the clinic.", topics=("school",)
)
TRAVEL = Resource("travel", "Flying with cold medicine", "Carry the pens in a cooled bag.", topics=("travel",))
POUCH = Resource("pouch", "A leaking pouch at night", "Measure the opening again and warm the wafer.")
LONG = Resource("long", "Night tubes", "Measure it. " * 60 + "Warm the wafer. " * 60, asked_as=("why does it hum?",))

_numbers = count()


class Stocked:
    """A shared index whose store has published what is put into it."""

    def __init__(self, index: PostgresIndex) -> None:
        self.index = index
        self._wire = Wire()

    def put(self, resource: Resource, vectors: Vectors) -> None:
        self.put_all([resource], vectors)

    def put_all(self, resources: Sequence[Resource], vectors: Vectors, counts: Sequence[int] | None = None) -> None:
        self.index.put_all(resources, vectors, counts)
        rows = [(r.id, r.state.value, r.version, self._wire.encode(r)) for r in resources]
        self.say(
            "INSERT INTO resource SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[]) "
            "ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, state = excluded.state, "
            "version = excluded.version",
            *map(list, zip(*rows, strict=True)),
        )

    def remove(self, resource_id: str) -> bool:
        return self.index.remove(resource_id)

    def read(self, text: str) -> Reading:
        return self.index.read(text)

    def find(
        self, question: str | Reading, vector: Vector, depth: int, allowed: Callable[[str], bool] | None = None
    ) -> Candidates:
        return self.index.find(question, vector, depth, allowed)

    def say(self, statement: str, *values: object) -> None:
        """To the store, as another process would."""
        self.say_rows(statement, *values)

    def say_rows(self, statement: str, *values: object) -> list[Any]:
        """The same, with the answer."""
        aside = self.index._aside
        return aside.wait(aside.do(lambda connection: connection.fetch(statement, *values)))


def put(index: Index, *resources: Resource) -> None:
    index.put_all(resources, TOY.embed([text for r in resources for text in ways_in(r).texts()]))


def find(
    index: Index, text: str, depth: int = 10, allowed: Callable[[str], bool] | None = None, near: str = ""
) -> Candidates:
    """`near`: what its vector says, where that is something else than its words."""
    return index.find(text, TOY.embed([near or text])[0], depth, allowed)


@contextmanager
def shared(databases: Databases, *, processes: int = 1, dimension: int = DIMENSION) -> Iterator[list[Stocked]]:
    """An empty index on PostgreSQL, open in as many processes."""
    model = f"toy {next(_numbers)}"

    async def opened() -> list[PostgresIndex]:
        address = make_url(await databases.emptied())
        return [await PostgresIndex.open(address, "tests", 5.0, model, dimension, packaged()) for _ in range(processes)]

    indexes = asyncio.run(opened())
    try:
        yield [Stocked(index) for index in indexes]
    finally:
        for index in indexes:
            index.close()


@contextmanager
def made(kind: str, request: pytest.FixtureRequest) -> Iterator[Index]:
    if kind == "memory":
        yield MemoryIndex(DIMENSION)
    else:
        with shared(request.getfixturevalue("postgres")) as (one,):
            if kind == "postgresql, settled":
                one.index.settle()
            yield one


KINDS = ("memory", "postgresql", "postgresql, settled")
