"""Who was given which role by whom, and who asked to see the asker of a question without a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.columns import Moment
from adapters.storage.dialect import upsert
from adapters.storage.people_tables import appointment, unmasking
from adapters.storage.prepared import Prepared
from bot.community import Appointment, Reason, Role, Sight, Unmasking

_NOW = bindparam("now", type_=Moment())
_GIVEN = Prepared(select(appointment).order_by(appointment.c.member, appointment.c.role))
_GIVEN_ONE = Prepared(
    select(appointment).where(appointment.c.member == bindparam("member"), appointment.c.role == bindparam("role"))
)
_GIVEN_DUE = Prepared(
    select(appointment).where(appointment.c.due_at <= _NOW).order_by(appointment.c.member, appointment.c.role)
)
_ASKED_DUE = Prepared(select(unmasking).where(unmasking.c.due_at <= _NOW).order_by(unmasking.c.due_at, unmasking.c.id))


class Appointments:
    """See bot.ports.AppointmentStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> tuple[Appointment, ...]:
        """See AppointmentStore."""
        return tuple(map(_appointment, await _GIVEN.all(self._connection)))

    async def get(self, member: str, role: Role) -> Appointment | None:
        """See AppointmentStore."""
        row = await _GIVEN_ONE.first(self._connection, member=member, role=role.value)
        return _appointment(row) if row else None

    async def put(self, given: Appointment) -> None:
        """See AppointmentStore."""
        names = ("member", "by", "at", "proof", "until", "reminded", "due_at")
        row = {name: getattr(given, name) for name in names} | {"role": given.role.value}
        await self._connection.execute(upsert(self._connection, appointment), row)

    async def remove(self, member: str, role: Role) -> None:
        """See AppointmentStore."""
        own = (appointment.c.member == member) & (appointment.c.role == role.value)
        await self._connection.execute(delete(appointment).where(own))

    async def due(self, now: datetime) -> tuple[Appointment, ...]:
        """See AppointmentStore."""
        return tuple(map(_appointment, await _GIVEN_DUE.all(self._connection, now=now)))


class Unmaskings:
    """See bot.ports.UnmaskingStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, asked: Unmasking) -> None:
        """See UnmaskingStore."""
        names = ("id", "question", "by", "asked_at", "second", "settled_at", "due_at")
        row = {name: getattr(asked, name) for name in names}
        row |= {"reason": asked.reason.value, "state": asked.state.value}
        await self._connection.execute(upsert(self._connection, unmasking), row)

    async def get(self, unmasking_id: str) -> Unmasking | None:
        """See UnmaskingStore."""
        row = (await self._connection.execute(select(unmasking).where(unmasking.c.id == unmasking_id))).first()
        return _unmasking(row) if row else None

    async def of(self, question_id: str) -> tuple[Unmasking, ...]:
        """See UnmaskingStore."""
        wanted = select(unmasking).where(unmasking.c.question == question_id)
        return tuple(map(_unmasking, await self._connection.execute(wanted.order_by(unmasking.c.asked_at))))

    async def due(self, now: datetime) -> tuple[Unmasking, ...]:
        """See UnmaskingStore."""
        return tuple(map(_unmasking, await _ASKED_DUE.all(self._connection, now=now)))


def _appointment(row: Any) -> Appointment:
    return Appointment(row.member, Role(row.role), row.by, row.at, row.proof, row.until, row.reminded)


def _unmasking(row: Any) -> Unmasking:
    reason, state = Reason(row.reason), Sight(row.state)
    return Unmasking(row.id, row.question, reason, row.by, row.asked_at, state, row.second, row.settled_at, row.due_at)
