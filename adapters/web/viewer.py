"""Who looks at a page, what they may do, and what is raised when they may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from adapters.web.people import Person
from adapters.web.session import Visit
from bot.cards import Form
from bot.community import MemberRecord, Role, VolunteerSettings
from bot.events import Member
from bot.permissions import Look, allowed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Viewer:
    """The visitor with what the community knows about the person they are."""

    visit: Visit
    record: MemberRecord | None
    volunteer: VolunteerSettings | None

    @property
    def person(self) -> Person:
        return self.visit.person

    @property
    def member(self) -> Member:
        return self.visit.member

    @property
    def time_zone(self) -> str:
        return self.record.time_zone if self.record else "UTC"

    def has(self, *roles: Role) -> bool:
        return self.record is not None and self.record.may(*roles)

    def can(self, what: str) -> bool:
        """An action or form of the table of permissions; the core asks the same table again."""
        return allowed(what, self.record)

    @property
    def moderates(self) -> bool:
        return self.has(Role.MODERATOR)

    @property
    def clinician(self) -> bool:
        """Who may take a question about medicines."""
        return self.has(Role.CLINICIAN)

    @property
    def saves(self) -> bool:
        return self.can(Form.SAVE_RESOURCE)

    @property
    def reviews(self) -> bool:
        return self.can(Look.REVIEWS)

    @property
    def watches_safety(self) -> bool:
        return self.can(Look.ALERTS)

    @property
    def organises(self) -> bool:
        return self.can(Look.LOADS)

    @property
    def may_take(self) -> bool:
        return self.volunteer is not None or self.has(Role.MODERATOR, Role.CLINICIAN)


class NotAllowed(Exception):  # noqa: N818 -- reads as what happened
    """The page or step needs somebody else; `who` says who."""

    def __init__(self, who: str) -> None:
        super().__init__(who)
        self.who = who


class SignedOut(Exception):  # noqa: N818 -- reads as what happened
    """Nobody is signed in with this browser (any more)."""


class NotFound(Exception):  # noqa: N818 -- reads as what happened
    """There is no such thing, or not for this viewer."""


def may(allowed: bool, who: str) -> None:
    """Raises NotAllowed, which says who can do it."""
    if not allowed:
        raise NotAllowed(who)


def found(thing: T | None) -> T:
    """The thing, or NotFound."""
    if thing is None:
        raise NotFound
    return thing
