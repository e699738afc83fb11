"""What is true at the moment of showing, and the three ways a showing can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards import Address, Card, Posted, Text
from bot.community import Answer, Appointment, Channel, Letter, MemberRecord, Role, Suggestion, Unmasking
from bot.crossing import at_home
from bot.curation import Draft
from bot.places import Place
from bot.policy import Answering, Mode
from bot.question import Question
from bot.safety.alerts import Alert
from bot.safety.helplines import Helpline
from bot.showing.confirmed import confirmed_line
from bot.wording import Say, say_in
from knowledge.resources import Resource


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that stands under a card. `alt` says in words what there is to see."""

    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Saying:
    """`otherwise`: where it goes when `to` takes nothing for good, so that news are not lost."""

    to: Address
    card: Card
    otherwise: Address | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """Where and when the same was asked before; `channel`: what that channel is called, if it is another one."""

    place: Place
    asked_at: datetime
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is true at the moment of showing. Only what the wish is about is filled in."""

    now: datetime
    mode: Mode = Mode.THREAD
    answering: Answering = Answering.THREAD
    gone: bool = False  # the bot is no longer in the question's channel
    confined: bool = False  # the question's words stay in its own space (bot.crossing)
    spaces: frozenset[str] = frozenset()  # where the reader has accounts besides this one (bot.crossing.space_of)
    channel: Channel | None = None
    question: Question | None = None
    earlier: Earlier | None = None  # the thread to link to, as long as that may be
    suggestions: tuple[Suggestion, ...] = ()
    sure_from: float = 0.0  # confidence under which a suggestion is only "perhaps related", and whispered
    resources: Mapping[str, Resource] = field(default_factory=dict)
    members: Mapping[str, MemberRecord] = field(default_factory=dict)
    draft: Draft | None = None
    alert: Alert | None = None
    answer: Answer | None = None
    letter: Letter | None = None
    letters: tuple[Letter, ...] = ()  # of the asker, for whoever takes a private question
    helplines: tuple[Helpline, ...] = ()
    appointment: Appointment | None = None  # of whoever answers, as a clinician; or the one the wish is about
    unmasking: Unmasking | None = None
    similar: Resource | None = None  # the published resource that is most like the draft
    follows: frozenset[str] = frozenset()  # the topics the reader follows
    wanted: bool = True  # the reader still wants to hear it
    code: str = ""  # to link another account with
    returned: str = ""  # what the reader wrote and nobody could take
    digest: Saying | None = None
    posted: Posted | None = None  # the card that would be changed

    def name(self, member: str, say: Say) -> str:
        """What people call them; an account id is nobody's name."""
        record = self.members.get(member)
        return record.name if record and record.name else say("A member")

    def confirmed(self, member: str, language: str, say: Say) -> tuple[Text, ...]:
        """A line beside what a clinician has written; nothing for anybody else."""
        given = self.appointment if self.appointment and self.appointment.member == member else None
        by = self.name(given.by, say) if given else ""
        line = confirmed_line(self.members.get(member), given, by, language, say)
        return (Text(line),) if line else ()

    def held(self, member: str) -> frozenset[Role]:
        """What they are here, as far as it is known."""
        record = self.members.get(member)
        return record.held if record else frozenset()

    def asker_name(self, q: Question, say: Say) -> str:
        """What others call the one who asked: never their name where nobody may learn it."""
        if not q.nameless:
            return self.name(q.asker, say)
        return q.pseudonym or say("Somebody")

    def opens(self, q: Question, member: str) -> bool:
        """Whether they can open the question where it stands: this account or another of theirs is there."""
        return at_home(member, q.place) or f"{q.place.platform}:{q.place.space}" in self.spaces

    def language(self, member: str) -> str:
        record = self.members.get(member)
        return record.language if record else "en"

    def say(self, member: str) -> Say:
        return say_in(self.language(member))

    def time_zone(self, member: str) -> str:
        record = self.members.get(member)
        return record.time_zone if record else "UTC"


@dataclass(frozen=True, slots=True)
class Change:
    posted: Posted
    card: Card


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Not said, because it is no longer true or nobody is there to hear it."""

    reason: str


Shown = Saying | Change | Unsaid
