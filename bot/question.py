"""A question and its parts, as values: what is known about it at one moment. bot.questions moves it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.crowd import Crowd
from bot.effects import Effect
from bot.events import Place
from bot.news import Notice
from bot.policy import Policy


class Status(StrEnum):
    OPEN = "open"
    OFFERED = "offered"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Outcome(StrEnum):
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    UNKNOWN = "unknown"  # silence is unknown, never success
    WITHDRAWN = "withdrawn"


class Result(StrEnum):
    """How it went with somebody who was asked."""

    PASSED = "passed"
    POSTPONED = "postponed"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"
    RELEASED = "released"
    CLAIM_EXPIRED = "claim_expired"


class Refused(Exception):  # noqa: N818 -- reads as what happened
    """The fact contradicts the question; `notice` is what the person is told."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.value)
        self.notice = notice


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody was asked; `result` says how it ended, `ended_at` when."""

    member: str
    result: Result
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """`asker`, `offered_to`, `claimed_by`, `answered_by` are member keys. `deadline` is the only timer there is."""

    id: str
    community: str
    place: Place
    asker: str
    asker_person: str
    text: str
    language: str
    topics: tuple[str, ...]
    medical: bool
    urgent: bool
    private: bool  # asked in a direct message: nothing about it is said in public
    asked_at: datetime
    status: Status = Status.OPEN
    deadline: datetime | None = None
    suggested: tuple[str, ...] = ()
    tries: tuple[Try, ...] = ()
    round: int = 0  # cards sent out so far
    offered_to: str = ""
    claimed_by: str = ""
    warned: bool = False  # about the claim's end
    asked_helped: bool = False
    answered_by: tuple[str, ...] = ()
    answered_at: datetime | None = None
    reminders: int = 0
    told: tuple[str, ...] = ()  # news the asker has had
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    pseudonym: str = ""  # asked without a name: the bot posts it under this one, and nobody learns who asked
    handed_by: str = ""  # while it is offered: who handed it over
    earlier: str = ""  # the question whose thread it was answered with a link to (bot.earlier)
    beside: str = ""  # the question that was asked with it, in the same message
    version: int = 0

    @property
    def nameless(self) -> bool:
        """Whether nobody may learn who asked."""
        return self.private or bool(self.pseudonym)

    @property
    def unposted(self) -> bool:
        """Asked without a name, and not standing in its channel yet."""
        return bool(self.pseudonym) and not self.private and not self.place.message


def first_asked(question: Question) -> tuple[bool, float, str]:
    """Of several in one message the first one comes first, of several in one thread the latest."""
    return (bool(question.beside), -question.asked_at.timestamp(), question.id)


@dataclass(frozen=True, slots=True)
class Pool:
    """Who there is: volunteers with their load, and the moderators to tell when nobody is left."""

    volunteers: Crowd = field(default_factory=Crowd)
    moderators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Engaged:
    """An engagement to log: `behaviour` is one of the vocabulary (engagement.yaml), `member` a member key."""

    behaviour: str
    member: str
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    question: Question
    effects: tuple[Effect, ...] = ()
    engaged: tuple[Engaged, ...] = ()
    why: str = ""  # for the journal: names and numbers, never anybody's words


@dataclass(frozen=True, slots=True)
class Turn:
    """What every step is given. `blocked`: persons whom the asker does not want to hear from; `vector`: the
    question's embedding, where it is at hand."""

    pool: Pool
    now: datetime
    policy: Policy
    blocked: frozenset[str] = frozenset()
    vector: bytes = b""
    only_in: str = ""  # the space beyond which nobody is asked (bot.crossing)
