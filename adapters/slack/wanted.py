"""What an interaction asks for, as values: facts to commit, and at most one thing to open or to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.slack.identity import Workspace
from bot.cards import Form
from bot.events import ButtonPressed, FormSubmitted, Member, Place


@dataclass(frozen=True, slots=True)
class Whence:
    """Who did something where, and what an answer may use: a trigger opens one form within three seconds."""

    member: Member
    workspace: Workspace
    at: datetime
    trigger: str = ""
    response_url: str = ""
    channel: str = ""
    message: str = ""  # the message the button stood on
    alone: bool = False  # that message is seen by this person only


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A form is wanted. `given` are values to begin with."""

    form: Form
    subject: str
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadResource:
    """The whole text of a resource is wanted."""

    question: str  # under which it was shown, if any
    resource: str


@dataclass(frozen=True, slots=True)
class Explain:
    """Why did the bot do what it did at this place?"""

    place: Place | None


@dataclass(frozen=True, slots=True)
class Ordered:
    """A slash command that needs more than a fact or a form."""

    what: str  # resources, my-data, forget-me, help
    words: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """Everything that follows from one of them: facts to commit, and at most one thing to open or to say."""

    whence: Whence
    facts: tuple[ButtonPressed | FormSubmitted, ...] = ()
    opens: OpenSheet | ReadResource | Explain | Ordered | None = None
