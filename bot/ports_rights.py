"""Who was given which role, and who asked to see what is hidden, kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.community import Appointment, Role, Unmasking


class AppointmentStore(Protocol):
    """One appointment for a member and a role: a new one takes the place of the old. What a member may do stands with
    the member; here is who says so, and until when."""

    async def all(self) -> tuple[Appointment, ...]:
        """In order of their members, then their roles."""
        ...

    async def get(self, member: str, role: Role) -> Appointment | None: ...

    async def put(self, appointment: Appointment) -> None: ...

    async def remove(self, member: str, role: Role) -> None: ...

    async def due(self, now: datetime) -> tuple[Appointment, ...]:
        """Those of which it is to be said that they end, and those that end."""
        ...


class UnmaskingStore(Protocol):
    async def save(self, unmasking: Unmasking) -> None: ...

    async def get(self, unmasking_id: str) -> Unmasking | None: ...

    async def of(self, question_id: str) -> tuple[Unmasking, ...]:
        """Oldest first."""
        ...

    async def due(self, now: datetime) -> tuple[Unmasking, ...]: ...
