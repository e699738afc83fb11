"""Facts, past tense: what a platform reports, and what befalls a question.

Every platform fact has a `key` (the same fact delivered again has the same key, so the inbox can end a
repeat) and a `thread` (facts of one thread are handled in the order they came in).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    "PersonRequested",
    "Place",
    "PlatformEvent",
    "QuestionEvent",
    "QuestionPosted",
    "QuestionTaken",
    "QuestionUnpostable",
    "Replied",
    "Reworded",
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

    @property
    def key(self) -> str:
        return f"posted:{self.place.key}"

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
class BotInvited:
    """The bot is in a channel now. `place` is the channel alone (no message, no thread); `by` where it is known."""

    place: Place
    name: str
    by: Member | None
    at: datetime
    public: bool | None = None  # see ChannelRenamed

    @property
    def key(self) -> str:
        return f"invited:{self.place.channel_key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"channel:{self.place.channel_key}"


@dataclass(frozen=True, slots=True)
class BotRemoved:
    channel_key: str
    at: datetime

    @property
    def key(self) -> str:
        return f"removed:{self.channel_key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"channel:{self.channel_key}"


@dataclass(frozen=True, slots=True)
class ChannelRenamed:
    """What a platform says of a channel now. An empty name leaves what is known, and so does None for `public`:
    whether everybody of its space may read it."""

    channel_key: str
    name: str
    at: datetime
    public: bool | None = None

    @property
    def key(self) -> str:
        said = "" if self.public is None else ":public" if self.public else ":closed"
        return f"renamed:{self.channel_key}:{self.at.isoformat()}{said}"

    @property
    def thread(self) -> str:
        return f"channel:{self.channel_key}"


@dataclass(frozen=True, slots=True)
class ChannelArchived:
    channel_key: str
    at: datetime

    @property
    def key(self) -> str:
        return f"archived:{self.channel_key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"channel:{self.channel_key}"


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


ChannelFact = BotInvited | BotRemoved | ChannelRenamed | ChannelArchived

PlatformEvent = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | ButtonPressed
    | FormSubmitted
    | MemberJoined
    | MemberChanged
    | ChannelFact
)
