"""Who volunteers and how it goes with them, read for routing: of everybody, or of some. Each statement is there twice,
so that reading one person, which every search does, costs next to nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, bindparam, func, select, text, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.columns import Moment
from adapters.storage.dialect import one_of
from adapters.storage.pool import LATELY, RECENTLY, WEEK, Load, counted
from adapters.storage.prepared import Prepared
from adapters.storage.tables import answer, assignment, outbox, question, skill, volunteer, volunteer_topic
from adapters.storage.tables import member as members

OFFER = "OfferQuestion"
Of = Callable[[Column[str]], ColumnElement[bool]]  # whose column it is: anybody, or one of some


class _Both:
    """One question to the database, about everybody and about some."""

    def __init__(self, statement: Callable[[Of], Select[Any]]) -> None:
        self._all = Prepared(statement(lambda _column: true()))
        self._some = Prepared(statement(lambda column: one_of(column, "members")))

    async def rows(self, connection: AsyncConnection, only: Sequence[str] | None, **values: Any) -> Sequence[Any]:
        if only is None:
            return await self._all.all(connection, **values)
        return await self._some.all(connection, members=list(only), **values)


_SINCE = bindparam("since", type_=Moment())
_SETTINGS = _Both(lambda of: select(volunteer).where(of(volunteer.c.member)).order_by(volunteer.c.member))
_RECORDS = _Both(
    lambda of: select(members).join(volunteer, volunteer.c.member == members.c.key).where(of(members.c.key))
)
_TOPICS = _Both(lambda of: select(volunteer_topic).where(of(volunteer_topic.c.member)))
_SKILLS = _Both(
    lambda of: select(skill.c.member, skill.c.vector).where(of(skill.c.member)).order_by(skill.c.at, skill.c.answer)
)


def _asked(of: Of) -> Select[Any]:
    """How often each was sent a card since then, and when last. One that could not be sent does not count."""
    last = func.max(outbox.c.created_at, type_=outbox.c.created_at.type).label("last")
    sent = select(outbox.c.to_member, func.count().label("number"), last).where(
        outbox.c.kind == OFFER,
        text("to_member <> ''"),
        outbox.c.created_at > _SINCE,
        outbox.c.dropped == "",
        outbox.c.parked_at.is_(None),
        of(outbox.c.to_member),
    )
    return sent.group_by(outbox.c.to_member)


def _held(of: Of) -> Select[Any]:
    """How many questions each is offered or has accepted."""
    offered = select(question.c.offered_to.label("holder")).where(text("offered_to <> ''"), of(question.c.offered_to))
    claimed = select(question.c.claimed_by).where(text("claimed_by <> ''"), of(question.c.claimed_by))
    holders = union_all(offered, claimed).subquery()
    return select(holders.c.holder, func.count().label("number")).group_by(holders.c.holder)


def _passed(of: Of) -> Select[Any]:
    """The topics of each question that somebody has passed on since then."""
    passed = select(assignment.c.member, question.c.topics).join(question, question.c.id == assignment.c.question)
    return passed.where(text("result = 'passed'"), assignment.c.ended_at > _SINCE, of(assignment.c.member))


def _answered(of: Of) -> Select[Any]:
    """The topics of each question that a volunteer has answered since then."""
    said = select(answer.c.member, question.c.topics, answer.c.question, answer.c.at)
    said = said.join(question, question.c.id == answer.c.question)
    said = said.join(volunteer, volunteer.c.member == answer.c.member)
    return said.where(answer.c.at > _SINCE, of(answer.c.member))


_ASKED, _HELD, _PASSED, _ANSWERED = _Both(_asked), _Both(_held), _Both(_passed), _Both(_answered)


async def loads(connection: AsyncConnection, now: datetime, only: Sequence[str] | None) -> dict[str, Load]:
    """By member; of everybody, or `only` of these."""
    found: dict[str, Load] = defaultdict(Load)
    for row in await _ASKED.rows(connection, only, since=now - WEEK):
        found[row.to_member].asked, found[row.to_member].last_asked_at = row.number, row.last
    for row in await _HELD.rows(connection, only):
        found[row.holder].held = row.number
    for row in await _PASSED.rows(connection, only, since=now - RECENTLY):
        counted(row.topics, found[row.member].passed)
    for row in await _ANSWERED.rows(connection, only, since=now - RECENTLY):
        counted(row.topics, found[row.member].answered)
        if row.at > now - LATELY:
            found[row.member].answered_lately.add(row.question)
    for row in await _SKILLS.rows(connection, only):
        found[row.member].skills.append(row.vector)
    return found


async def rows_of(
    connection: AsyncConnection, only: Sequence[str] | None
) -> tuple[Sequence[Any], dict[str, Any], dict[str, list[str]]]:
    """(volunteers, their member rows, their topics)"""
    rows = await _SETTINGS.rows(connection, only)
    records = {row.key: row for row in await _RECORDS.rows(connection, only)}
    topics: dict[str, list[str]] = {}
    for row in await _TOPICS.rows(connection, only):
        topics.setdefault(row.member, []).append(row.topic)
    return rows, records, topics
