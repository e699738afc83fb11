"""What a community's history says of suggestions that were shown, as values, without a word of anybody's.

Rules this file keeps (bot.measures keeps the same ones):
- Silence is unknown and counts as nothing.
- Helped counts for what was shown only as long as no person had answered: after that nobody can tell which it was.
- The last press before an answer counts; a question that was reworded begins anew, for other things are shown then.
- Where an answered thread was linked to as well, nobody can tell which of the two it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot import events as on
from knowledge.calibration import Calibration
from knowledge.calibration_fit import Press


class Became(StrEnum):
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    PERSON = "person"  # a person was asked for instead: what was shown was not enough
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Shown:
    """A question that something was suggested for: the person who asked, the `shipped` confidences in order, by which
    model and numbers (`basis`), and the names of what befell it, oldest first. `linked`: to an answered thread too."""

    question: str
    person: str
    basis: str
    shipped: tuple[float, ...]
    linked: bool = False
    befell: tuple[str, ...] = ()

    @property
    def became(self) -> Became:
        return Became.UNKNOWN if self.linked else _became(self.befell)


@dataclass(frozen=True, slots=True)
class OwnNumbers:
    """A community's own calibration: as long as its `basis` is the one at work. On how many presses it rests."""

    basis: str
    calibration: Calibration
    presses: int
    at: datetime


_SAYS = {
    on.MarkedHelpful.__name__: Became.HELPED,
    on.MarkedUnhelpful.__name__: Became.NOT_HELPED,
    on.PersonRequested.__name__: Became.PERSON,
    on.Reworded.__name__: Became.UNKNOWN,
    on.Withdrawn.__name__: Became.UNKNOWN,
}


def _became(befell: Iterable[str]) -> Became:
    found = Became.UNKNOWN
    for event in befell:
        if event == on.Replied.__name__:
            break
        found = _SAYS.get(event, found)
    return found


def presses_of(shown: Sequence[Shown]) -> list[Press]:
    """One for each question of which something is known."""
    known = [(one, one.became) for one in shown]
    return [
        Press(one.shipped, became is Became.HELPED, one.person or one.question)
        for one, became in known
        if became is not Became.UNKNOWN
    ]
