"""What wishes tell in one word: how a question goes on, why a card ends, what became of a press or of a role."""

from __future__ import annotations

from enum import StrEnum


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


class RoleNews(StrEnum):
    """What became of a role that somebody was given."""

    GIVEN = "given"
    ENDS = "ends"  # in a month, unless somebody says that it is still true
    ENDED = "ended"
