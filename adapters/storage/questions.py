"""Questions. A save is optimistic: whoever decided on an older version gets Conflict and decides anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import gone, is_shared, one_of
from adapters.storage.prepared import Prepared
from adapters.storage.question_tables import answer, assignment, letter, part, question
from adapters.storage.records import place_of, place_values
from adapters.storage.schema import PLACE
from bot.community import QuestionFilter
from bot.ports import Conflict
from bot.question import Outcome, Question, Result, Status, Try, first_asked

_ORDER = (question.c.asked_at, question.c.id)
_ADD = Prepared.insert(question, unless_known="id")
_SAVE = Prepared(
    update(question)
    .where(question.c.id == bindparam("id"), question.c.version == bindparam("before"))
    .values({c.name: bindparam(c.name, type_=c.type) for c in question.c if c.name != "id"})
)
_GET = Prepared(select(question).where(question.c.id == bindparam("id")))
_IN_THREADS = Prepared(select(question).where(one_of(question.c.thread_key, "threads")).order_by(*_ORDER))
_PARTS_IN = Prepared(select(part.c.thread_key, part.c.question).where(one_of(part.c.thread_key, "threads")))
_ALL_OF = Prepared(select(question).where(one_of(question.c.id, "ids")).order_by(*_ORDER))
_LATELY = Prepared(
    select(question)
    .where(one_of(question.c.asker, "askers"), question.c.asked_at >= bindparam("since"))
    .order_by(*_ORDER)
)
_KEEP_TRY = Prepared.insert(assignment, unless_known=("question", "number"))
_TRIES = Prepared(
    select(assignment)
    .where(one_of(assignment.c.question, "questions"))
    .order_by(assignment.c.question, assignment.c.number)
)
_SETTLED = (Status.ANSWERED.value, Status.CLOSED.value)
_NOT_TAKEN_BACK = or_(question.c.outcome.is_(None), question.c.outcome != Outcome.WITHDRAWN.value)
_WORDED = Prepared(select(question.c.id).where(one_of(question.c.id, "ids"), question.c.text != "", _NOT_TAKEN_BACK))
_HELD = {"holder": 0, "held_until": None}  # whatever is decided, nobody has it in hand after that
_PLAIN = [c.name for c in question.c if c.name not in (*PLACE, "thread_key", "status", "outcome", *_HELD)]


class Questions:
    """See bot.ports.QuestionStore."""

    def __init__(self, connection: AsyncConnection, erased: Callable[[], None], holder: int) -> None:
        self._connection = connection
        self._erased = erased
        self._holder = holder

    async def add(self, new: Question) -> None:
        """See QuestionStore. Conflict when the id is there already."""
        if await _ADD.run(self._connection, _values(new)) != 1:
            raise Conflict(f"question {new.id} is there already")
        await self._keep_tries(new)

    async def save(self, changed: Question) -> None:
        """See QuestionStore."""
        if await _SAVE.run(self._connection, _values(changed) | {"before": changed.version - 1}) != 1:
            raise Conflict(f"question {changed.id} is no longer at version {changed.version - 1}")
        await self._keep_tries(changed)

    async def get(self, question_id: str) -> Question | None:
        """See QuestionStore."""
        found = await self._with_tries(await _GET.all(self._connection, id=question_id))
        return found[0] if found else None

    async def in_threads(self, threads: Sequence[str]) -> dict[str, Question]:
        """See QuestionStore."""
        return {thread: found[0] for thread, found in (await self.all_in(threads)).items()}

    async def all_in(self, threads: Sequence[str]) -> dict[str, tuple[Question, ...]]:
        """See QuestionStore."""
        if not threads:
            return {}
        found: dict[str, list[Question]] = {}
        for q in await self._with_tries(await _IN_THREADS.all(self._connection, threads=threads)):
            found.setdefault(q.place.thread_key, []).append(q)
        others: dict[str, list[str]] = {}
        for row in await _PARTS_IN.all(self._connection, threads=threads):
            if row.thread_key not in found:
                others.setdefault(row.question, []).append(row.thread_key)
        rows = await _ALL_OF.all(self._connection, ids=sorted(others)) if others else ()
        for q in await self._with_tries(rows):
            for thread in others[q.id]:
                found.setdefault(thread, []).append(q)
        return {thread: tuple(sorted(some, key=first_asked)) for thread, some in found.items()}

    async def lately(self, askers: Sequence[str], since: datetime) -> list[Question]:
        """See QuestionStore."""
        rows = await _LATELY.all(self._connection, askers=askers, since=since) if askers else ()
        return await self._with_tries(rows)

    async def due(self, now: datetime, limit: int) -> list[tuple[str, datetime]]:
        """See QuestionStore."""
        due = select(question.c.id, question.c.deadline).where(question.c.deadline <= now)
        rows = await self._connection.execute(due.order_by(question.c.deadline, question.c.id).limit(limit))
        return [(row.id, row.deadline) for row in rows]

    async def claim_due(self, limit: int, now: datetime, held_until: datetime) -> list[tuple[str, datetime]]:
        """See QuestionStore. Where there is one process, nobody is to be told."""
        if not is_shared(self._connection):
            return await self.due(now, limit)
        c = question.c
        free = select(c.id).where(c.deadline <= now, or_(c.held_until.is_(None), c.held_until <= now, gone(c.holder)))
        free = free.order_by(c.deadline, c.id).limit(limit).with_for_update(skip_locked=True)
        taken = update(question).where(c.id.in_(select(free.cte("free").c.id)))
        taken = taken.values(holder=self._holder, held_until=held_until)
        rows = await self._connection.execute(taken.returning(c.id, c.deadline))
        return sorted(((row.id, row.deadline) for row in rows), key=lambda row: (row[1], row[0]))

    async def find(self, wanted: QuestionFilter) -> list[Question]:
        """See QuestionStore."""
        found = select(question).order_by(*_ORDER).limit(wanted.limit)
        if wanted.statuses:
            found = found.where(question.c.status.in_([status.value for status in wanted.statuses]))
        if wanted.asker:
            found = found.where(question.c.asker == wanted.asker)
        if wanted.holder:
            found = found.where(or_(question.c.offered_to == wanted.holder, question.c.claimed_by == wanted.holder))
        if wanted.channel:
            platform, space, channel = wanted.channel.split(":", 2)
            c = question.c
            found = found.where(c.platform == platform, c.space == space, c.channel == channel)
        if wanted.asked_from:
            found = found.where(question.c.asked_at >= wanted.asked_from)
        if wanted.asked_before:
            found = found.where(question.c.asked_at < wanted.asked_before)
        return await self._all(found)

    async def answered(self, after: tuple[datetime, str], limit: int) -> list[Question]:
        """See QuestionStore."""
        c, (moment, last) = question.c, after
        later = or_(c.answered_at > moment, and_(c.answered_at == moment, c.id > last))
        there = and_(c.status.in_(_SETTLED), c.text != "", _NOT_TAKEN_BACK)
        open_to_all = and_(c.private.is_(False), c.pseudonym == "", c.medical.is_(False))
        found = select(question).where(c.answered_at >= moment, later, there, open_to_all)
        return await self._all(found.order_by(c.answered_at, c.id).limit(limit))

    async def worded(self, ids: Sequence[str]) -> frozenset[str]:
        """See QuestionStore."""
        return frozenset(row.id for row in await _WORDED.all(self._connection, ids=ids)) if ids else frozenset()

    async def drop_texts(self, closed_before: datetime) -> int:
        """See QuestionStore. Raises the version: whoever holds the words in hand can't save them again."""
        old = question.c.closed_at < closed_before
        ids = select(question.c.id).where(old).scalar_subquery()
        for table in (answer, letter, part):
            await self._connection.execute(update(table).where(table.c.question.in_(ids)).values(text=""))
        emptied = update(question).where(old, question.c.text != "")
        count = (await self._connection.execute(emptied.values(text="", version=question.c.version + 1))).rowcount
        if count:
            self._erased()
        return count

    async def _keep_tries(self, changed: Question) -> None:
        rows = [
            {"question": changed.id, "number": n, "member": t.member, "result": t.result.value, "ended_at": t.ended_at}
            for n, t in enumerate(changed.tries)
        ]
        if rows:  # they are only ever added to
            await _KEEP_TRY.run(self._connection, *rows)

    async def _all(self, wanted: Select[Any]) -> list[Question]:
        return await self._with_tries((await self._connection.execute(wanted)).all())

    async def _with_tries(self, rows: Sequence[Any]) -> list[Question]:
        if not rows:
            return []
        tries: dict[str, tuple[Try, ...]] = {}
        for row in await _TRIES.all(self._connection, questions=[row.id for row in rows]):
            attempt = Try(row.member, Result(row.result), row.ended_at)
            tries[row.question] = (*tries.get(row.question, ()), attempt)
        return [_read(row, tries.get(row.id, ())) for row in rows]


def _values(q: Question) -> dict[str, Any]:
    return {
        **{name: getattr(q, name) for name in _PLAIN},
        **place_values(q.place),
        "thread_key": q.place.thread_key,
        "status": q.status.value,
        "outcome": q.outcome.value if q.outcome else None,
        **_HELD,
    }


def _read(row: Row[Any], tries: Iterable[Try]) -> Question:
    return Question(
        **{name: getattr(row, name) for name in _PLAIN},
        place=place_of(row),
        status=Status(row.status),
        outcome=Outcome(row.outcome) if row.outcome else None,
        tries=tuple(tries),
    )
