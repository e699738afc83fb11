"""Tables as dicts. A transaction copies a table when it first writes to it; committing puts the copies in place.

So a rollback is forgetting the copies, and whoever reads keeps looking at the dicts there were when they began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from adapters.storage.errors import READING, StorageError

K = TypeVar("K")
V = TypeVar("V")


class Rows(Mapping[K, V], Generic[K, V]):
    """One table as one transaction sees it."""

    def __init__(self, committed: dict[K, V], *, writable: bool) -> None:
        self.rows = committed
        self.changed = False
        self._writable = writable

    def __getitem__(self, key: K) -> V:
        return self.rows[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __setitem__(self, key: K, value: V) -> None:
        self._own()[key] = value

    def pop(self, key: K) -> V | None:
        """Take a row out; None when there is none."""
        return self._own().pop(key, None) if key in self.rows else None

    def _own(self) -> dict[K, V]:
        if not self._writable:
            raise StorageError(READING.format(place="in memory"))
        if not self.changed:
            self.rows = dict(self.rows)
            self.changed = True
        return self.rows


class State:
    """All tables as one transaction sees them, by name."""

    def __init__(self, committed: Mapping[str, dict[Any, Any]], *, writable: bool) -> None:
        self._committed = dict(committed)
        self._writable = writable
        self._tables: dict[str, Rows[Any, Any]] = {}

    def table(self, name: str) -> Rows[Any, Any]:
        """The same object each time."""
        if name not in self._tables:
            self._tables[name] = Rows(self._committed.get(name, {}), writable=self._writable)
        return self._tables[name]

    def number(self, name: str) -> int:
        """The next number of a table, from 1."""
        counters: Rows[str, int] = self.table("counters")
        counters[name] = counters.get(name, 0) + 1
        return counters[name]

    def changes(self) -> dict[str, dict[Any, Any]]:
        """The tables that were written to."""
        return {name: rows.rows for name, rows in self._tables.items() if rows.changed}
