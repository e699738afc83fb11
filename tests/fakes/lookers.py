"""What is promised about questions, looked up from outside: in the tables and on the platform."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.messenger import words_of
from tests.fakes.values import key
from tests.fakes.workers import LEFT, Workers

Nights = Mapping[str, tuple[str, time | None, time | None, int]]
WEEK = timedelta(days=7)

HELD = (
    "SELECT id FROM question WHERE (status = 'offered') <> (offered_to <> '')"
    " OR (status = 'claimed') <> (claimed_by <> '')"
    " OR (status = 'closed') <> (outcome IS NOT NULL) OR (status = 'closed') <> (closed_at IS NOT NULL)"
    " OR (status = 'closed' AND deadline IS NOT NULL)"
)
UNATTENDED = "SELECT id, status, reminders FROM question WHERE status <> 'closed' AND deadline IS NULL"
DUE = (
    "SELECT min(due) FROM (SELECT min(deadline) AS due FROM question UNION ALL SELECT min(deadline) FROM alert "
    "UNION ALL SELECT min(due_at) FROM outbox UNION ALL SELECT min(due_at) FROM inbox) AS dues"
)


@dataclass(frozen=True)
class Owed:
    """`questions` were acknowledged; `gone` are words that may stand nowhere."""

    questions: Sequence[str]
    gone: Sequence[str]


class Looker:
    def __init__(self, made: Workers, nights: Nights) -> None:
        self._made = made
        self._nights = {key(name): night for name, night in nights.items()}
        self._asked: dict[str, list[datetime]] = defaultdict(list)
        self._seen = 0
        self._cards = 0

    async def look(self, owed: Owed) -> None:
        assert await self._made.rows(LEFT) == [(0, 0)], "something is left lying"
        assert await self._made.rows("SELECT key, error FROM inbox WHERE parked_at IS NOT NULL") == []
        assert await self._made.rows("SELECT key, error FROM outbox WHERE parked_at IS NOT NULL") == []
        found = {row[0] for row in await self._made.rows("SELECT id FROM question")}
        assert set(owed.questions) <= found, f"lost: {set(owed.questions) - found}"
        assert await self._made.rows(HELD) == []
        for question, status, reminders in await self._made.rows(UNATTENDED):
            assert (status, reminders >= self._made.policy.reminders) == ("escalated", True), question
        await self._steps_follow_each_other()
        await self._nobody_is_bothered()
        await self._words_are_gone(owed.gone)

    async def unsettled(self) -> list[Any]:
        """Questions that are neither closed nor with the moderators, who were reminded as often as is allowed."""
        told = f"status = 'escalated' AND deadline IS NULL AND reminders >= {self._made.policy.reminders}"
        return await self._made.rows(f"SELECT id, status FROM question WHERE status <> 'closed' AND NOT ({told})")

    async def next_due(self) -> datetime | None:
        [(due,)] = await self._made.rows(DUE)
        return moment(due) if due is not None else None

    async def _steps_follow_each_other(self) -> None:
        """Each step begins where the one before ended: so nobody has claimed what another had."""
        lives: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for question, before, after in await self._made.rows("SELECT question, before, after FROM journal ORDER BY id"):
            lives[question].append((before, after))
        now = dict(await self._made.rows("SELECT id, status FROM question"))
        assert set(lives) == set(now)
        for question, steps in lives.items():
            assert all(one[1] == other[0] for one, other in pairwise(steps)), (question, steps)
            assert (steps[0][0], steps[-1][1]) == ("", now[question]), (question, steps, now[question])

    async def _nobody_is_bothered(self) -> None:
        """Of those asked since the last look: awake, below their cap. Whom a person named was asked by that person."""
        named = set(await self._made.rows("SELECT question, at FROM journal WHERE event = 'HandedOver'"))
        asked = await self._made.rows(
            "SELECT id, about, to_member, created_at, dropped FROM outbox WHERE kind = 'OfferQuestion' ORDER BY id"
        )
        sent: dict[str, list[datetime]] = defaultdict(list)
        for row, about, to, created, dropped in asked:
            at = moment(created)
            zone, start, end, cap = self._nights.get(to, ("UTC", None, None, 50))
            if row > self._seen and (about, created) not in named:
                local = at.astimezone(ZoneInfo(zone)).time()
                quiet = start is not None and end is not None and (local >= start or local < end)
                assert not quiet, f"{to} was asked at {local}"
                assert sum(at - WEEK < earlier <= at for earlier in sent[to]) < cap, f"{to} was asked above their cap"
            if not dropped:
                sent[to].append(at)
        self._seen = max([self._seen, *(row[0] for row in asked)])

    async def _words_are_gone(self, gone: Sequence[str]) -> None:
        everything = await self._made.everything()
        for words in gone:
            assert words not in everything, f"{words} is still there"
        for shown in self._made.platform.shown[self._cards :]:
            assert gone[-1] not in words_of(shown.card)
        self._cards = len(self._made.platform.shown)


def moment(value: Any) -> datetime:
    """As either database gives it."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
