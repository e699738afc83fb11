"""What lies in the inbox and the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.cards import Posted
from bot.effects import Effect
from bot.events import PlatformEvent


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fact with what triage made of it. In a crisis `event` comes without its words."""

    event: PlatformEvent
    findings: tuple[str, ...] = ()  # "code/speaker/rule+rule", most severe first
    crisis: bool = False


@dataclass(frozen=True, slots=True)
class InboxRow:
    id: int
    arrival: Arrival
    received_at: datetime
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """An effect on its way out. `lane`: rows of one lane are delivered in order. `about`: the question, draft or
    alert it belongs to; `to`: the member it is for, if it is for one."""

    key: str
    lane: str
    platform: str
    about: str
    to: str
    effect: Effect

    @property
    def kind(self) -> str:
        return type(self.effect).__name__


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: int
    wish: Wish
    created_at: datetime
    attempts: int = 1
    leased: bool = True  # False when it waits for an earlier row of its lane
    delivered_at: datetime | None = None
    parked_at: datetime | None = None
    dropped: str = ""
    error: str = ""
    posted: Posted | None = None
