"""The outbox: what is to be said, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, not_, or_, select, true, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import gone, is_shared, one_of
from adapters.storage.post import AT_ONCE
from adapters.storage.post_tables import outbox
from adapters.storage.prepared import Prepared
from adapters.storage.wire import Wire
from bot.cards import Posted
from bot.post import OutboxRow, Wish

_WAITS = outbox.c.due_at.is_not(None)

_earlier = outbox.alias("earlier")
_BLOCKED = (
    select(_earlier.c.id)
    .where(_earlier.c.lane == outbox.c.lane, _earlier.c.due_at.is_not(None), _earlier.c.id < outbox.c.id)
    .exists()
)
_SPOKEN = or_(bindparam("any"), one_of(outbox.c.platform, "speaks"))
_FREE = (
    select(outbox.c.id)
    .where(outbox.c.due_at <= bindparam("now"), _SPOKEN, not_(_BLOCKED))
    .order_by(outbox.c.id + 0)  # or SQLite walks through all that was ever delivered, to have them in order
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)  # whoever has a row in hand is not waited for; SQLite has one writer anyway
)
_TAKEN = (
    update(outbox)
    .values(due_at=bindparam("leased_until"), leased=True, holder=bindparam("me"), attempts=outbox.c.attempts + 1)
    .returning(outbox)
)
_CLAIM = Prepared(
    _TAKEN.where(outbox.c.id.in_(_FREE.scalar_subquery())),
    _TAKEN.where(outbox.c.id.in_(select(_FREE.cte("free").c.id))),  # looked for once, whatever plan is made
)
_STILL_OURS = Prepared(
    select(outbox.c.id).where(
        one_of(outbox.c.id, "rows"),
        _WAITS,
        or_(outbox.c.holder == bindparam("me"), outbox.c.holder == 0),
    )
)
_KEEP = Prepared(
    update(outbox)
    .where(
        outbox.c.id.in_(
            select(outbox.c.id)
            .where(one_of(outbox.c.id, "rows"), _WAITS, outbox.c.leased, outbox.c.holder == bindparam("me"))
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
    )
    .values(due_at=bindparam("leased_until"))
)
_KNOWN = Prepared(
    select(outbox.c.key, outbox.c.lane, outbox.c.due_at).where(
        or_(one_of(outbox.c.key, "keys"), one_of(outbox.c.lane, "lanes") & _WAITS)
    )
)
_ADD = Prepared.insert(outbox, unless_known="key", returning=(outbox.c.id, outbox.c.key))
_WHERE = ("posted_platform", "posted_space", "posted_channel", "posted_message", "posted_at")
_DELIVERED = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("row"), _WAITS)
    .values(
        {name: bindparam(name, type_=outbox.c[name].type) for name in ("delivered_at", *_WHERE)}
        | {"due_at": None, "leased": False, "holder": 0}
    )
)
_POSTED_CARD = Prepared(
    select(outbox)
    .where(
        outbox.c.about == bindparam("about"),
        outbox.c.kind == bindparam("kind"),
        outbox.c.posted_message.is_not(None),
        or_(bindparam("to") == "", outbox.c.to_member == bindparam("to")),
    )
    .order_by(outbox.c.delivered_at.desc(), outbox.c.id.desc())
    .limit(1)
)


class Outbox:
    """See bot.ports.OutboxStore."""

    def __init__(
        self, connection: AsyncConnection, wire: Wire, holder: int, speaks: Collection[str] | None, news: set[str]
    ) -> None:
        self._connection = connection
        self._wire = wire
        self._holder = holder
        self._speaks = speaks
        self._news = news

    async def add(self, wishes: Sequence[Wish], now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """See OutboxStore."""
        if not wishes:
            return []
        known = {"keys": [w.key for w in wishes], "lanes": list({w.lane for w in wishes})}
        found = await _KNOWN.all(self._connection, **known)
        keys, busy = {row.key for row in found}, {row.lane for row in found if row.due_at}
        fresh: dict[str, tuple[Wish, bool]] = {}
        for wish in wishes:
            if wish.key not in keys and wish.key not in fresh:
                fresh[wish.key] = (wish, wish.lane not in busy and self._spoken(wish.platform))
                busy.add(wish.lane)
        if not fresh:
            return []
        if any(not self._spoken(wish.platform) for wish, _ in fresh.values()):
            self._news.add("outbox")
        rows = [self._row(wish, now, leased_until if leased else None) for wish, leased in fresh.values()]
        stored = await _ADD.each(self._connection, rows)
        added = [
            OutboxRow(row_id, fresh[key][0], now, attempts=int(fresh[key][1]), leased=fresh[key][1])
            for row_id, key in stored
        ]
        return sorted(added, key=lambda row: row.id)

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """See OutboxStore."""
        whose = {"me": self._holder, "any": self._speaks is None, "speaks": self._speaks or ()}
        found = await _CLAIM.all(self._connection, now=now, count=limit, leased_until=leased_until, **whose)
        return sorted((self._read(row) for row in found), key=lambda row: row.id)

    async def still_ours(self, ids: Sequence[int]) -> set[int]:
        """See OutboxStore."""
        rows = await _STILL_OURS.all(self._connection, rows=ids, me=self._holder) if ids else ()
        return {row.id for row in rows}

    async def keep(self, ids: Sequence[int], leased_until: datetime) -> None:
        """See OutboxStore."""
        if ids:
            await _KEEP.run(self._connection, {"rows": ids, "me": self._holder, "leased_until": leased_until})

    async def delivered(self, row_id: int, now: datetime, posted: Posted | None) -> None:
        """See OutboxStore."""
        where = {f"posted_{name}": None if posted is None else getattr(posted, name) for name in _POSTED}
        await _DELIVERED.run(self._connection, {"row": row_id, "delivered_at": now} | where)

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None:
        """See OutboxStore."""
        retried = update(outbox).where(outbox.c.id == row_id, _WAITS, outbox.c.holder.in_((self._holder, 0)))
        await self._connection.execute(retried.values(due_at=due_at, leased=False, holder=0, error=error))

    async def park(self, row_id: int, now: datetime, error: str) -> None:
        """See OutboxStore."""
        await self._end(row_id, parked_at=now, error=error)

    async def drop(self, row_id: int, now: datetime, reason: str) -> None:
        """See OutboxStore."""
        await self._end(row_id, dropped_at=now, dropped=reason)

    async def posted(self, kind: str, about: str, to: str = "") -> Posted | None:
        """See OutboxStore."""
        row = await _POSTED_CARD.first(self._connection, about=about, kind=kind, to=to)
        return _posted(row) if row else None

    async def of(self, about: str) -> list[OutboxRow]:
        """See OutboxStore."""
        return await self._all(select(outbox).where(outbox.c.about == about, outbox.c.about != ""))

    async def by_message(self, platform: str, channel: str, message: str) -> OutboxRow | None:
        """See OutboxStore. The first wish behind it: later ones revised the message."""
        wanted = select(outbox).where(
            outbox.c.posted_message == message,
            outbox.c.posted_channel == channel,
            outbox.c.posted_platform == platform,
        )
        rows = await self._all(wanted.limit(1))
        return rows[0] if rows else None

    async def to(self, member: str) -> list[OutboxRow]:
        """See OutboxStore."""
        return await self._all(select(outbox).where(outbox.c.to_member == member, outbox.c.to_member != ""))

    async def waiting(self) -> int:
        """See OutboxStore."""
        return int(await self._connection.scalar(select(func.count()).select_from(outbox).where(_WAITS)) or 0)

    async def parked(self) -> list[OutboxRow]:
        """See OutboxStore."""
        wanted = select(outbox).where(outbox.c.parked_at.is_not(None)).order_by(outbox.c.parked_at)
        return await self._all(wanted)

    async def release(self) -> None:
        """See OutboxStore."""
        await self._release(gone(outbox.c.holder) if is_shared(self._connection) else true())

    async def recover(self) -> None:
        """See OutboxStore."""
        if is_shared(self._connection):
            await self._release(gone(outbox.c.holder))

    async def _release(self, whose: ColumnElement[bool]) -> None:
        left = update(outbox).where(_WAITS, outbox.c.leased, whose)
        await self._connection.execute(left.values(due_at=AT_ONCE, leased=False, holder=0))

    def _spoken(self, platform: str) -> bool:
        return self._speaks is None or platform in self._speaks

    async def _end(self, row_id: int, **how: Any) -> None:
        ended = update(outbox).where(outbox.c.id == row_id, _WAITS)
        await self._connection.execute(ended.values(due_at=None, leased=False, holder=0, **how))

    async def _all(self, wanted: Select[Any]) -> list[OutboxRow]:
        return [self._read(row) for row in await self._connection.execute(wanted.order_by(outbox.c.id))]

    def _row(self, wish: Wish, now: datetime, leased_until: datetime | None) -> dict[str, Any]:
        return {
            "key": wish.key,
            "lane": wish.lane,
            "platform": wish.platform,
            "about": wish.about,
            "to_member": wish.to,
            "kind": wish.kind,
            "payload": self._wire.encode(wish.effect),
            "created_at": now,
            "due_at": leased_until or now,
            "leased": leased_until is not None,
            "holder": self._holder if leased_until is not None else 0,
            "attempts": int(leased_until is not None),
            "dropped": "",
            "error": "",
            **_NOT_YET,
        }

    def _read(self, row: Row[Any]) -> OutboxRow:
        effect = self._wire.decode_any(row.payload)
        return OutboxRow(
            id=row.id,
            wish=Wish(row.key, row.lane, row.platform, row.about, row.to_member, effect),
            created_at=row.created_at,
            attempts=row.attempts,
            leased=row.leased,
            delivered_at=row.delivered_at,
            parked_at=row.parked_at,
            dropped=row.dropped,
            error=row.error,
            posted=_posted(row) if row.posted_message is not None else None,
        )


_NOT_YET = dict.fromkeys((*_WHERE, "delivered_at", "parked_at", "dropped_at"))
_POSTED = ("platform", "space", "channel", "message", "at")


def _posted(row: Row[Any]) -> Posted:
    return Posted(row.posted_platform, row.posted_space, row.posted_channel, row.posted_message, row.posted_at)
