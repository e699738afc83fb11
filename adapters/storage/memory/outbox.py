"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.storage.forgetting import bare
from adapters.storage.memory.state import Rows, State
from adapters.storage.post import AT_ONCE
from bot.cards import Posted
from bot.post import OutboxRow, Wish

OFFER = "OfferQuestion"


class Outbox:
    """See bot.ports.OutboxStore."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: Rows[int, OutboxRow] = state.table("outbox")
        self._due: Rows[int, datetime] = state.table("outbox_due")  # of those not delivered
        self._keys: Rows[str, int] = state.table("outbox_keys")
        self._about: Rows[str, tuple[int, ...]] = state.table("outbox_about")
        self._offers: Rows[int, str] = state.table("outbox_offers")  # to whom
        self._messages: Rows[tuple[str, str, str], int] = state.table("outbox_messages")

    async def add(self, wishes: Sequence[Wish], now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """See OutboxStore."""
        busy = {self._rows[row_id].wish.lane for row_id in self._due}
        added = []
        for wish in wishes:
            if wish.key in self._keys:
                continue
            leased = wish.lane not in busy
            busy.add(wish.lane)
            row = OutboxRow(self._state.number("outbox"), wish, now, attempts=int(leased), leased=leased)
            self._insert(row, leased_until if leased else now)
            added.append(row)
        return added

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """See OutboxStore."""
        claimed = []
        for row_id in self._first_of_lanes(now)[:limit]:
            row = replace(self._rows[row_id], attempts=self._rows[row_id].attempts + 1, leased=True)
            self._rows[row_id] = row
            self._due[row_id] = leased_until
            claimed.append(row)
        return claimed

    async def delivered(self, row_id: int, now: datetime, posted: Posted | None) -> None:
        """See OutboxStore."""
        self._end(row_id, delivered_at=now, posted=posted)
        if posted:
            message = (posted.platform, posted.channel, posted.message)
            self._messages[message] = min(row_id, self._messages.get(message, row_id))

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None:
        """See OutboxStore."""
        if row_id in self._due:
            self._rows[row_id] = replace(self._rows[row_id], leased=False, error=error)
            self._due[row_id] = due_at

    async def park(self, row_id: int, now: datetime, error: str) -> None:
        """See OutboxStore."""
        self._end(row_id, parked_at=now, error=error)

    async def drop(self, row_id: int, now: datetime, reason: str) -> None:  # noqa: ARG002 -- the port's
        """See OutboxStore."""
        self._end(row_id, dropped=reason)

    async def posted(self, kind: str, about: str, to: str = "") -> Posted | None:
        """See OutboxStore."""
        rows = [r for r in await self.of(about) if r.wish.kind == kind and r.posted and to in ("", r.wish.to)]
        latest = max(rows, key=lambda r: (r.delivered_at, r.id), default=None)
        return latest.posted if latest else None

    async def of(self, about: str) -> list[OutboxRow]:
        """See OutboxStore."""
        return [self._rows[row_id] for row_id in self._about.get(about, ())]

    async def by_message(self, platform: str, channel: str, message: str) -> OutboxRow | None:
        """See OutboxStore."""
        row_id = self._messages.get((platform, channel, message))
        return self._rows[row_id] if row_id else None

    async def to(self, member: str) -> list[OutboxRow]:
        """See OutboxStore."""
        return [row for row in self._rows.values() if member and row.wish.to == member]

    async def waiting(self) -> int:
        """See OutboxStore."""
        return len(self._due)

    async def parked(self) -> list[OutboxRow]:
        """See OutboxStore."""
        parked = [row for row in self._rows.values() if row.parked_at]
        return sorted(parked, key=lambda row: (row.parked_at, row.id))

    async def release(self) -> None:
        """See OutboxStore."""
        for row_id in list(self._due):
            if self._rows[row_id].leased:
                self._rows[row_id] = replace(self._rows[row_id], leased=False)
                self._due[row_id] = AT_ONCE

    async def recover(self) -> None:
        """See OutboxStore. There is one process."""

    async def still_ours(self, ids: Sequence[int]) -> set[int]:
        """See OutboxStore."""
        return {row_id for row_id in ids if row_id in self._due}

    async def keep(self, ids: Sequence[int], leased_until: datetime) -> None:
        """See OutboxStore."""
        for row_id in ids:
            if row_id in self._due and self._rows[row_id].leased:
                self._due[row_id] = leased_until

    def offers(self, since: datetime) -> Iterable[tuple[str, datetime]]:
        """(member, when) of the cards volunteers were sent after that moment."""
        for row_id in reversed(self._offers.rows):  # the newest first
            row = self._rows[row_id]
            if row.created_at <= since:
                return
            if not row.dropped and not row.parked_at:
                yield self._offers[row_id], row.created_at

    def forget(self, member: str) -> None:
        """Take free text out of what was said to the member."""
        for row in list(self._rows.values()):
            if row.wish.to == member:
                self._rows[row.id] = replace(row, error="", wish=replace(row.wish, effect=bare(row.wish.effect)))

    def _insert(self, row: OutboxRow, due_at: datetime) -> None:
        self._rows[row.id] = row
        self._due[row.id] = due_at
        self._keys[row.wish.key] = row.id
        if row.wish.about:
            self._about[row.wish.about] = (*self._about.get(row.wish.about, ()), row.id)
        if row.wish.kind == OFFER:
            self._offers[row.id] = row.wish.to

    def _end(self, row_id: int, **how: object) -> None:
        if row_id in self._due:
            self._rows[row_id] = replace(self._rows[row_id], leased=False, **how)  # type: ignore[arg-type]  # the row's own fields
            self._due.pop(row_id)

    def _first_of_lanes(self, now: datetime) -> list[int]:
        first: dict[str, int] = {}
        for row_id in self._due:
            lane = self._rows[row_id].wish.lane
            first[lane] = min(row_id, first.get(lane, row_id))
        return sorted(row_id for row_id in first.values() if self._due[row_id] <= now)
