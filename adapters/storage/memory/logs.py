"""Alerts, engagement, the journal and the audit log, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.storage.chain import START, first_broken, link
from adapters.storage.forgetting import blind
from adapters.storage.memory.state import Rows, State
from bot.community import Audit, Engagement, JournalEntry, MemberRecord
from bot.events import Place
from bot.safety.alerts import Alert, AlertState

OPEN = (AlertState.OPEN, AlertState.TAKEN)


class Alerts:
    """See bot.ports.AlertStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Alert] = state.table("alert")

    async def save(self, alert: Alert) -> None:
        """See AlertStore."""
        self._rows[alert.id] = alert

    async def get(self, alert_id: str) -> Alert | None:
        """See AlertStore."""
        return self._rows.get(alert_id)

    async def due(self, now: datetime, limit: int) -> list[Alert]:
        """See AlertStore."""
        due = [a for a in self._rows.values() if a.deadline and a.deadline <= now]
        return sorted(due, key=lambda a: (a.deadline, a.id))[:limit]

    async def open(self) -> list[Alert]:
        """See AlertStore."""
        return sorted((a for a in self._rows.values() if a.state in OPEN), key=_raised)

    async def about(self, author: str) -> list[Alert]:
        """See AlertStore."""
        return sorted((a for a in self._rows.values() if a.author == author), key=_raised)

    async def at(self, place: Place) -> list[Alert]:
        """See AlertStore."""
        return [alert for alert in await self.open() if alert.place == place]

    async def ever(self, place: Place) -> list[Alert]:
        """See AlertStore."""
        return sorted((a for a in self._rows.values() if a.place == place), key=_raised)


def _raised(alert: Alert) -> tuple[datetime, str]:
    return (alert.raised_at, alert.id)


class Log:
    """See bot.ports.EngagementStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Engagement] = state.table("engagement")
        self._members: Rows[str, MemberRecord] = state.table("member")

    async def add(self, rows: Sequence[Engagement]) -> None:
        """See EngagementStore."""
        for row in rows:
            if row.key not in self._rows and blind(row.key) not in self._rows:
                self._rows[row.key] = replace(row, person="")

    async def all(self) -> list[Engagement]:
        """See EngagementStore."""
        return [replace(row, person=self._person(row.member)) for row in sorted(self._rows.values(), key=_at)]

    async def since(self, moment: datetime, behaviours: Sequence[str]) -> list[Engagement]:
        """See EngagementStore."""
        return [row for row in await self.all() if row.at >= moment and row.behaviour in behaviours]

    def forget(self, member: str) -> None:
        """Make the member's keys unreadable."""
        for row in [row for row in self._rows.values() if row.member == member]:
            self._rows.pop(row.key)
            self._rows[blind(row.key)] = replace(row, key=blind(row.key))

    def _person(self, member: str) -> str:
        record = self._members.get(member)
        return record.person if record else member


def _at(row: Engagement) -> datetime:
    return row.at


class Journal:
    """See bot.ports.JournalStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, tuple[JournalEntry, ...]] = state.table("journal")

    async def add(self, entries: Sequence[JournalEntry]) -> None:
        """See JournalStore."""
        for entry in entries:
            self._rows[entry.question] = (*self._rows.get(entry.question, ()), entry)

    async def of(self, question_id: str) -> list[JournalEntry]:
        """See JournalStore."""
        return list(self._rows.get(question_id, ()))


class AuditLog:
    """See bot.ports.AuditStore."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: Rows[int, tuple[Audit, str]] = state.table("audit")

    async def append(self, entries: Sequence[Audit]) -> None:
        """See AuditStore."""
        for entry in entries:
            number = self._state.number("audit")
            before = self._rows[number - 1][1] if number > 1 else START
            self._rows[number] = (entry, link(before, entry))

    async def all(self) -> list[Audit]:
        """See AuditStore."""
        return [entry for entry, _ in self._rows.values()]

    async def verify(self) -> int | None:
        """See AuditStore."""
        return first_broken(self._rows.values())

    async def chain(self) -> list[tuple[Audit, str]]:
        """See AuditStore."""
        return list(self._rows.values())
