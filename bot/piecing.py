"""A cry for help in several short messages: what one author wrote in one place within two minutes, read joined.

Kept in memory only, a few short messages of those who wrote last, and never longer than that.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.events import MessagePosted
from bot.safety.triage import Finding, Triage, is_crisis

WITHIN = timedelta(minutes=2)
SHORT = 160  # characters; a longer message says what it says by itself
PARTS = 5
AUTHORS = 500


@dataclass(frozen=True, slots=True)
class Piece:
    at: datetime
    message: str
    text: str


class Pieces:
    """`joined` is told every message that is no crisis by itself."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage
        self._said: OrderedDict[tuple[str, str, str, str], tuple[Piece, ...]] = OrderedDict()

    def joined(self, event: MessagePosted) -> tuple[Finding, ...]:
        """A crisis that this message makes together with those before it, else nothing."""
        if len(event.text) > SHORT or not event.text.strip():
            return ()
        place = event.place
        key = (event.author.key, place.platform, place.space, place.channel)
        before = tuple(
            piece
            for piece in self._said.pop(key, ())
            if abs(event.at - piece.at) <= WITHIN and piece.message != place.message
        )
        pieces = (*before, Piece(event.at, place.message, event.text))[-PARTS:]
        if before:
            findings = self._triage.check(" ".join(piece.text for piece in pieces))
            if is_crisis(findings):
                return findings
        self._said[key] = pieces
        if len(self._said) > AUTHORS:
            self._said.popitem(last=False)
        return ()
