"""Appointments, and who asked to see the asker of a question without a name, in memory."""

from __future__ import annotations

from datetime import datetime

from adapters.storage.memory.state import Rows, State
from bot.community import Appointment, Role, Unmasking


class Appointments:
    """See bot.ports.AppointmentStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[tuple[str, Role], Appointment] = state.table("appointment")

    async def all(self) -> tuple[Appointment, ...]:
        """See AppointmentStore."""
        return tuple(self._rows[key] for key in sorted(self._rows))

    async def get(self, member: str, role: Role) -> Appointment | None:
        """See AppointmentStore."""
        return self._rows.get((member, role))

    async def put(self, given: Appointment) -> None:
        """See AppointmentStore."""
        self._rows[given.member, given.role] = given

    async def remove(self, member: str, role: Role) -> None:
        """See AppointmentStore."""
        self._rows.pop((member, role))

    async def due(self, now: datetime) -> tuple[Appointment, ...]:
        """See AppointmentStore."""
        return tuple(one for one in await self.all() if one.due_at is not None and one.due_at <= now)


class Unmaskings:
    """See bot.ports.UnmaskingStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Unmasking] = state.table("unmasking")

    async def save(self, asked: Unmasking) -> None:
        """See UnmaskingStore."""
        self._rows[asked.id] = asked

    async def get(self, unmasking_id: str) -> Unmasking | None:
        """See UnmaskingStore."""
        return self._rows.get(unmasking_id)

    async def of(self, question_id: str) -> tuple[Unmasking, ...]:
        """See UnmaskingStore."""
        own = [one for one in self._rows.values() if one.question == question_id]
        return tuple(sorted(own, key=lambda one: one.asked_at))

    async def due(self, now: datetime) -> tuple[Unmasking, ...]:
        """See UnmaskingStore."""
        found = [one for one in self._rows.values() if one.due_at is not None and one.due_at <= now]
        return tuple(sorted(found, key=lambda one: (one.due_at, one.id)))
