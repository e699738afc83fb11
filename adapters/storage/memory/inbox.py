"""The inbox in memory. Handled rows leave the table; their keys stay in another to end repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.storage.memory.state import Rows, State
from adapters.storage.post import AT_ONCE, author_of
from bot.post import Arrival, InboxRow


@dataclass(frozen=True, slots=True)
class Held:
    """A row that waits (`due_at`), or is parked (no `due_at`)."""

    row: InboxRow
    due_at: datetime | None
    leased: bool
    parked_at: datetime | None = None
    error: str = ""

    @property
    def thread(self) -> str:
        return self.row.arrival.event.thread

    @property
    def crisis(self) -> bool:
        return self.row.arrival.crisis


class Inbox:
    """See bot.ports.InboxStore."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: Rows[int, Held] = state.table("inbox")
        self._keys: Rows[str, datetime | None] = state.table("inbox_keys")  # when it was handled

    async def add(self, arrivals: Sequence[Arrival], now: datetime, leased_until: datetime) -> list[InboxRow]:
        """See InboxStore."""
        left = [
            held for held in self._waiting() if not held.leased or (held.due_at or now) <= now
        ]  # nobody holds these
        busy = {held.thread for held in left}  # threads with a row that nobody holds
        busy_with_crisis = {held.thread for held in left if held.crisis}
        added = []
        for arrival in arrivals:
            if arrival.event.key in self._keys:
                continue
            waits = arrival.event.thread in (busy_with_crisis if arrival.crisis else busy)
            row = InboxRow(self._state.number("inbox"), arrival, now, attempts=0 if waits else 1)
            self._keys[arrival.event.key] = None
            self._rows[row.id] = Held(row, now if waits else leased_until, leased=not waits)
            if not waits:
                added.append(row)
        return added

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[InboxRow]:
        """See InboxStore."""
        free = sorted(self._first_of_threads(now), key=lambda held: (not held.crisis, held.row.id))[:limit]
        claimed = []
        for held in free:
            row = replace(held.row, attempts=held.row.attempts + 1)
            self._rows[row.id] = replace(held, row=row, due_at=leased_until, leased=True)
            claimed.append(row)
        return claimed

    async def finish(self, ids: Sequence[int], now: datetime) -> None:
        """See InboxStore."""
        for row_id in ids:
            self._finish(row_id, now)

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None:
        """See InboxStore."""
        held = self._rows.get(row_id)
        if held and held.due_at:
            self._rows[row_id] = replace(held, due_at=due_at, leased=False, error=error)

    async def park(self, row_id: int, now: datetime, error: str) -> None:
        """See InboxStore."""
        held = self._rows.get(row_id)
        if held and held.due_at:
            self._rows[row_id] = replace(held, due_at=None, leased=False, parked_at=now, error=error)

    async def waiting(self) -> int:
        """See InboxStore."""
        return sum(1 for _ in self._waiting())

    async def release(self) -> None:
        """See InboxStore."""
        for held in list(self._waiting()):
            if held.leased:
                self._rows[held.row.id] = replace(held, due_at=AT_ONCE, leased=False)

    async def recover(self) -> None:
        """See InboxStore. There is one process."""

    async def still_ours(self, ids: Sequence[int]) -> set[int]:
        """See InboxStore."""
        return {row_id for row_id in ids if (held := self._rows.get(row_id)) and held.due_at}

    async def keep(self, ids: Sequence[int], leased_until: datetime) -> None:
        """See InboxStore."""
        for row_id in ids:
            held = self._rows.get(row_id)
            if held and held.due_at and held.leased:
                self._rows[row_id] = replace(held, due_at=leased_until)

    async def by(self, author: str) -> list[InboxRow]:
        """See InboxStore."""
        return [held.row for held in self._rows.values() if author_of(held.row.arrival.event) == author]

    async def forget_keys(self, before: datetime) -> int:
        """See InboxStore."""
        old = [key for key, handled_at in self._keys.items() if handled_at and handled_at < before]
        for held in list(self._rows.values()):
            if held.parked_at and held.parked_at < before:
                old.append(held.row.arrival.event.key)
                self._rows.pop(held.row.id)
        for key in old:
            self._keys.pop(key)
        return len(old)

    def forget(self, author: str, now: datetime) -> None:
        """Let go of everything the member wrote that is not handled yet."""
        for held in list(self._rows.values()):
            if author_of(held.row.arrival.event) == author:
                self._finish(held.row.id, now)

    def _finish(self, row_id: int, now: datetime) -> None:
        held = self._rows.pop(row_id)
        if held:
            self._keys[held.row.arrival.event.key] = now

    def _waiting(self) -> Iterable[Held]:
        return (held for held in self._rows.values() if held.due_at)

    def _first_of_threads(self, now: datetime) -> Iterable[Held]:
        """Due rows with no unfinished row of their thread before them; for a crisis only another crisis counts."""
        busy: set[str] = set()
        busy_with_crisis: set[str] = set()
        for held in self._waiting():  # in the order in which they came
            waits = held.thread in (busy_with_crisis if held.crisis else busy)
            busy.add(held.thread)
            if held.crisis:
                busy_with_crisis.add(held.thread)
            if not waits and held.due_at and held.due_at <= now:
                yield held
