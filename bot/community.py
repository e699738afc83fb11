"""The people, channels and records of a community, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.events import Place
from bot.policy import Answering, Mode
from bot.question import Status
from bot.quiet import Away, Quiet
from bot.routing import Kind

REMINDED_BEFORE = timedelta(days=30)  # so long before an appointment ends people are reminded
RELAYED = "relayed-"  # how the place of an answer begins that stands nowhere yet


class Role(StrEnum):
    CLINICIAN = "clinician"
    MODERATOR = "moderator"
    SAFETY_LEAD = "safety_lead"
    ORGANISER = "organiser"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Trust:
    """Everybody with this role of a platform is what `role` says. `key` is its key, platform:space:id; `name` what it
    is called there."""

    key: str
    role: Role
    name: str

    @property
    def space(self) -> str:
        return self.key.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Appointment:
    """A role that a person was given here: by whom, when, until when, and how the one who gave it knows. `proof` is a
    kind of proof from a list; no paper and no words of anybody are kept. `reminded`: that it ends was said."""

    member: str
    role: Role
    by: str
    at: datetime
    proof: str = ""
    until: datetime | None = None
    reminded: bool = False

    @property
    def due_at(self) -> datetime | None:
        """When it is looked at next: to say that it ends, and when it ends."""
        return self.until if self.until is None or self.reminded else self.until - REMINDED_BEFORE


@dataclass(frozen=True, slots=True, order=True)
class Badge:
    """What somebody is by a role of their platform that is trusted. `by` is its key."""

    role: Role
    by: str


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One account; `person` is what is counted (two linked members are one person)."""

    key: str
    person: str
    name: str
    roles: frozenset[Role] = frozenset()
    language: str = "en"
    country: str = ""
    time_zone: str = "UTC"
    opted_out: bool = False
    staff: bool = False  # bots and staff are left out of every count
    shares_answers: bool = False  # agreed once that their answers may be saved as resources
    joined_at: datetime | None = None
    guest: bool = False  # may ask; is not asked, and takes no question: not every channel is open to them
    bot: bool = False
    deactivated: bool = False  # their account is switched off
    badges: frozenset[Badge] = frozenset()  # beside `roles`, which are of winwin's own list

    @property
    def held(self) -> frozenset[Role]:
        """By winwin's own list, or by a role of their platform."""
        return self.roles | {badge.role for badge in self.badges} if self.badges else self.roles

    @property
    def may_help(self) -> bool:
        """Whether they may be asked to answer at all."""
        return not (self.guest or self.bot or self.deactivated)

    def may(self, *roles: Role) -> bool:
        """The owner stands for every role but the clinician's: that is a profession, which somebody has to confirm."""
        if self.held & set(roles):
            return True
        return Role.OWNER in self.roles and any(role is not Role.CLINICIAN for role in roles)


@dataclass(frozen=True, slots=True)
class VolunteerSettings:
    """What a volunteer declared."""

    member: str
    kind: Kind = Kind.PARENT
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    time_zone: str = "UTC"
    quiet: tuple[Quiet, ...] = ()
    weekly_cap: int = 5
    paused: bool = False
    away: Away | None = None
    learns: bool = False  # agreed that answers of theirs that helped say which questions suit them
    thanks: bool = True  # hears once a month what their answers led to


@dataclass(frozen=True, slots=True)
class Skill:
    """The embedding of an answer that helped: little-endian float32, of unit length. `answer` is its place key."""

    answer: str
    member: str
    vector: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    key: str
    name: str
    mode: Mode
    purpose: str = ""
    language: str = "en"
    seen_to: str = ""  # the newest message handled: the high-water mark for backfill
    welcomed: bool = False  # the bot has said there what it does, and was not removed since
    gone: bool = False  # the bot was removed, or the channel is archived: nothing is sent there
    digest: bool = False  # the team's channel: the weekly digest goes here
    answering: Answering = Answering.THREAD
    lacks: tuple[str, ...] = ()  # permissions the bot lacks there, of which moderators were told
    numbers: tuple[tuple[str, int], ...] = ()  # what it set for itself, by the names of bot.policy.LOCAL
    public: bool = False  # its platform has said that everybody of its space may read it (bot.crossing)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What was suggested, with the figures it was decided by. `why` are words of the resource. `shipped`: the
    confidence without the community's own calibration; `basis`: by which model and shipped numbers (bot.librarian)."""

    resource: str
    title: str
    score: float
    confidence: float
    why: tuple[str, ...]
    shipped: float = 0.0
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    place: Place
    question: str
    member: str
    text: str
    probability: float  # that it is an answer, as listening judged it
    at: datetime
    relay: str = ""  # brought over by the bot: the id its wishes know it by, wherever it stands by now

    @property
    def on_its_way(self) -> bool:
        """The bot has yet to post it: nothing stands at `place`."""
        return self.place.message.startswith(RELAYED)


@dataclass(frozen=True, slots=True)
class Letter:
    """What people of one question wrote to each other through the bot: what the asker writes back, and the replies in
    the thread of a question without a name (their id is the reply's place key)."""

    id: str
    question: str
    member: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Engagement:
    """One qualifying behaviour of one member. `key` makes it count once."""

    key: str
    behaviour: str
    member: str
    at: datetime
    place: str = ""
    resource: str = ""
    question: str = ""
    person: str = ""  # filled in when read


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One step of a question's life: ids, statuses and figures, never anybody's words."""

    question: str
    at: datetime
    event: str
    by: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Who did what to which thing. Append-only."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser in which somebody is signed in."""

    since: datetime
    until: datetime


class Reason(StrEnum):
    """Why two people look up who asked without a name."""

    DANGER = "danger"
    RULES = "rules"
    LAW = "law"


class Sight(StrEnum):
    """How far it has come that somebody sees who asked."""

    WAITING = "waiting"  # for a second person
    SHOWN = "shown"  # to both
    TOLD = "told"  # and the asker knows it
    REFUSED = "refused"  # by the second person
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Unmasking:
    """Two people want to see who asked a question without a name. `second`: who has confirmed or refused it. `due_at`:
    when it expires, or, once the name was shown, when its asker is told."""

    id: str
    question: str
    reason: Reason
    by: str
    asked_at: datetime
    state: Sight = Sight.WAITING
    second: str = ""
    settled_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    statuses: frozenset[Status] = frozenset()  # empty: all
    asker: str = ""
    holder: str = ""  # offered to or claimed by
    asked_from: datetime | None = None
    asked_before: datetime | None = None
    channel: str = ""  # a channel key
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Topic:
    id: str
    label: str
    labels: dict[str, str] = field(default_factory=dict)  # by language

    def name(self, language: str) -> str:
        return self.labels.get(language, self.label)
