"""A community's own numbers for the confidence, and the history that they are fitted on."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import upsert
from adapters.storage.library_tables import calibration
from adapters.storage.log_tables import journal
from adapters.storage.people_tables import member
from adapters.storage.question_tables import question, suggestion
from bot.confirmed import OwnNumbers, Shown
from knowledge.calibration import Calibration, Curve

_NUMBERS = ("rise", "fall", "shift")


class Calibrations:
    """See bot.ports.CalibrationStore."""

    def __init__(self, connection: AsyncConnection, news: set[str]) -> None:
        self._connection = connection
        self._news = news

    async def shown(self) -> list[Shown]:
        """See CalibrationStore."""
        befell = await self._befell()
        person = func.coalesce(member.c.person, question.c.asker_person).label("person")
        s, q = suggestion.c, question.c
        staff = select(member.c.person).where(member.c.staff)
        wanted = (
            select(s.question, s.shipped, s.basis, q.earlier, person)
            .select_from(suggestion.join(question, q.id == s.question).outerjoin(member, member.c.key == q.asker))
            .where(person.not_in(staff))
            .order_by(q.asked_at, s.question, s.rank)
        )
        found = []
        for key, group in groupby(await self._connection.execute(wanted), lambda row: row.question):
            rows = list(group)
            first, shipped = rows[0], tuple(row.shipped for row in rows)
            events = tuple(befell.get(key, ()))
            found.append(Shown(key, first.person, first.basis, shipped, first.earlier != "", events))
        return found

    async def _befell(self) -> dict[str, list[str]]:
        suggested = select(suggestion.c.question).distinct()
        wanted = select(journal.c.question, journal.c.event).where(journal.c.question.in_(suggested))
        found: dict[str, list[str]] = {}
        for row in await self._connection.execute(wanted.order_by(journal.c.id)):
            found.setdefault(row.question, []).append(row.event)
        return found

    async def all(self) -> list[OwnNumbers]:
        """See CalibrationStore."""
        rows = await self._connection.execute(select(calibration).order_by(calibration.c.basis))
        return [
            OwnNumbers(
                row.basis,
                Calibration(Curve(row.rise, row.fall, row.shift), row.silent_below, row.sure_from),
                row.presses,
                row.at,
            )
            for row in rows
        ]

    async def put(self, own: OwnNumbers) -> None:
        """See CalibrationStore."""
        numbers = own.calibration
        row = {
            "basis": own.basis,
            **{name: getattr(numbers.curve, name) for name in _NUMBERS},
            "silent_below": numbers.silent_below,
            "sure_from": numbers.sure_from,
            "presses": own.presses,
            "at": own.at,
        }
        self._news.add("library")
        await self._connection.execute(upsert(self._connection, calibration), row)

    async def clear(self) -> None:
        """See CalibrationStore."""
        self._news.add("library")
        await self._connection.execute(delete(calibration))
