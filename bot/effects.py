"""Wishes, imperative: what should be said to whom. The outbox carries them; they hold ids, never people's words.

What a wish looks like on a screen is decided when it is delivered (bot.cards), from what is true then: a
resource that was retired a minute ago is not shown, an offer for an answered question is not made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.crisis_effects import CrisisEffect
from bot.events import Member, Place
from bot.news import News, Notice, OfferEnd
from bot.rights_effects import RightsEffect


@dataclass(frozen=True, slots=True)
class ShowSuggestions:
    question: str


@dataclass(frozen=True, slots=True)
class CloseSuggestions:
    """Take the buttons off the suggestion: it is settled."""

    question: str


@dataclass(frozen=True, slots=True)
class ShowEarlier:
    """It was asked before, and people answered: a link to that thread, or what has become of it."""

    question: str


@dataclass(frozen=True, slots=True)
class CloseEarlier:
    """Take the buttons off that link: it is settled."""

    question: str


@dataclass(frozen=True, slots=True)
class TellAsker:
    question: str
    news: News
    until: datetime | None = None
    about: str = ""  # a member key: who has taken it
    count: int = 0  # how many of those who could answer are asleep


@dataclass(frozen=True, slots=True)
class OfferQuestion:
    question: str
    to: str
    round: int  # how many people have been asked before: the same person may be asked again later


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    """The question says more, or something else, than the card by which somebody was asked."""

    question: str
    to: str
    round: int


@dataclass(frozen=True, slots=True)
class CloseOffer:
    question: str
    to: str
    round: int
    end: OfferEnd


@dataclass(frozen=True, slots=True)
class WarnClaimant:
    question: str
    to: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AskWhetherHelped:
    question: str


@dataclass(frozen=True, slots=True)
class AlertModerator:
    """The ladder is used up: one moderator is told, with the link."""

    question: str
    to: str
    reminder: int


@dataclass(frozen=True, slots=True)
class CloseAlert:
    """Somebody has the question now, or nobody needs to: what a moderator was told of it has no button any more."""

    question: str
    to: str
    reminder: int


@dataclass(frozen=True, slots=True)
class AskConsent:
    draft: str


@dataclass(frozen=True, slots=True)
class InviteReview:
    draft: str
    to: str


@dataclass(frozen=True, slots=True)
class TellPublished:
    draft: str
    to: str


@dataclass(frozen=True, slots=True)
class NudgePrivacy:
    """Ask the author to take a phone number or the like out of their post."""

    place: Place
    to: Member


@dataclass(frozen=True, slots=True)
class ReviewPost:
    """A post makes a doubtful claim ("cure", stop the treatment): a moderator should look at it."""

    place: Place
    to: str


@dataclass(frozen=True, slots=True)
class RelayAnswer:
    """Bring an answer to the one who asked, in private. `answer` is its relay (in old rows its place key)."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """Post the answer of somebody from another space into the question's own thread; once it stands there, show how it
    stands now. `answer` is its relay."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """What somebody wrote could not be taken: say why, and give them their words, which are kept in memory alone (by
    `id`) and in no row."""

    to: str
    id: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class PostQuestion:
    """Post a question without its asker's name into its channel; once it stands there, show how it stands now.
    `doubtful`: it speaks of a cure, so moderators look at it when it is there."""

    question: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class PassOn:
    """Bring a letter over. To whom follows from who wrote it: the asker's goes to the member `to`, or, without one,
    into the thread under the asker's pseudonym; everybody else's goes to the asker."""

    question: str
    letter: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class WelcomeChannel:
    """Say once in a channel what the bot does there, what it keeps (words for `keeps` days), how to opt out."""

    place: Place
    keeps: int


@dataclass(frozen=True, slots=True)
class AskMode:
    """Ask a moderator what the bot should do in a channel; with `chosen_by`, show there what was chosen."""

    channel: str
    to: str
    chosen_by: str = ""


@dataclass(frozen=True, slots=True)
class TellFollower:
    """What is new in the library on topics that somebody follows: resource ids, oldest first."""

    to: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThankVolunteer:
    """What somebody's answers led to in the last 30 days: questions answered, of those helped, and how many families
    used what became of their answers."""

    to: str
    answered: int
    helped: int
    families: int


@dataclass(frozen=True, slots=True)
class ShowLinkCode:
    """A one-time code for linking another account. It is made when it is shown, so it lies in no outbox."""

    to: str


@dataclass(frozen=True, slots=True)
class PostDigest:
    """The digest of one ISO week ("2026-W10"), for the team's channel."""

    channel: str
    week: str


@dataclass(frozen=True, slots=True)
class Notify:
    to: str
    notice: Notice
    detail: str = ""


Effect = (
    ShowSuggestions
    | CloseSuggestions
    | ShowEarlier
    | CloseEarlier
    | TellAsker
    | OfferQuestion
    | ChangeOffer
    | CloseOffer
    | WarnClaimant
    | AskWhetherHelped
    | AlertModerator
    | CloseAlert
    | AskConsent
    | InviteReview
    | TellPublished
    | CrisisEffect
    | NudgePrivacy
    | ReviewPost
    | RelayAnswer
    | PostAnswer
    | GiveBack
    | PostQuestion
    | PassOn
    | WelcomeChannel
    | AskMode
    | TellFollower
    | ThankVolunteer
    | ShowLinkCode
    | PostDigest
    | RightsEffect
    | Notify
)
