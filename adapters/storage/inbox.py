"""The inbox: what has come in and is not handled yet, and the keys that end repeats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, cast, delete, func, not_, or_, select, text, true, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import gone, is_shared, one_of, turn
from adapters.storage.post import AT_ONCE, author_of
from adapters.storage.post_tables import inbox
from adapters.storage.prepared import Prepared
from adapters.storage.wire import Wire
from bot.events import PlatformEvent
from bot.post import Arrival, InboxRow

_WAITS = inbox.c.due_at.is_not(None)
_EMPTY = {"payload": "", "author": "", "due_at": None, "leased": False, "holder": 0}

_earlier = inbox.alias("earlier")
_BLOCKED = (
    select(_earlier.c.id)
    .where(
        _earlier.c.thread == inbox.c.thread,
        _earlier.c.due_at.is_not(None),
        _earlier.c.id < inbox.c.id,
        or_(_earlier.c.crisis, not_(inbox.c.crisis)),  # a crisis waits only for an earlier crisis
    )
    .exists()
)
_FREE = (
    select(inbox.c.id)
    .where(inbox.c.due_at <= bindparam("now"), not_(_BLOCKED))
    .order_by(inbox.c.crisis.desc(), inbox.c.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)  # whoever has a row in hand is not waited for; SQLite has one writer anyway
)
_TAKEN = (
    update(inbox)
    .values(due_at=bindparam("leased_until"), leased=True, holder=bindparam("me"), attempts=inbox.c.attempts + 1)
    .returning(inbox)
)
_CLAIM = Prepared(
    _TAKEN.where(inbox.c.id.in_(_FREE.scalar_subquery())),
    _TAKEN.where(inbox.c.id.in_(select(_FREE.cte("free").c.id))),  # looked for once, whatever plan is made
)
_OURS = or_(inbox.c.holder == bindparam("me"), inbox.c.holder == 0)
_STILL_OURS = Prepared(select(inbox.c.id).where(one_of(inbox.c.id, "rows"), _WAITS, _OURS))
_KEEP = Prepared(
    update(inbox)
    .where(
        inbox.c.id.in_(
            select(inbox.c.id)
            .where(one_of(inbox.c.id, "rows"), _WAITS, inbox.c.leased, inbox.c.holder == bindparam("me"))
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
    )
    .values(due_at=bindparam("leased_until"))
)
_LEFT = Prepared(  # threads with a row that we don't hold: it was put off, its lease ran out, or another process has it
    select(inbox.c.thread, func.max(cast(inbox.c.crisis, Integer)))
    .where(
        one_of(inbox.c.thread, "threads"),
        _WAITS,
        or_(not_(inbox.c.leased), inbox.c.due_at <= bindparam("now"), inbox.c.holder != bindparam("me")),
    )
    .group_by(inbox.c.thread)
)
_ADD = Prepared.insert(inbox, unless_known="key", returning=(inbox.c.id, inbox.c.key))
_FINISH = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("row"), inbox.c.handled_at.is_(None))
    .values(_EMPTY | {"parked_at": None, "error": "", "handled_at": bindparam("now")})
)


class Inbox:
    """See bot.ports.InboxStore."""

    def __init__(self, connection: AsyncConnection, wire: Wire, erased: Callable[[], None], holder: int) -> None:
        self._connection = connection
        self._wire = wire
        self._erased = erased
        self._holder = holder

    async def add(self, arrivals: Sequence[Arrival], now: datetime, leased_until: datetime) -> list[InboxRow]:
        """See InboxStore."""
        if not arrivals:
            return []
        fresh: dict[str, Arrival] = {}
        for arrival in arrivals:
            fresh.setdefault(arrival.event.key, arrival)
        arrivals = list(fresh.values())
        await turn(self._connection, {f"thread {a.event.thread}" for a in arrivals})
        waits = await self._waiting_behind(arrivals, now)
        rows = [self._row(a, now, None if a.event.key in waits else leased_until) for a in arrivals]
        stored = await _ADD.each(self._connection, rows)
        ids = {key: row_id for row_id, key in stored if key not in waits}
        return sorted((InboxRow(row_id, fresh[key], now) for key, row_id in ids.items()), key=lambda row: row.id)

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[InboxRow]:
        """See InboxStore."""
        found = await _CLAIM.all(self._connection, now=now, count=limit, leased_until=leased_until, me=self._holder)
        rows = [self._read(row) for row in found]
        return sorted(rows, key=lambda row: (not row.arrival.crisis, row.id))

    async def still_ours(self, ids: Sequence[int]) -> set[int]:
        """See InboxStore."""
        rows = await _STILL_OURS.all(self._connection, rows=ids, me=self._holder) if ids else ()
        return {row.id for row in rows}

    async def keep(self, ids: Sequence[int], leased_until: datetime) -> None:
        """See InboxStore."""
        if ids:
            await _KEEP.run(self._connection, {"rows": ids, "me": self._holder, "leased_until": leased_until})

    async def finish(self, ids: Sequence[int], now: datetime) -> None:
        """See InboxStore."""
        if ids:
            await _FINISH.run(self._connection, *({"row": row_id, "now": now} for row_id in ids))

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None:
        """See InboxStore."""
        await self._change(row_id, due_at=due_at, leased=False, holder=0, error=error)

    async def park(self, row_id: int, now: datetime, error: str) -> None:
        """See InboxStore."""
        await self._change(row_id, due_at=None, leased=False, holder=0, parked_at=now, error=error)

    async def waiting(self) -> int:
        """See InboxStore."""
        return int(await self._connection.scalar(select(func.count()).select_from(inbox).where(_WAITS)) or 0)

    async def release(self) -> None:
        """See InboxStore."""
        await self._release(gone(inbox.c.holder) if is_shared(self._connection) else true())

    async def recover(self) -> None:
        """See InboxStore."""
        if is_shared(self._connection):
            await self._release(gone(inbox.c.holder))

    async def by(self, author: str) -> list[InboxRow]:
        """See InboxStore."""
        wanted = select(inbox).where(inbox.c.author == author, text("author <> ''"), inbox.c.payload != "")
        return [self._read(row) for row in await self._connection.execute(wanted.order_by(inbox.c.id))]

    async def forget_keys(self, before: datetime) -> int:
        """See InboxStore. The write-ahead log still holds words that were emptied since the last time: it is wiped."""
        self._erased()
        old = or_(inbox.c.handled_at < before, inbox.c.parked_at < before)
        return (await self._connection.execute(delete(inbox).where(old))).rowcount

    async def _release(self, whose: ColumnElement[bool]) -> None:
        left = update(inbox).where(_WAITS, inbox.c.leased, whose)
        await self._connection.execute(left.values(due_at=AT_ONCE, leased=False, holder=0))

    async def _change(self, row_id: int, **values: Any) -> None:
        ours = update(inbox).where(inbox.c.id == row_id, _WAITS, inbox.c.holder.in_((self._holder, 0)))
        await self._connection.execute(ours.values(values))

    async def _waiting_behind(self, arrivals: Sequence[Arrival], now: datetime) -> set[str]:
        """Keys of those with a row of their thread before them that nobody holds; for a crisis only a crisis counts."""
        threads = list({a.event.thread for a in arrivals})
        found = await _LEFT.all(self._connection, threads=threads, now=now, me=self._holder)
        busy = {thread: bool(with_crisis) for thread, with_crisis in found}
        return {a.event.key for a in arrivals if a.event.thread in busy and (busy[a.event.thread] or not a.crisis)}

    def _row(self, arrival: Arrival, now: datetime, leased_until: datetime | None) -> dict[str, Any]:
        event = arrival.event
        return {
            "key": event.key,
            "thread": event.thread,
            "author": author_of(event),
            "crisis": arrival.crisis,
            "findings": arrival.findings,
            "payload": self._wire.encode(event),
            "received_at": now,
            "due_at": leased_until or now,
            "leased": leased_until is not None,
            "holder": self._holder if leased_until is not None else 0,
            "attempts": int(leased_until is not None),
            "error": "",
            "handled_at": None,
            "parked_at": None,
        }

    def _read(self, row: Row[Any]) -> InboxRow:
        event: PlatformEvent = self._wire.decode_any(row.payload)
        return InboxRow(row.id, Arrival(event, row.findings, row.crisis), row.received_at, row.attempts)
