"""Facts, past tense: what a platform reports, and what befalls a question.

Every platform fact has a `key` (the same fact delivered again has the same key, so the inbox can end a
repeat) and a `thread` (facts of one thread are handled in the order they came in).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.channel_facts import (
    BotInvited,
    BotRemoved,
    BotSilenced,
    ChannelArchived,
    ChannelFact,
    ChannelRenamed,
    PermissionsMissing,
)
from bot.places import Member, Place
from bot.question_facts import (
    AnswerRetracted,
    ChannelLost,
    ClaimExtended,
    ClaimReleased,
    DeadlinePassed,
    HandedOver,
    MarkedHelpful,
    MarkedUnhelpful,
    OfferAccepted,
    OfferPassed,
    OfferPostponed,
    OfferSent,
    OfferUndeliverable,
    PersonRequested,
    QuestionEvent,
    QuestionPosted,
    QuestionTaken,
    QuestionUnpostable,
    Replied,
    Reworded,
    Unwanted,
    Withdrawn,
)

__all__ = [
    "AnswerRetracted",
    "BotInvited",
    "BotRemoved",
    "BotSilenced",
    "ButtonPressed",
    "ChannelArchived",
    "ChannelFact",
    "ChannelLost",
    "ChannelRenamed",
    "ClaimExtended",
    "ClaimReleased",
    "DeadlinePassed",
    "FormSubmitted",
    "HandedOver",
    "MarkedHelpful",
    "MarkedUnhelpful",
    "Member",
    "MemberChanged",
    "MemberJoined",
    "MessageDeleted",
    "MessageEdited",
    "MessagePosted",
    "OfferAccepted",
    "OfferPassed",
    "OfferPostponed",
    "OfferSent",
    "OfferUndeliverable",
    "PermissionsMissing",
    "PersonRequested",
    "Place",
    "PlatformEvent",
    "QuestionEvent",
    "QuestionPosted",
    "QuestionTaken",
    "QuestionUnpostable",
    "Replied",
    "Reworded",
    "RoleChanged",
    "RolesHeld",
    "Unwanted",
    "Withdrawn",
]


@dataclass(frozen=True, slots=True)
class MessagePosted:
    place: Place
    author: Member
    text: str
    at: datetime
    by_bot: bool = False
    mentions_bot: bool = False
    direct: bool = False  # in a private conversation with the bot
    about: tuple[str, ...] = ()  # what its author says it is about, in the place's own words: a forum's tags
    again: str = ""  # read once more, after this alert turned out to be none
    spared: tuple[str, ...] = ()  # rules that a person has called false for this very message
    beside: str = ""  # words that came with it: passed on, in a poll, in blocks. Read by triage at the door, never kept

    @property
    def key(self) -> str:
        return f"again:{self.again}" if self.again else f"posted:{self.place.key}"

    @property
    def thread(self) -> str:
        return self.place.thread_key


@dataclass(frozen=True, slots=True)
class MessageEdited:
    place: Place
    author: Member
    text: str
    at: datetime
    by_bot: bool = False
    direct: bool = False  # in a private conversation with the bot
    about: tuple[str, ...] = ()
    beside: str = ""

    @property
    def key(self) -> str:
        return f"edited:{self.place.key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return self.place.thread_key


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    place: Place
    at: datetime

    @property
    def key(self) -> str:
        return f"deleted:{self.place.key}"

    @property
    def thread(self) -> str:
        return self.place.thread_key


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """`action` is one of bot.cards.Action; `subject` names what it is about (a question, a draft, an alert)."""

    press: str
    action: str
    subject: str
    by: Member
    at: datetime

    @property
    def key(self) -> str:
        return f"pressed:{self.by.key}:{self.press}"

    @property
    def thread(self) -> str:
        return f"subject:{self.subject}"


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    """`form` is one of bot.cards.Form; `values` maps field names to what was typed or chosen."""

    submission: str
    form: str
    subject: str
    values: dict[str, str]
    by: Member
    at: datetime

    @property
    def key(self) -> str:
        return f"submitted:{self.by.key}:{self.submission}"

    @property
    def thread(self) -> str:
        return f"subject:{self.subject or self.by.key}"


@dataclass(frozen=True, slots=True)
class MemberJoined:
    member: Member
    name: str
    channel: str
    at: datetime

    @property
    def key(self) -> str:
        return f"joined:{self.member.key}:{self.channel}"

    @property
    def thread(self) -> str:
        return f"member:{self.member.key}"


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """What a platform says of a member now. An empty name, zone or language leaves what is known."""

    member: Member
    name: str
    time_zone: str
    language: str
    deactivated: bool
    guest: bool
    bot: bool
    at: datetime

    @property
    def key(self) -> str:
        return f"changed:{self.member.key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"member:{self.member.key}"


@dataclass(frozen=True, slots=True)
class RolesHeld:
    """Which roles of their platform somebody has now, by their keys: all of them, or at least all that are trusted."""

    member: Member
    roles: tuple[str, ...]
    at: datetime

    @property
    def key(self) -> str:
        return f"held:{self.member.key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"member:{self.member.key}"


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A role of a platform has another name, or is `gone`: it was deleted, or the bot has left its space."""

    role: str  # its key, platform:space:id
    name: str
    gone: bool
    at: datetime

    @property
    def key(self) -> str:
        return f"role:{self.role}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"role:{self.role}"


PlatformEvent = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | ButtonPressed
    | FormSubmitted
    | MemberJoined
    | MemberChanged
    | RolesHeld
    | RoleChanged
    | ChannelFact
)
