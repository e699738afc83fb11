"""Unit vectors in rows that are reused and know who owns them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vector, Vectors

Floats = NDArray[np.float32]
Integers = NDArray[np.intp]
Number = TypeVar("Number", bound=np.generic)


class Table:
    """Unit vectors in rows that are reused; `owner` is one more than the slot of a row, 0 when the row is free."""

    def __init__(self, dimension: int) -> None:
        self.rows = np.zeros((16, dimension), np.float32)
        self.owner = np.zeros(16, np.intp)
        self._free = list(range(15, -1, -1))
        self._used: dict[int, list[int]] = {}
        self._end = 0  # rows from here on have never been used

    def put(self, slots: Integers, vectors: Vectors) -> None:
        """Row i of `vectors` is owned by `slots[i]`."""
        rows = [self._take() for _ in range(len(slots))]
        self.rows[rows], self.owner[rows] = vectors, slots + 1
        for slot, row in zip(slots.tolist(), rows, strict=True):
            self._used.setdefault(slot, []).append(row)

    def remove(self, slot: int) -> None:
        for row in self._used.pop(slot, ()):
            self.rows[row], self.owner[row] = 0.0, 0
            self._free.append(row)

    def best(self, vector: Vector, at_least: Floats, wanted: NDArray[np.bool_] | None = None) -> Floats:
        """Per slot, the highest of `at_least` and the cosines of the rows it owns, if it is wanted."""
        found = np.concatenate([np.zeros(1, np.float32), at_least])
        owner, rows = self.owner[: self._end], self.rows[: self._end]
        if wanted is not None:
            places = np.flatnonzero(np.concatenate([np.zeros(1, bool), wanted])[owner])
            owner, rows = owner[places], rows[places]
        np.maximum.at(found, owner, np.vecdot(rows, vector))
        return found[1:]

    def _take(self) -> int:
        if not self._free:
            size = len(self.rows)
            self.rows, self.owner = doubled(self.rows), doubled(self.owner)
            self._free = list(range(2 * size - 1, size - 1, -1))
        row = self._free.pop()
        self._end = max(self._end, row + 1)
        return row


def doubled(array: NDArray[Number]) -> NDArray[Number]:
    """With as many zeros after it. Memory for them is taken when they are first written to."""
    grown = np.zeros((2 * len(array), *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown
