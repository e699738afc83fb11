"""What happened: alerts, engagement, the journal of questions, the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.chain import START, first_broken, link
from adapters.storage.columns import storable
from adapters.storage.dialect import one_of, upsert
from adapters.storage.forgetting import blind
from adapters.storage.log_tables import alert, audit, engagement_event, journal
from adapters.storage.people_tables import member
from adapters.storage.prepared import Prepared
from adapters.storage.wire import Wire
from bot.community import Audit, Engagement, JournalEntry
from bot.events import Place
from bot.safety.alerts import Alert, AlertState

_ALERT = Prepared(select(alert.c.payload).where(alert.c.id == bindparam("id")))
_DUE = Prepared(
    select(alert.c.payload)
    .where(alert.c.deadline <= bindparam("now"))
    .order_by(alert.c.deadline, alert.c.id)
    .limit(bindparam("count"))
)
_UNSETTLED = Prepared(  # the condition as the index says it
    select(alert.c.payload).where(text("state IN ('open', 'taken')")).order_by(alert.c.raised_at, alert.c.id)
)
_AT = Prepared(
    select(alert.c.payload).where(alert.c.place == bindparam("place")).order_by(alert.c.raised_at, alert.c.id)
)


class Alerts:
    """See bot.ports.AlertStore."""

    def __init__(self, connection: AsyncConnection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire

    async def save(self, changed: Alert) -> None:
        """See AlertStore."""
        row = {
            "id": changed.id,
            "place": changed.place.key,
            "state": changed.state.value,
            "raised_at": changed.raised_at,
            "deadline": changed.deadline,
            "payload": self._wire.encode(changed),
        }
        await self._connection.execute(upsert(self._connection, alert), row)

    async def get(self, alert_id: str) -> Alert | None:
        """See AlertStore."""
        row = await _ALERT.first(self._connection, id=alert_id)
        return self._wire.decode(row.payload, Alert) if row else None

    async def due(self, now: datetime, limit: int) -> list[Alert]:
        """See AlertStore."""
        rows = await _DUE.all(self._connection, now=now, count=limit)
        return [self._wire.decode(row.payload, Alert) for row in rows]

    async def open(self) -> list[Alert]:
        """See AlertStore."""
        return [self._wire.decode(row.payload, Alert) for row in await _UNSETTLED.all(self._connection)]

    async def at(self, place: Place) -> list[Alert]:
        """See AlertStore."""
        return [one for one in await self.ever(place) if one.state in (AlertState.OPEN, AlertState.TAKEN)]

    async def ever(self, place: Place) -> list[Alert]:
        """See AlertStore."""
        rows = await _AT.all(self._connection, place=place.key)
        found = [self._wire.decode(row.payload, Alert) for row in rows]
        return [alert for alert in found if alert.place == place]

    async def about(self, author: str) -> list[Alert]:
        """See AlertStore. Alerts are few: all of them are read."""
        found = await self._connection.scalars(select(alert.c.payload).order_by(alert.c.raised_at, alert.c.id))
        decoded = [self._wire.decode(payload, Alert) for payload in found]
        return [one for one in decoded if one.author == author]


_BLINDED = Prepared(select(engagement_event.c.key).where(one_of(engagement_event.c.key, "keys")))
_ENGAGED = Prepared.insert(engagement_event, unless_known="key")
_ENTER = Prepared.insert(journal)
_ENGAGEMENT = ("key", "behaviour", "member", "at", "place", "resource", "question")


class Log:
    """See bot.ports.EngagementStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, rows: Sequence[Engagement]) -> None:
        """See EngagementStore."""
        blinded = {blind(row.key): row.key for row in rows}
        found = await _BLINDED.all(self._connection, keys=list(blinded)) if rows else ()
        known = {blinded[row.key] for row in found}
        fresh = [{name: getattr(row, name) for name in _ENGAGEMENT} for row in rows if row.key not in known]
        if fresh:
            await _ENGAGED.run(self._connection, *fresh)

    async def all(self) -> list[Engagement]:
        """See EngagementStore."""
        return await self._where(true())

    async def since(self, moment: datetime, behaviours: Sequence[str]) -> list[Engagement]:
        """See EngagementStore."""
        e = engagement_event.c
        return await self._where((e.at >= moment) & e.behaviour.in_(behaviours))

    async def _where(self, which: ColumnElement[bool]) -> list[Engagement]:
        person = func.coalesce(member.c.person, engagement_event.c.member).label("person")
        columns = [engagement_event.c[name] for name in _ENGAGEMENT]
        joined = engagement_event.outerjoin(member, member.c.key == engagement_event.c.member)
        wanted = (
            select(*columns, person)
            .select_from(joined)
            .where(which)
            .order_by(engagement_event.c.at, engagement_event.c.id)
        )
        return [Engagement(**row._mapping) for row in await self._connection.execute(wanted)]


class Journal:
    """See bot.ports.JournalStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, entries: Sequence[JournalEntry]) -> None:
        """See JournalStore."""
        rows = [{name: getattr(entry, name) for name in _JOURNAL} for entry in entries]
        if rows:
            await _ENTER.run(self._connection, *rows)

    async def of(self, question_id: str) -> list[JournalEntry]:
        """See JournalStore."""
        wanted = select(*(journal.c[name] for name in _JOURNAL)).where(journal.c.question == question_id)
        return [JournalEntry(**row._mapping) for row in await self._connection.execute(wanted.order_by(journal.c.id))]


_JOURNAL = ("question", "at", "event", "by", "before", "after", "why")
_AUDIT = ("at", "actor", "action", "subject", "detail")


class AuditLog:
    """See bot.ports.AuditStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def append(self, entries: Sequence[Audit]) -> None:
        """See AuditStore."""
        last = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)  # whoever decides does so alone
        before = await self._connection.scalar(last) or START
        rows: list[dict[str, Any]] = []
        for given in entries:
            entry = Audit(given.at, *(storable(getattr(given, name)) for name in _AUDIT[1:]))
            before = link(before, entry)
            rows.append({name: getattr(entry, name) for name in _AUDIT} | {"hash": before})
        if rows:
            await self._connection.execute(audit.insert(), rows)

    async def all(self) -> list[Audit]:
        """See AuditStore."""
        return [entry for entry, _ in await self.chain()]

    async def verify(self) -> int | None:
        """See AuditStore."""
        return first_broken(await self.chain())

    async def chain(self) -> list[tuple[Audit, str]]:
        """See AuditStore."""
        rows = await self._connection.execute(select(audit).order_by(audit.c.id))
        return [(Audit(row.at, row.actor, row.action, row.subject, row.detail), row.hash) for row in rows]
