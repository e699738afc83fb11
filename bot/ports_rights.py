"""Who was given which role, who asked to see what is hidden, and who is signed in with a browser, kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.community import Appointment, Role, SignedIn, Unmasking


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


class SignInStore(Protocol):
    """One-time links that sign a member in with a browser, and the browsers that are signed in: both by a hash only."""

    async def offer(self, link_hash: str, member: str, now: datetime, until: datetime) -> None: ...

    async def offered(self, member: str, since: datetime) -> int:
        """How many links were made for a member after that moment, spent or not."""
        ...

    async def meant(self, link_hash: str, now: datetime) -> str:
        """Whom the link signs in; empty when there is none, its time is over, or it was spent."""
        ...

    async def spend(self, link_hash: str, now: datetime) -> str:
        """The same, and from now on it is spent: of several who try at once, one is told whom it signs in."""
        ...

    async def open(self, session_hash: str, member: str, now: datetime, until: datetime) -> None: ...

    async def signed_in(self, session_hash: str, now: datetime) -> str:
        """Whose browser it is; empty when it is nobody's, or its time is over."""
        ...

    async def of(self, member: str) -> tuple[SignedIn, ...]:
        """Their browsers, in the order of their beginning."""
        ...

    async def close(self, session_hash: str) -> None: ...

    async def close_all(self, member: str) -> None:
        """No browser of theirs is signed in any more, and no link of theirs signs one in."""
        ...

    async def clear(self, before: datetime) -> None:
        """Drop the links and browsers whose time was over before that moment."""
        ...
