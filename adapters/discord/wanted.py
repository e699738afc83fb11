"""What an interaction asks for, as values: facts to commit, and at most one thing to open or to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.events import ButtonPressed, FormSubmitted, Member
from bot.showing.board import Looking
from bot.surfaces.wanted import Explain, OpenSheet, Ordered, ReadResource


@dataclass(frozen=True, slots=True)
class Whence:
    """Who did something where, and what an answer may use: within three seconds a form, within a quarter of an hour
    anything else."""

    member: Member
    guild: str  # where they are; empty in private
    at: datetime
    interaction: str
    token: str
    channel: str = ""  # the text or forum channel, or the private conversation; never a thread
    thread: str = ""  # the thread in it, if they are in one
    message: str = ""  # the message the button stood on
    channel_name: str = ""
    alone: bool = False  # that message is seen by this person only
    locale: str = ""  # the language of their Discord, like es-ES
    roles: tuple[str, ...] | None = None  # the keys of their roles there, as Discord says with every press on a server
    permissions: int | None = None  # what they may do in the channel, as Discord says with every interaction

    @property
    def language(self) -> str:
        return self.locale.partition("-")[0].lower()


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Some of the fields of a form that is too long for one window: which of its pages."""

    sheet: OpenSheet
    page: int


@dataclass(frozen=True, slots=True)
class SendSheet:
    """What was typed into the pages of a form is to be sent as a whole."""

    sheet: OpenSheet


@dataclass(frozen=True, slots=True)
class OpenHome:
    """Another page of somebody's own page, in the place of the one they look at."""

    page: int


@dataclass(frozen=True, slots=True)
class LookAtBoard:
    """Another part of the open board, on somebody's own page."""

    looking: Looking


@dataclass(frozen=True, slots=True)
class Interaction:
    """Everything that follows from one of them. `page` is set for a form of which only that page was sent: whoever
    takes it adds what stands in the other fields (see outbound_forms.completed) before the facts are committed."""

    whence: Whence
    facts: tuple[ButtonPressed | FormSubmitted, ...] = ()
    opens: OpenSheet | OpenPage | SendSheet | OpenHome | LookAtBoard | ReadResource | Explain | Ordered | None = None
    page: int | None = None
