"""Whether two questions ask for the same: how near they are in meaning, and which words only one of them has.

A cosine alone can't tell "the infusion at home" from "the infusion at school": what is asked for is often one word. So
two questions count as the same only when they are very near, share most of their words, and nothing turns one of them
round ("before", "without"). Measured by `python -m bench.twice --data FOLDER` (docs/matching.md): of VIRA's questions
that are linked to an earlier one, 0.95 are linked to one of the same need (95 % interval 0.92–0.98), also with half of
the needs never asked before; of 24 pairs written to be alike in wording only, none is linked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from knowledge.lexical import FAMILIAR
from knowledge.text import Words, letters

ALIKE = 0.95  # cosine from which two questions may be the same
SHARED = 0.6  # of the words of both, the share that both have
COMMON = 2.0  # words that both have; an everyday one counts FAMILIAR

_NOT = frozenset("not no never cannot nunca t dont doesnt cant wont isnt arent didnt".split())  # noqa: SIM905 - a list
_TURNS = frozenset(  # of hundreds of little words, those that make another question
    "before after without until more less off only antes despues sin hasta mas menos".split()  # noqa: SIM905 - a list
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """`cosine` of the two, `common` words by their weight, `share` of all their words that is. `turned`: a little word
    makes one the other way round."""

    cosine: float
    common: float
    share: float
    turned: bool

    @property
    def same(self) -> bool:
        return self.cosine >= ALIKE and self.common >= COMMON and self.share >= SHARED and not self.turned


class Sameness:
    """Compares two questions; safe to share between threads."""

    def __init__(self) -> None:
        self._words = Words()
        self._everyday = self._words.everyday()

    def of(self, one: str, other: str, cosine: float, language: str = "en") -> Likeness:
        """`language`: whose stems are compared."""
        mine, theirs = (frozenset(self._words.stems(text, language)) for text in (one, other))
        common, all_ = self._weight(mine & theirs), self._weight(mine | theirs)
        return Likeness(cosine, common, common / all_ if all_ else 0.0, _turns(one) != _turns(other))

    def _weight(self, stems: frozenset[str]) -> float:
        return sum(FAMILIAR if stem in self._everyday else 1.0 for stem in stems)


@cache
def sameness() -> Sameness:
    """The one that a process needs, made once."""
    return Sameness()


def _turns(text: str) -> frozenset[str]:
    said = frozenset(letters(text))
    return (said & _TURNS) | (frozenset({"not"}) if said & _NOT else frozenset())
