"""What the bot shows, without any platform in it: text, resources, buttons, forms.

A platform's outbound file renders a Card in its own idiom. Texts are plain text already put into the reader's
language; a platform escapes them. Nothing here is markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.events import Member, Place


class Action(StrEnum):
    """What a button does; `Button.subject` says to what."""

    HELPED = "helped"
    NOT_HELPED = "not_helped"
    ASK_PERSON = "ask_person"
    OPEN_RESOURCE = "open_resource"  # subject: "question/resource"
    ACCEPT = "accept"
    PASS = "pass"  # noqa: S105 -- a volunteer's pass, not a password
    NOT_NOW = "not_now"
    RELEASE = "release"
    EXTEND = "extend"
    TAKE = "take"
    ANSWER = "answer"  # opens the form ANSWER
    WRITE_BACK = "write_back"  # opens the form WRITE_BACK
    HAND_OVER = "hand_over"  # opens the form HAND_OVER
    WITHDRAW = "withdraw"
    SAVE = "save"  # opens the form SAVE_RESOURCE; subject: place key of the answer
    CONSENT = "consent"
    REFUSE = "refuse"
    PUBLISH = "publish"
    SEND_BACK = "send_back"
    MERGE = "merge"  # opens the form MERGE_DRAFT; subject: draft id
    REWORD = "reword"  # opens the form ADD_PHRASE; subject: draft id
    ALERT_MINE = "alert_mine"
    ALERT_FALSE = "alert_false"
    ALERT_RESOLVED = "alert_resolved"
    ALERT_NOTE = "alert_note"  # subject: "alert|ending", one of bot.safety.alerts.Ending
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    FORGET_ME = "forget_me"
    SET_MODE = "set_mode"  # subject: "channel key|mode"
    UNFOLLOW = "unfollow"  # subject: a topic
    RENEW = "renew"  # subject: "member key|role": still true, for another year
    SEE_ASKER = "see_asker"  # subject: unmasking id: the second person agrees
    KEEP_HIDDEN = "keep_hidden"  # subject: unmasking id: the second person does not


class Form(StrEnum):
    SAVE_RESOURCE = "save_resource"  # subject: place key of the answer; title, text, topics, medical
    EDIT_DRAFT = "edit_draft"  # subject: draft id; the fields of SAVE_RESOURCE
    MERGE_DRAFT = "merge_draft"  # subject: draft id; into: resource id
    ADD_PHRASE = "add_phrase"  # subject: draft id; asked_as: one question, into: the resource it asks for
    EDIT_RESOURCE = "edit_resource"  # subject: resource id
    RETIRE_RESOURCE = "retire_resource"
    VOLUNTEER = "volunteer"  # topics, kind, languages, time_zone, quiet, weekly_cap, paused
    CHANNEL = "channel"  # subject: channel key; mode, digest (yes: the team's channel, no)
    ROLES = "roles"  # subject: platform:space; moderators, clinicians: trusted roles, a line "key name" for each
    WAITING = "waiting"  # subject: channel key; the numbers of bot.policy.LOCAL, empty: the community's
    ANSWER = "answer"  # subject: question id; text: an answer to a private question, relayed by the bot
    ASK = "ask"  # subject: ""; text, how ("private" or "anonymous"), channel (its key, for "anonymous")
    WRITE_BACK = "write_back"  # subject: question id; text: from the asker to whoever has the question
    HAND_OVER = "hand_over"  # subject: question id; to (a member key)
    FOLLOW = "follow"  # topic; on: yes or no
    LINK = "link"  # code: empty makes a one-time code, a given one makes this account and its maker one person
    BLOCK = "block"  # other (a member key); on: yes or no: whom the one who sends it does not want to be asked
    COUNTRY = "country"  # country: where the one who sends it lives, by name or two letters; empty: not said
    UNLINK = "unlink"  # this account is a person of its own again
    APPOINT = "appoint"  # who (a member key), role, on: yes, no or mistake, proof
    UNMASK = "unmask"  # subject: question id; reason


class Style(StrEnum):
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    action: Action
    subject: str
    label: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `strong` is for a heading line."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, shown as such."""

    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ResourceShown:
    """`facts` is one line: why it matches, who reviewed it and when."""

    question: str
    id: str
    title: str
    summary: str
    facts: str
    url: str = ""
    more: str = ""  # the label of what opens it: the page at `url`, or the whole text


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a place in the community. `address`: where it opens, when a platform has to be told of another's."""

    label: str
    place: Place
    address: str = ""


Block = Text | Quote | ResourceShown | Link


@dataclass(frozen=True, slots=True)
class Card:
    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    quiet: bool = False  # need not raise a notification
    question: str = ""  # which question it belongs to: what "Why?" explains


# --- where a card goes ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InThread:
    """Under `place`, seen by everyone in the channel. A place without a thread is the channel itself: a new thread.
    `reply`: as a reply in the channel instead of a thread, where the platform has that."""

    place: Place
    reply: bool = False


@dataclass(frozen=True, slots=True)
class OnlyFor:
    """Under `place`, seen by one member; a private message where the platform cannot."""

    place: Place
    member: Member


@dataclass(frozen=True, slots=True)
class Direct:
    """A private conversation between the bot and one member."""

    member: Member


Address = InThread | OnlyFor | Direct


BESIDE = "/beside"  # after the space: shown to one member alone in a channel, or beside what they pressed
ALONE = "alone-"  # before the message: the same, where a platform names such messages otherwise


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a card ended up, as the platform names it: enough to revise it later."""

    platform: str
    space: str
    channel: str
    message: str
    at: datetime

    @property
    def alone(self) -> bool:
        """Whether one member alone sees it in that channel. (A private conversation is a channel of its own.)"""
        return self.space.endswith(BESIDE) or self.message.startswith(ALONE)
