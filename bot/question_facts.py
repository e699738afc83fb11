"""What befalls a question, past tense; members are given by their key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.places import Place


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
    """The platform refused the card for good; a send that failed does not use up a rung. `asleep`: it came to deliver
    it so late that their quiet hours have begun."""

    to: str
    asleep: bool = False


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
    """Who has it names somebody else, who is asked and may say no. `to_asker`: unknowingly, the one who asked,
    or somebody whom they do not want to hear from."""

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
    earlier: str = ""


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
class Unwanted:
    """The asker does not want to hear from somebody; `members` are all accounts of that person."""

    members: tuple[str, ...]


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
    | Unwanted
    | DeadlinePassed
)
