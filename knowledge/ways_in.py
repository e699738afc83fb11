"""The texts that lead to a resource: its ways in with their vectors, and the words it is found by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors, asked
from knowledge.resources import Resource
from knowledge.tally import Text
from knowledge.text import MAX_TEXT, passages

Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class WaysIn:
    """The texts that lead to a resource; `title` and `full` are one text each."""

    title: str
    full: str
    passages: tuple[str, ...] = ()
    asked_as: tuple[str, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """All of them in the order in which their vectors are given to `Index.put`."""
        return (self.title, self.full, *self.passages, *map(asked, self.asked_as))


def ways_in(resource: Resource) -> WaysIn:
    """The title, the title with the text, the passages of a long text, each past question."""
    full = f"{resource.title}. {resource.text}" if resource.text else resource.title
    return WaysIn(resource.title, full, passages(resource.text), resource.asked_as)


def said_by(resource: Resource) -> Text:
    """Everything the resource says; the title and topics count twice."""
    head = " . ".join((resource.title, *resource.topics))
    body = " . ".join((resource.text[:MAX_TEXT], *resource.asked_as))
    return Text(head, body, resource.language)


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows of the vectors of several resources are of which kind; owners are places in the list of resources."""

    count: int
    fulls: Integers
    parts: Integers
    part_owners: Integers
    past: Integers
    past_owners: Integers

    @classmethod
    def checked(
        cls, resources: Sequence[Resource], vectors: Vectors, counts: Sequence[int] | None, dimension: int
    ) -> "Rows":
        """Raises ValueError when the vectors do not fit, or an id stands there twice."""
        if counts is None:
            counts = [len(ways_in(resource).texts()) for resource in resources]
        rows = cls.of(resources, counts)
        names = ", ".join(resource.id for resource in resources[:3])
        if np.shape(vectors) != (rows.count, dimension):
            raise ValueError(f"resource {names}: vectors of shape {np.shape(vectors)}, not {(rows.count, dimension)}")
        if len({resource.id for resource in resources}) < len(resources):
            raise ValueError(f"resource {names} and so on: an id stands there twice")
        return rows

    @classmethod
    def of(cls, resources: Sequence[Resource], counts: Sequence[int]) -> "Rows":
        """`counts`: how many ways in each of them has."""
        each = np.array(counts, np.intp)
        ends = np.cumsum(each)
        owners = np.repeat(np.arange(len(each)), each)
        places = np.arange(len(owners)) - (ends - each)[owners]  # of each text among those of its resource
        asked = np.array([len(resource.asked_as) for resource in resources], np.intp)
        is_past = places >= (each - asked)[owners]
        parts, past = np.flatnonzero(~is_past & (places != 1)), np.flatnonzero(is_past)
        return cls(len(owners), ends - each + 1, parts, owners[parts], past, owners[past])
