"""Who volunteers and how it goes with them, read for routing: of everybody, or of some. Each statement is there twice,
so that reading one person, which every search does, costs next to nothing; and there are two, because what costs is to
ask a database at all."""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    LargeBinary,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.columns import Moment, Strings
from adapters.storage.dialect import one_of
from adapters.storage.people_tables import member as members
from adapters.storage.people_tables import skill, volunteer, volunteer_topic
from adapters.storage.pool import LATELY, RECENTLY, WEEK, Load, counted
from adapters.storage.post_tables import outbox
from adapters.storage.prepared import Prepared
from adapters.storage.question_tables import answer, assignment, question

OFFER = "OfferQuestion"
Of = Callable[[Column[str]], ColumnElement[bool]]  # whose column it is: anybody, or one of some


class _Both:
    """One question to the database, about everybody and about some."""

    def __init__(self, statement: Callable[[Of], Select[Any] | CompoundSelect[Any]]) -> None:
        self._all = Prepared(statement(lambda _column: true()))
        self._some = Prepared(statement(lambda column: one_of(column, "members")))

    async def rows(self, connection: AsyncConnection, only: Sequence[str] | None, **values: Any) -> Sequence[Any]:
        if only is None:
            return await self._all.all(connection, **values)
        return await self._some.all(connection, members=list(only), **values)


_Record = namedtuple("_Record", [c.name for c in members.c])  # type: ignore[misc]
_OWN = len(volunteer.c)  # columns of a row that are the volunteer's; the member's follow
_WEEK, _RECENTLY = (bindparam(name, type_=Moment()) for name in ("week", "recently"))


def _settings(of: Of) -> Select[Any]:
    """What each declared, and their member row beside it, if there is one."""
    wanted = select(volunteer, *(c.label(f"of_{c.name}") for c in members.c))
    wanted = wanted.outerjoin(members, members.c.key == volunteer.c.member)
    return wanted.where(of(volunteer.c.member)).order_by(volunteer.c.member)


def _about(of: Of) -> CompoundSelect[Any]:
    """All else that is known of each, in rows of one shape: what a row says is its `part`."""
    return union_all(_topics(of), _asked(of), _held(of), _passed(of), _answered(of), _skills(of))


def _part(
    part: str,
    member: ColumnElement[str],
    *,
    number: ColumnElement[Any] | None = None,
    at: ColumnElement[Any] | None = None,
    key: ColumnElement[Any] | None = None,
    topics: ColumnElement[Any] | None = None,
    vector: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """The columns of every row; PostgreSQL wants to know the type of those that are empty."""
    return select(
        literal_column(f"'{part}'", Text).label("part"),
        member.label("member"),
        (cast(null(), Integer) if number is None else number).label("number"),
        (cast(null(), Moment) if at is None else at).label("at"),
        (cast(null(), Text) if key is None else key).label("key"),
        (cast(null(), Strings) if topics is None else topics).label("topics"),
        (cast(null(), LargeBinary) if vector is None else vector).label("vector"),
    )


def _topics(of: Of) -> Select[Any]:
    own = volunteer_topic.c
    return _part("topic", own.member, key=own.topic).where(of(own.member))


def _skills(of: Of) -> Select[Any]:
    own = skill.c
    return _part("skill", own.member, at=own.at, key=own.answer, vector=own.vector).where(of(own.member))


def _asked(of: Of) -> Select[Any]:
    """How often each was sent a card in a week, and when last. One that could not be sent does not count."""
    last = func.max(outbox.c.created_at, type_=outbox.c.created_at.type)
    sent = _part("asked", outbox.c.to_member, number=func.count(), at=last).where(
        outbox.c.kind == OFFER,
        text("to_member <> ''"),
        outbox.c.created_at > _WEEK,
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
    return _part("held", holders.c.holder, number=func.count()).group_by(holders.c.holder)


def _passed(of: Of) -> Select[Any]:
    """The topics of each question that somebody has passed on lately."""
    passed = _part("passed", assignment.c.member, topics=question.c.topics)
    passed = passed.join_from(assignment, question, question.c.id == assignment.c.question)
    return passed.where(text("result = 'passed'"), assignment.c.ended_at > _RECENTLY, of(assignment.c.member))


def _answered(of: Of) -> Select[Any]:
    """The topics of each question that a volunteer has answered lately."""
    said = _part("answered", answer.c.member, at=answer.c.at, key=answer.c.question, topics=question.c.topics)
    said = said.join_from(answer, question, question.c.id == answer.c.question)
    said = said.join(volunteer, volunteer.c.member == answer.c.member)
    return said.where(answer.c.at > _RECENTLY, of(answer.c.member))


_SETTINGS, _ABOUT = _Both(_settings), _Both(_about)


async def known_of(
    connection: AsyncConnection, now: datetime, only: Sequence[str] | None
) -> tuple[dict[str, Load], dict[str, list[str]]]:
    """How it goes with each, and their topics; by member; of everybody, or `only` of these."""
    found: dict[str, Load] = defaultdict(Load)
    topics: dict[str, list[str]] = defaultdict(list)
    skills: list[tuple[datetime, str, str, bytes]] = []
    for row in await _ABOUT.rows(connection, only, week=now - WEEK, recently=now - RECENTLY):
        load = found[row.member]
        match row.part:
            case "topic":
                topics[row.member].append(row.key)
            case "asked":
                load.asked, load.last_asked_at = row.number, row.at
            case "held":
                load.held = row.number
            case "passed":
                counted(row.topics, load.passed)
            case "answered":
                counted(row.topics, load.answered)
                if row.at > now - LATELY:
                    load.answered_lately.add(row.key)
            case "skill":
                skills.append((row.at, row.key, row.member, row.vector))
    for _at, _answer, member, vector in sorted(skills):
        found[member].skills.append(vector)
    return found, topics


async def rows_of(connection: AsyncConnection, only: Sequence[str] | None) -> list[tuple[Any, Any | None]]:
    """Each volunteer's row with their member row, if there is one."""
    rows = await _SETTINGS.rows(connection, only)
    return [(row, _Record._make(row[_OWN:]) if row.of_key is not None else None) for row in rows]
