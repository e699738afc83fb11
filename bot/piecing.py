"""A cry for help in several short messages: what one author wrote in one place within two minutes, read joined.

Kept in memory only, a few short messages of those who wrote last, and never longer than that. What was said before the
message that made it clear belongs to the cry: it is no question and no answer any more, and its words go. Where the
last message is a cry by itself, what asks something with a question mark stays, and a finished sentence in an answer to
somebody else: these may be another matter, and a question is never lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.events import MessageDeleted, MessagePosted, Place
from bot.safety.findings import CRISES
from bot.safety.triage import Finding, Triage, is_crisis

WITHIN = timedelta(minutes=2)
SHORT = 160  # characters; a longer message says what it says by itself
PARTS = 5
AUTHORS = 500
FINISHED = (".", "!", "…")
Kept = TypeVar("Kept")
IN_PIECES = "in-pieces"  # stands among the rules of what was found in several messages


@dataclass(frozen=True, slots=True)
class Piece:
    at: datetime
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What messages say together, and that those before the last are taken back. `let_go`: the cry that this message
    led to has been read before it."""

    findings: tuple[Finding, ...] = ()
    before: tuple[MessageDeleted, ...] = ()
    let_go: bool = False


NOTHING, LET_GO = Joined(), Joined(let_go=True)


Key = tuple[str, str, str, str]  # author, platform, space, channel


class Pieces:
    """`joined` is told every message that is no crisis by itself, `leading_to` every one that is."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage
        self._said: OrderedDict[Key, tuple[Piece, ...]] = OrderedDict()
        self._cried: OrderedDict[Key, datetime] = OrderedDict()  # when last

    def joined(self, event: MessagePosted) -> Joined:
        """A crisis that this message makes together with those before it, else nothing. What people have read and
        called none makes none again."""
        if len(event.text) > SHORT or not event.text.strip() or event.again:
            return NOTHING
        said = Piece(event.at, event.place, event.text)
        cried = self._cried.get(_key(event))
        if cried is not None and timedelta() < cried - event.at <= WITHIN and not _stands_alone(said):
            return LET_GO
        before = self._taken(event)
        pieces = (*before, said)[-PARTS:]
        if before:
            findings = self._triage.check(" ".join(piece.text for piece in pieces))
            if is_crisis(findings):
                self._remember(self._cried, event, event.at)
                return Joined(in_pieces(findings), _back(pieces[:-1], event.at))
        self._remember(self._said, event, pieces)
        return NOTHING

    def leading_to(self, event: MessagePosted, findings: tuple[Finding, ...]) -> Joined:
        """What a crisis says, and what its author said on the way to it."""
        self._remember(self._cried, event, event.at)
        before = tuple(piece for piece in self._taken(event) if not _stands_alone(piece))
        return Joined(in_pieces(findings), _back(before, event.at)) if before else Joined(findings)

    def _remember(self, kept: OrderedDict[Key, Kept], event: MessagePosted, what: Kept) -> None:
        kept[_key(event)] = what
        kept.move_to_end(_key(event))
        if len(kept) > AUTHORS:
            kept.popitem(last=False)

    def _taken(self, event: MessagePosted) -> tuple[Piece, ...]:
        """Takes out of memory what the author said shortly before in the same place."""
        said = self._said.pop(_key(event), ())
        return tuple(
            piece for piece in said if abs(event.at - piece.at) <= WITHIN and piece.place.message != event.place.message
        )


def _key(event: MessagePosted) -> Key:
    return event.author.key, event.place.platform, event.place.space, event.place.channel


def _stands_alone(piece: Piece) -> bool:
    return says_enough(piece.text, piece.place)


def says_enough(text: str, place: Place) -> bool:
    """Whether it may be another matter than the cry that came after it."""
    return "?" in text or (not place.opens_thread and text.rstrip().endswith(FINISHED))


def _back(pieces: tuple[Piece, ...], at: datetime) -> tuple[MessageDeleted, ...]:
    return tuple(MessageDeleted(piece.place, at) for piece in pieces)


def in_pieces(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Marked as found in several messages."""
    return tuple(replace(f, rules=(*f.rules, IN_PIECES)) if f.code in CRISES else f for f in findings)
