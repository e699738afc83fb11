"""What an interaction asks for, as values: facts to commit, and at most one thing to open or to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.slack.identity import Workspace
from bot.events import ButtonPressed, FormSubmitted, Member
from bot.showing.board import Looking
from bot.surfaces.wanted import Explain, OpenSheet, Ordered, ReadResource


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
class LookAtBoard:
    """Another part of the open board, on the home page."""

    looking: Looking


@dataclass(frozen=True, slots=True)
class Interaction:
    """Everything that follows from one of them: facts to commit, and at most one thing to open or to say."""

    whence: Whence
    facts: tuple[ButtonPressed | FormSubmitted, ...] = ()
    opens: OpenSheet | LookAtBoard | ReadResource | Explain | Ordered | None = None
