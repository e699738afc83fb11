"""A cry for help in several short messages: what one author wrote in one place within two minutes, read joined.

Kept in memory only, a few short messages of those who wrote last, and never longer than that. What was said before the
message that made it clear belongs to the cry: it is no question and no answer any more, and its words go. Where the
last message is a cry by itself, what asks something with a question mark stays: that may be another matter, and a
question is never lost.
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
    """`joined` is told every message that is no crisis by itself, `leading_to` every one that is."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage
        self._said: OrderedDict[tuple[str, str, str, str], tuple[Piece, ...]] = OrderedDict()

    def joined(self, event: MessagePosted) -> Joined:
        """A crisis that this message makes together with those before it, else nothing."""
        if len(event.text) > SHORT or not event.text.strip():
            return NOTHING
        before = self._taken(event)
        pieces = (*before, Piece(event.at, event.place, event.text))[-PARTS:]
        if before:
            findings = self._triage.check(" ".join(piece.text for piece in pieces))
            if is_crisis(findings):
                return Joined(_marked(findings), _back(pieces[:-1], event.at))
        self._said[_key(event)] = pieces
        if len(self._said) > AUTHORS:
            self._said.popitem(last=False)
        return NOTHING

    def leading_to(self, event: MessagePosted, findings: tuple[Finding, ...]) -> Joined:
        """What a crisis says, and what its author said on the way to it."""
        before = tuple(piece for piece in self._taken(event) if "?" not in piece.text)
        return Joined(_marked(findings), _back(before, event.at)) if before else Joined(findings)

    def _taken(self, event: MessagePosted) -> tuple[Piece, ...]:
        """Takes out of memory what the author said shortly before in the same place."""
        said = self._said.pop(_key(event), ())
        return tuple(
            piece for piece in said if abs(event.at - piece.at) <= WITHIN and piece.place.message != event.place.message
        )


def _key(event: MessagePosted) -> tuple[str, str, str, str]:
    return event.author.key, event.place.platform, event.place.space, event.place.channel


def _back(pieces: tuple[Piece, ...], at: datetime) -> tuple[MessageDeleted, ...]:
    return tuple(MessageDeleted(piece.place, at) for piece in pieces)


def _marked(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(replace(f, rules=(*f.rules, IN_PIECES)) if f.code in CRISES else f for f in findings)
