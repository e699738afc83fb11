"""What people said last in a channel and was no question: the story of what they may ask next. In memory alone, for two
minutes (and until the next tick), a few short messages each; nothing of whoever opted out, and nothing that led to a
cry for help."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.events import Place
from bot.several import WITHIN

AUTHORS = 500
PIECES = 3
LONGEST = 600  # characters of one


@dataclass(frozen=True, slots=True)
class Spoken:
    place: Place
    text: str
    at: datetime


Key = tuple[str, str]  # author, channel


class Lead:
    """`keep` is told what was heard and was no question, in order of handling."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, tuple[Spoken, ...]] = OrderedDict()

    def keep(self, author: str, said: Spoken) -> None:
        if not said.text.strip() or len(said.text) > LONGEST:
            return
        key = (author, said.place.channel_key)
        others = [s for s in self._kept.pop(key, ()) if s.place != said.place and said.at - s.at <= WITHIN]
        self._kept[key] = tuple(sorted((*others, said), key=lambda s: s.at))[-PIECES:]
        while len(self._kept) > AUTHORS:
            self._kept.popitem(last=False)

    def of(self, author: str, place: Place, at: datetime) -> tuple[Spoken, ...]:
        """What this author said there shortly before that moment, in order."""
        said = self._kept.get((author, place.channel_key), ())
        return tuple(s for s in said if s.place != place and s.at <= at <= s.at + WITHIN)

    def holds(self, author: str, said: Spoken) -> bool:
        """Whether this is still what they said, in these words."""
        return said in self._kept.get((author, said.place.channel_key), ())

    def has(self, place: Place) -> bool:
        return any(s.place == place for said in self._kept.values() for s in said)

    def take(self, author: str, place: Place) -> None:
        """It has become part of a question, or its author is in danger, left, or does not want to be heard."""
        self._kept.pop((author, place.channel_key), None)

    def taken_back(self, place: Place) -> None:
        """Deleted, or edited."""
        self._keep_where(lambda s: s.place != place)

    def drop(self, author: str) -> None:
        for key in [key for key in self._kept if key[0] == author]:
            del self._kept[key]

    def let_go(self, now: datetime) -> None:
        """What is too old to lead to anything, piece by piece; a clock that runs ahead keeps nothing longer."""
        self._keep_where(lambda s: abs(now - s.at) <= WITHIN)

    def _keep_where(self, stays: Callable[[Spoken], bool]) -> None:
        for key, said in list(self._kept.items()):
            left = tuple(s for s in said if stays(s))
            if left:
                self._kept[key] = left
            else:
                del self._kept[key]


class Tentative(Lead):
    """The same while a transaction is open: what is changed in it is seen by whoever changes it, and holds for others
    from `commit` on. A transaction that comes to nothing takes no story away and brings none back."""

    def __init__(self, lead: Lead) -> None:
        super().__init__()
        self._kept.update(lead._kept)
        self._lead = lead
        self._changes: list[Callable[[], None]] = []

    def keep(self, author: str, said: Spoken) -> None:
        super().keep(author, said)
        self._changes.append(partial(self._lead.keep, author, said))

    def take(self, author: str, place: Place) -> None:
        super().take(author, place)
        self._changes.append(partial(self._lead.take, author, place))

    def taken_back(self, place: Place) -> None:
        super().taken_back(place)
        self._changes.append(partial(self._lead.taken_back, place))

    def drop(self, author: str) -> None:
        super().drop(author)
        self._changes.append(partial(self._lead.drop, author))

    def commit(self) -> None:
        for change in self._changes:
            change()
        self._changes.clear()
