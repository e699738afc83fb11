"""A cry for help in several short messages: what one author wrote in one place within two minutes, read joined.

Kept in memory only, a few short messages of those who wrote last, and never longer than that. What was said before the
message that made it clear belongs to the cry: it is no question and no answer any more, and its words go.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.events import MessageDeleted, MessagePosted, Place
from bot.safety.findings import CRISES
from bot.safety.triage import Finding, Triage, is_crisis

WITHIN = timedelta(minutes=2)
SHORT = 160  # characters; a longer message says what it says by itself
PARTS = 5
AUTHORS = 500
IN_PIECES = "in-pieces"  # stands among the rules of what was found in several messages


@dataclass(frozen=True, slots=True)
class Piece:
    at: datetime
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What messages say together, and that those before the last are taken back."""

    findings: tuple[Finding, ...] = ()
    before: tuple[MessageDeleted, ...] = ()


NOTHING = Joined()


class Pieces:
    """`joined` is told every message that is no crisis by itself."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage
        self._said: OrderedDict[tuple[str, str, str, str], tuple[Piece, ...]] = OrderedDict()

    def joined(self, event: MessagePosted) -> Joined:
        """A crisis that this message makes together with those before it, else nothing."""
        if len(event.text) > SHORT or not event.text.strip():
            return NOTHING
        place = event.place
        key = (event.author.key, place.platform, place.space, place.channel)
        before = tuple(
            piece
            for piece in self._said.pop(key, ())
            if abs(event.at - piece.at) <= WITHIN and piece.place.message != place.message
        )
        pieces = (*before, Piece(event.at, place, event.text))[-PARTS:]
        if before:
            findings = self._triage.check(" ".join(piece.text for piece in pieces))
            if is_crisis(findings):
                marked = tuple(_marked(f) if f.code in CRISES else f for f in findings)
                return Joined(marked, tuple(MessageDeleted(piece.place, event.at) for piece in pieces[:-1]))
        self._said[key] = pieces
        if len(self._said) > AUTHORS:
            self._said.popitem(last=False)
        return NOTHING


def _marked(finding: Finding) -> Finding:
    return replace(finding, rules=(*finding.rules, IN_PIECES))
