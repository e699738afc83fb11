"""Wishes, imperative: what should be said to whom. The outbox carries them; they hold ids, never people's words.

What a wish looks like on a screen is decided when it is delivered (bot.cards), from what is true then: a
resource that was retired a minute ago is not shown, an offer for an answered question is not made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.events import Member, Place


class News(StrEnum):
    """What the asker of a question is told about its way."""

    ASKING = "asking"  # a volunteer is being asked
    ASLEEP = "asleep"  # nobody is awake; `until` says when somebody is
    CLAIMED = "claimed"  # somebody has taken it
    STILL_LOOKING = "still_looking"  # the one who took it could not; it goes on
    HANDED_ON = "handed_on"  # the one who took it named somebody who may know better; it goes on
    ESCALATED = "escalated"  # nobody was found; the moderators know, or are told at `until`
    UNATTENDED = "unattended"  # nobody was found, and there is no moderator to tell
    CLOSED = "closed"  # glad it helped
    POSTED = "posted"  # asked in the channel without a name
    NOT_POSTED = "not_posted"  # the channel could not be reached: it goes on in private
    HELD_BACK = "held_back"  # not posted: many without a name today; it can be asked in private
    TAKEN_DOWN = "taken_down"  # somebody deleted the post of a question without a name
    CHANNEL_LOST = "channel_lost"  # the bot is no longer in the channel: it goes on in private


class OfferEnd(StrEnum):
    """Why a volunteer's card is closed."""

    ACCEPTED = "accepted"
    PASSED = "passed"
    POSTPONED = "postponed"
    EXPIRED = "expired"
    CLAIM_EXPIRED = "claim_expired"
    RELEASED = "released"
    ANSWERED = "answered"  # by the volunteer or by anybody else
    TAKEN = "taken"  # somebody else took it first
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"  # it is about medicines now, and a clinician is needed
    HANDED_OVER = "handed_over"  # to somebody they named
    CHANNEL_LOST = "channel_lost"  # the bot is no longer in the channel


class Notice(StrEnum):
    """A short private line to somebody who pressed or sent something."""

    ALREADY_TAKEN = "already_taken"
    ALREADY_DONE = "already_done"
    NOT_YOURS = "not_yours"
    NOT_ALLOWED = "not_allowed"
    OWN_QUESTION = "own_question"
    FOR_CLINICIANS = "for_clinicians"
    FOR_VOLUNTEERS = "for_volunteers"
    GONE = "gone"
    ACCEPTED = "accepted"
    EXTENDED = "extended"
    RELEASED = "released"
    SAVED_FOR_CONSENT = "saved_for_consent"
    SAVED_FOR_REVIEW = "saved_for_review"
    PUBLISHED = "published"
    SENT_BACK = "sent_back"
    DECLINED = "declined"
    INVALID = "invalid"  # `detail` says what to do
    TOO_LONG = "too_long"  # two texts together are longer than one resource can be
    FOLLOWING = "following"  # `detail` names the topic
    NOT_FOLLOWING = "not_following"
    LINKED = "linked"
    UNLINKED = "unlinked"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    CODE_UNKNOWN = "code_unknown"
    TOO_MANY_TRIES = "too_many_tries"
    WRITTEN_IN_PRIVATE = "written_in_private"  # what was typed was a crisis: the answer comes in private
    DOUBTFUL = "doubtful"  # speaks of a cure or of stopping treatment: can't become a resource
    SETTINGS_SAVED = "settings_saved"
    ALERT_TAKEN = "alert_taken"
    ALERT_CLOSED = "alert_closed"
    FORGOTTEN = "forgotten"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    NOTED = "noted"
    BROUGHT_OVER = "brought_over"  # what was written back is on its way
    KEPT_FOR_LATER = "kept_for_later"  # nobody has the question: it waits for whoever takes it
    UNHANDLED = "unhandled"  # something that came in could not be handled
    PERMISSIONS = "permissions"  # `detail` names a channel and what the bot lacks there
    SILENCED = "silenced"  # the bot has a time-out
    COUNTRY_SAVED = "country_saved"  # `detail` names it
    COUNTRY_UNSAID = "country_unsaid"
    FEW_WATCH = "few_watch"  # fewer than two people can be paged in a crisis
    UNDELIVERED = "undelivered"  # a message could not be brought to somebody
    SECOND_ASKED = "second_asked"  # a second person is asked whether they agree to see who asked
    SECOND_AWAITED = "second_awaited"  # somebody has asked for the same already
    TOO_MANY_LINKS = "too_many_links"  # of those that sign somebody in with a browser
    NO_PAGES = "no_pages"  # nobody has set where the pages are
    SECOND_NEEDED = "second_needed"  # the same person can't be the second


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
class AnswerCrisis:
    """The fixed private reply with the local helplines."""

    alert: str


@dataclass(frozen=True, slots=True)
class PageSafety:
    """A link only, no text; `rung` 0 is the first page, later ones are repeats and the owner."""

    alert: str
    to: str
    rung: int


@dataclass(frozen=True, slots=True)
class ClosePage:
    alert: str
    to: str
    rung: int


@dataclass(frozen=True, slots=True)
class FoldPage:
    """A newer page stands: take the buttons off the ones before it, so that there is one live card per alert."""

    alert: str
    to: str
    rung: int  # of the newer one


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """It was no crisis: read the message again at its platform, and treat it like any other."""

    alert: str


@dataclass(frozen=True, slots=True)
class SaySorry:
    """Tell the author that the bot had misread them. `again`: their message is being handled now; else they are asked
    to write it once more."""

    alert: str
    to: str
    again: bool


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


class RoleNews(StrEnum):
    """What became of a role that somebody was given."""

    GIVEN = "given"
    ENDS = "ends"  # in a month, unless somebody says that it is still true
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TellRole:
    """What became of a role that `member` was given; also for those who may give it again."""

    to: str
    member: str
    role: str
    news: RoleNews
    by: str = ""


@dataclass(frozen=True, slots=True)
class AskSecond:
    """Somebody wants to see who asked a question without a name: a second person has to agree."""

    unmasking: str
    to: str


@dataclass(frozen=True, slots=True)
class ShowAsker:
    """Both have agreed: who asked it, once, to each of them. The wish holds no name."""

    unmasking: str
    to: str


@dataclass(frozen=True, slots=True)
class TellSeen:
    """Tell the asker that two people have seen who they are, and why."""

    unmasking: str


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
    | AnswerCrisis
    | PageSafety
    | ClosePage
    | FoldPage
    | ReadAgain
    | SaySorry
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
    | TellRole
    | AskSecond
    | ShowAsker
    | TellSeen
    | Notify
)
