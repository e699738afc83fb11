"""What comes in and goes out, kept safe: the Protocols of inbox and outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.cards import Posted
from bot.post import Arrival, InboxRow, OutboxRow, Wish


class InboxStore(Protocol):
    async def add(self, arrivals: Sequence[Arrival], now: datetime, leased_until: datetime) -> list[InboxRow]:
        """Store what is new and lease it to the caller. Left out of what comes back: a repeat (same key), and what
        has to wait for an earlier row of its thread that we don't hold (claim gives it after that one)."""
        ...

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[InboxRow]:
        """Lease the oldest unhandled rows, crises first, at most one of a thread, none behind an unfinished row of
        its thread (a crisis waits only for an earlier crisis). Two callers never get the same row, in whatever process
        they are."""
        ...

    async def still_ours(self, ids: Sequence[int]) -> set[int]:
        """Those of the rows that wait and that no other process has taken meanwhile."""
        ...

    async def keep(self, ids: Sequence[int], leased_until: datetime) -> None:
        """A longer lease on those that are ours."""
        ...

    async def finish(self, ids: Sequence[int], now: datetime) -> None:
        """Handled: the words are emptied, the key stays to end repeats."""
        ...

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None: ...

    async def park(self, row_id: int, now: datetime, error: str) -> None:
        """Out of the way of its neighbours; a moderator is told. Its words are emptied with retention."""
        ...

    async def waiting(self) -> int: ...

    async def release(self) -> None:
        """At the start: let go of every lease, where there can be one process only; else of those whose process is
        gone."""
        ...

    async def recover(self) -> None:
        """Now and then: let go of leases whose process is gone, where there can be others."""
        ...

    async def by(self, author: str) -> list[InboxRow]:
        """What a member has sent and nobody has handled yet, parked rows too, oldest first."""
        ...

    async def forget_keys(self, before: datetime) -> int:
        """Drop rows that were handled or parked before that moment, with all they hold; returns how many."""
        ...


class OutboxStore(Protocol):
    async def add(self, wishes: Sequence[Wish], now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """Store and lease to the caller those that may be delivered at once (no earlier undelivered row in their
        lane); the others wait. A wish with a known key is left out."""
        ...

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """Lease due rows, oldest first, at most one of a lane, none behind an undelivered row of its lane. Adds one
        to `attempts`."""
        ...

    async def still_ours(self, ids: Sequence[int]) -> set[int]:
        """Those of the rows that wait and that no other process has taken meanwhile."""
        ...

    async def keep(self, ids: Sequence[int], leased_until: datetime) -> None:
        """A longer lease on those that are ours."""
        ...

    async def delivered(self, row_id: int, now: datetime, posted: Posted | None) -> None: ...

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None: ...

    async def park(self, row_id: int, now: datetime, error: str) -> None: ...

    async def drop(self, row_id: int, now: datetime, reason: str) -> None:
        """Not sent, because it is no longer true."""
        ...

    async def posted(self, kind: str, about: str, to: str = "") -> Posted | None:
        """Where the latest delivered card of this kind went."""
        ...

    async def of(self, about: str) -> list[OutboxRow]:
        """Everything wished about a question, draft or alert, oldest first."""
        ...

    async def by_message(self, platform: str, channel: str, message: str) -> OutboxRow | None:
        """The wish behind a message of the bot."""
        ...

    async def to(self, member: str) -> list[OutboxRow]:
        """Everything wished for one member, oldest first."""
        ...

    async def waiting(self) -> int: ...

    async def parked(self) -> list[OutboxRow]: ...

    async def release(self) -> None:
        """At the start: let go of every lease, where there can be one process only; else of those whose process is
        gone."""
        ...

    async def recover(self) -> None:
        """Now and then: let go of leases whose process is gone, where there can be others."""
        ...
