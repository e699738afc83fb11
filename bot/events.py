"""Facts, past tense: what a platform reports, and what befalls a question.

Every platform fact has a `key` (the same fact delivered again has the same key, so the inbox can end a
repeat) and a `thread` (facts of one thread are handled in the order they came in).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as a platform knows them: one account in one space."""

    platform: str
    space: str
    id: str

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.space}:{self.id}"

    @classmethod
    def from_key(cls, key: str) -> Member:
        platform, space, member = key.split(":", 2)
        return cls(platform, space, member)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands. `thread` is the id of the thread's first message, which is itself when it opens one."""

    platform: str
    space: str
    channel: str
    message: str
    thread: str

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.space}:{self.channel}:{self.message}"

    @property
    def thread_key(self) -> str:
        return f"{self.platform}:{self.space}:{self.channel}:{self.thread}"

    @property
    def channel_key(self) -> str:
        return f"{self.platform}:{self.space}:{self.channel}"

    @property
    def opens_thread(self) -> bool:
        return self.message == self.thread

    def root(self) -> Place:
        """The place of the thread's first message."""
        return Place(self.platform, self.space, self.channel, self.thread, self.thread)


# --- what a platform reports -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessagePosted:
    place: Place
    author: Member
    text: str
    at: datetime
    by_bot: bool = False
    mentions_bot: bool = False
    direct: bool = False  # in a private conversation with the bot

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
    channel_key: str
    name: str
    at: datetime

    @property
    def key(self) -> str:
        return f"renamed:{self.channel_key}:{self.at.isoformat()}"

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


# --- what befalls a question; members are given by their key -------------------------------------------


@dataclass(frozen=True, slots=True)
class MarkedHelpful:
    by: str


@dataclass(frozen=True, slots=True)
class MarkedUnhelpful:
    by: str


@dataclass(frozen=True, slots=True)
class PersonRequested:
    by: str


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    by: str


@dataclass(frozen=True, slots=True)
class OfferPassed:
    by: str


@dataclass(frozen=True, slots=True)
class OfferPostponed:
    by: str


@dataclass(frozen=True, slots=True)
class OfferSent:
    """The card has reached the volunteer: only now does the time to answer it begin."""

    to: str


@dataclass(frozen=True, slots=True)
class OfferUndeliverable:
    """The platform refused the card for good; a send that failed does not use up a rung."""

    to: str


@dataclass(frozen=True, slots=True)
class QuestionTaken:
    """Somebody entitled took it from the open board, unasked."""

    by: str


@dataclass(frozen=True, slots=True)
class ClaimReleased:
    by: str


@dataclass(frozen=True, slots=True)
class ClaimExtended:
    by: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Who has it names somebody else, who is asked and may say no. `to_asker`: unknowingly, the one who asked."""

    by: str
    to: str
    to_asker: bool = False


@dataclass(frozen=True, slots=True)
class Replied:
    """Somebody wrote in the question's thread; `answers` is what listening made of it."""

    by: str
    answers: bool


@dataclass(frozen=True, slots=True)
class AnswerRetracted:
    """The author of an answer deleted it; `remaining` is how many other answers there are."""

    by: str
    remaining: int


@dataclass(frozen=True, slots=True)
class Reworded:
    """The asker edited the question; what it is about was judged anew."""

    topics: tuple[str, ...]
    medical: bool
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The asker deleted the question or said never mind."""

    by: str


@dataclass(frozen=True, slots=True)
class QuestionPosted:
    """The bot has posted a question without a name: only now does it have a place, and only now is anybody asked."""

    place: Place


@dataclass(frozen=True, slots=True)
class QuestionUnpostable:
    """The platform refused the post for good."""


@dataclass(frozen=True, slots=True)
class ChannelLost:
    """The bot is no longer in the channel of the question, or the channel is archived."""


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """`deadline` is the one that fired: a question that has moved on since ignores it."""

    deadline: datetime


QuestionEvent = (
    MarkedHelpful
    | MarkedUnhelpful
    | PersonRequested
    | OfferAccepted
    | OfferPassed
    | OfferPostponed
    | OfferSent
    | OfferUndeliverable
    | QuestionTaken
    | ClaimReleased
    | ClaimExtended
    | HandedOver
    | Replied
    | AnswerRetracted
    | Reworded
    | Withdrawn
    | QuestionPosted
    | QuestionUnpostable
    | ChannelLost
    | DeadlinePassed
)
