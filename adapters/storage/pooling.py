"""Who volunteers and how it goes with them, read for routing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import chunks
from adapters.storage.pool import RECENTLY, WEEK, Load, counted
from adapters.storage.tables import answer, assignment, outbox, question, skill, volunteer, volunteer_topic
from adapters.storage.tables import member as members

OFFER = "OfferQuestion"


async def loads(connection: AsyncConnection, now: datetime, only: Sequence[str] | None) -> dict[str, Load]:
    """By member; of everybody, or `only` of these."""
    found: dict[str, Load] = defaultdict(Load)
    for some in [None] if only is None else chunks(only):
        for member, number, last in await connection.execute(_asked(now, some)):
            found[member].asked, found[member].last_asked_at = number, last
        for member, number in await connection.execute(_held(some)):
            found[member].held = number
        for member, topics in await connection.execute(_passed(now, some)):
            counted(topics, found[member].passed)
        for member, topics in await connection.execute(_answered(now, some)):
            counted(topics, found[member].answered)
        for member, vector in await connection.execute(_skills(some)):
            found[member].skills.append(vector)
    return found


async def rows_of(
    connection: AsyncConnection, only: Sequence[str] | None
) -> tuple[list[Any], dict[str, Any], dict[str, list[str]]]:
    """(volunteers, their member rows, their topics)"""
    rows: list[Any] = []
    records: dict[str, Any] = {}
    topics: dict[str, list[str]] = {}
    for some in [None] if only is None else chunks(only):
        rows += await connection.execute(
            select(volunteer).where(_of(volunteer.c.member, some)).order_by(volunteer.c.member)
        )
        known = select(members).where(
            members.c.key.in_(select(volunteer.c.member).where(_of(volunteer.c.member, some)))
        )
        records |= {row.key: row for row in await connection.execute(known)}
        own = select(volunteer_topic).where(_of(volunteer_topic.c.member, some))
        for somebody, topic in await connection.execute(own):
            topics.setdefault(somebody, []).append(topic)
    return rows, records, topics


def _of(column: ColumnElement[str], some: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if some is None else column.in_(some)


def _asked(now: datetime, some: Sequence[str] | None) -> Select[Any]:
    """How often each was sent a card in the last week, and when last. One that could not be sent does not count."""
    count, last = func.count(), func.max(outbox.c.created_at, type_=outbox.c.created_at.type)
    sent = select(outbox.c.to_member, count, last).where(
        outbox.c.kind == OFFER,
        text("to_member <> ''"),
        outbox.c.created_at > now - WEEK,
        outbox.c.dropped == "",
        outbox.c.parked_at.is_(None),
        _of(outbox.c.to_member, some),
    )
    return sent.group_by(outbox.c.to_member)


def _held(some: Sequence[str] | None) -> Select[Any]:
    """How many questions each is offered or has accepted."""
    offered = select(question.c.offered_to.label("holder")).where(
        text("offered_to <> ''"), _of(question.c.offered_to, some)
    )
    claimed = select(question.c.claimed_by).where(text("claimed_by <> ''"), _of(question.c.claimed_by, some))
    holders = union_all(offered, claimed).subquery()
    return select(holders.c.holder, func.count()).group_by(holders.c.holder)


def _passed(now: datetime, some: Sequence[str] | None) -> Select[Any]:
    """The topics of each question that somebody passed on of late."""
    passed = select(assignment.c.member, question.c.topics).join(question, question.c.id == assignment.c.question)
    return passed.where(
        text("result = 'passed'"), assignment.c.ended_at > now - RECENTLY, _of(assignment.c.member, some)
    )


def _answered(now: datetime, some: Sequence[str] | None) -> Select[Any]:
    """The topics of each question that a volunteer answered of late."""
    said = select(answer.c.member, question.c.topics).join(question, question.c.id == answer.c.question)
    known = answer.c.member.in_(select(volunteer.c.member)) if some is None else answer.c.member.in_(some)
    return said.where(answer.c.at > now - RECENTLY, known)


def _skills(some: Sequence[str] | None) -> Select[Any]:
    return select(skill.c.member, skill.c.vector).where(_of(skill.c.member, some)).order_by(skill.c.at, skill.c.answer)
