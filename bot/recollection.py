"""What this process remembers between steps: who volunteers, what questions are about, and what was said just before
one. In memory only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.lead import Lead
from bot.past import Past
from bot.roster import Roster

QUESTIONS = 4096  # of so many the embedding is kept


class Vectors:
    """The embeddings of open questions, by question id: the newest ones. An embedding says what the words were about,
    so it is kept in memory alone; of answered questions see bot.past."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def keep(self, question: str, vector: bytes) -> None:
        """An empty one says that it is not known."""
        self._kept[question] = vector
        self._kept.move_to_end(question)
        while len(self._kept) > QUESTIONS:
            self._kept.popitem(last=False)

    def of(self, question: str) -> bytes:
        """Empty when it is not known."""
        return self._kept.get(question, b"")

    def drop(self, question: str) -> None:
        self._kept.pop(question, None)


@dataclass(frozen=True)
class Recollection:
    roster: Roster = field(default_factory=Roster)
    vectors: Vectors = field(default_factory=Vectors)
    past: Past = field(default_factory=Past)
    lead: Lead = field(default_factory=Lead)
