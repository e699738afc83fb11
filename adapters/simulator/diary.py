"""What happened, seen from outside the core: what people were sent, when they were asked, who answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.simulator.arrivals import Asked
from adapters.simulator.people import Person
from adapters.simulator.timing import DAY


class Ping(StrEnum):
    OFFER = "offer"  # a card of one's own
    MENTION = "mention"  # with everybody, in the channel
    REMINDER = "reminder"  # of a promise that runs out
    ALERT = "alert"  # to a moderator: nobody was found


ASKING = frozenset({Ping.OFFER, Ping.MENTION})  # what a weekly limit is about


@dataclass(frozen=True, slots=True)
class Wrote:
    """An answer, with the moment it was written."""

    at: float
    question: int
    by: int
    unasked: bool  # they came across it by themselves


@dataclass(slots=True)
class Diary:
    asked: tuple[Asked, ...]
    people: tuple[Person, ...]
    pings: Counter[Ping] = field(default_factory=Counter)
    by_person: Counter[int] = field(default_factory=Counter)
    asleep_told: int = 0  # pings in quiet hours that the person has set
    asleep_untold: int = 0  # pings in somebody's night of which they told nobody
    over_cap: int = 0
    passes: int = 0
    postponed: int = 0
    ignored: int = 0
    left: dict[int, float] = field(default_factory=dict)  # who has gone, and when
    answers: list[Wrote] = field(default_factory=list)
    recent: dict[int, list[tuple[float, float, bool]]] = field(default_factory=lambda: defaultdict(list))

    def pinged(self, person: Person, at: float, kind: Ping, weight: float) -> None:
        """`weight`: how much of a burden it is, a card being 1."""
        self.pings[kind] += 1
        self.by_person[person.number] += 1
        if person.sleeps(at):
            if person.tells_quiet and not person.moderator:
                self.asleep_told += 1
            else:
                self.asleep_untold += 1
        week = self.recent[person.number]
        week[:] = [entry for entry in week if entry[0] > at - 7 * DAY]
        week.append((at, weight, kind in ASKING))
        if kind in ASKING and not person.moderator:
            self.over_cap += sum(asking for _, _, asking in week) > person.cap

    def strain(self, person: Person, at: float) -> float:
        """How many times their weekly limit they were asked in the last seven days."""
        return sum(weight for when, weight, _ in self.recent[person.number] if when > at - 7 * DAY) / person.cap

    def wrote(self, question: int, by: int, at: float, *, unasked: bool) -> None:
        self.answers.append(Wrote(at, question, by, unasked))
