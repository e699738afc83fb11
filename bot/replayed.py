"""What the bot would have done with talk that is over, beside what happened. Values only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from bot.events import Place
from bot.judging import Judgement
from knowledge.search import Match


class Verdict(StrEnum):
    """What would have become of a message in which somebody needed something."""

    SUGGESTED = "suggested"  # resources of the library at once
    ROUTED = "routed"  # one volunteer after the other
    UNHEARD = "unheard"  # people answered it as a question, and the bot would have taken it for talk


@dataclass(frozen=True, slots=True)
class Answered:
    """The first real answer by somebody else. `text` is empty where it stands beside a crisis."""

    by: str
    at: datetime
    text: str
    sure: float  # probability that it is an answer


@dataclass(frozen=True, slots=True)
class Decision:
    """`text` is as the bot would have kept it. `shown` are the resources that it would have shown; of a message that it
    would not have heard, those that it had for it. `withdrawn_at`: when its author took it back, unanswered."""

    place: Place
    asker: str
    at: datetime
    text: str
    verdict: Verdict
    judgement: Judgement
    shown: tuple[Match, ...] = ()
    answered: Answered | None = None
    withdrawn_at: datetime | None = None

    @property
    def waited(self) -> timedelta | None:
        """How long until somebody else really answered; None where nobody did."""
        return self.answered.at - self.at if self.answered is not None else None

    @property
    def left(self) -> bool:
        """Whether nobody answered it, and it was not taken back either."""
        return self.answered is None and self.withdrawn_at is None

    @property
    def missed(self) -> bool:
        """What is worth a look: not heard, or neither answered by anybody nor by the library."""
        return self.verdict is Verdict.UNHEARD or (self.verdict is Verdict.ROUTED and self.left)


@dataclass(frozen=True, slots=True)
class Cry:
    """A crisis: where, when and which code. Never a word of it."""

    place: Place
    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Replay:
    """In order of time. `beside`: what was said under a crisis, or on the way to it; nothing more is known of it."""

    decisions: tuple[Decision, ...]
    cries: tuple[Cry, ...]
    messages: int
    people: int
    beside: int
    heard_from: float  # the probability from which a message counts as a question
    shown_from: float  # the confidence from which a resource is shown

    @property
    def questions(self) -> tuple[Decision, ...]:
        """What the bot would have heard as one."""
        return tuple(d for d in self.decisions if d.verdict is not Verdict.UNHEARD)

    def of(self, verdict: Verdict) -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.verdict is verdict)

    @property
    def missed(self) -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.missed)

    @property
    def codes(self) -> dict[str, int]:
        """How many crises of each code."""
        return dict(sorted(Counter(cry.code for cry in self.cries).items()))

    @property
    def usual_wait(self) -> timedelta | None:
        """The median time to the first real answer, of the questions that got one."""
        waits = [d.waited.total_seconds() for d in self.questions if d.waited is not None]
        return timedelta(seconds=median(waits)) if waits else None
