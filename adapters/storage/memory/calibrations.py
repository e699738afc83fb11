"""A community's own numbers for the confidence, and the history that they are fitted on, in memory."""

from __future__ import annotations

from adapters.storage.memory.state import Rows, State
from bot.community import JournalEntry, MemberRecord, Suggestion
from bot.confirmed import OwnNumbers, Shown
from bot.question import Question


class Calibrations:
    """See bot.ports.CalibrationStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, OwnNumbers] = state.table("calibration")
        self._questions: Rows[str, Question] = state.table("question")
        self._suggestions: Rows[str, tuple[Suggestion, ...]] = state.table("suggestion")
        self._journal: Rows[str, tuple[JournalEntry, ...]] = state.table("journal")
        self._members: Rows[str, MemberRecord] = state.table("member")

    async def shown(self) -> list[Shown]:
        """See CalibrationStore."""
        staff = {m.person for m in self._members.values() if m.staff}
        found = []
        for q in sorted(self._questions.values(), key=lambda q: (q.asked_at, q.id)):
            suggested = self._suggestions.get(q.id, ())
            record = self._members.get(q.asker)
            person = record.person if record else q.asker_person
            if suggested and person not in staff:
                shipped = tuple(s.shipped for s in suggested)
                befell = tuple(entry.event for entry in self._journal.get(q.id, ()))
                found.append(Shown(q.id, person, suggested[0].basis, shipped, q.earlier != "", befell))
        return found

    async def all(self) -> list[OwnNumbers]:
        """See CalibrationStore."""
        return [self._rows[basis] for basis in sorted(self._rows)]

    async def put(self, own: OwnNumbers) -> None:
        """See CalibrationStore."""
        self._rows[own.basis] = own

    async def clear(self) -> None:
        """See CalibrationStore."""
        for basis in list(self._rows):
            self._rows.pop(basis)
