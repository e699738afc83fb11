"""What is held about one member, for themselves: their data as JSON, and their questions."""

from __future__ import annotations

from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from bot.community import MemberRecord, QuestionFilter
from bot.linking import accounts
from bot.ports import Transaction
from bot.question import Question, Status

ALL = 100_000
UNSETTLED = frozenset({Status.OPEN, Status.OFFERED, Status.CLAIMED, Status.ESCALATED})


@dataclass(frozen=True, slots=True)
class MyQuestions:
    """`held`: offered to the member or taken by them, and open; `asked`: by them, the newest first."""

    held: tuple[Question, ...]
    asked: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Burden:
    """How much a volunteer is asked: cards in the last seven days, at most so many, and questions they have now."""

    asked: int
    most: int
    held: int


async def burden(tx: Transaction, member: str, now: datetime) -> Burden | None:
    """None for whoever is not asked at all."""
    found = await tx.volunteers.pool(now, [member])
    return Burden(found[0].asked_this_week, found[0].weekly_cap, found[0].open_claims) if found else None


async def my_questions(tx: Transaction, member: str) -> MyQuestions:
    """A question that is offered shows its words; so does one that was taken. Those are on its card too."""
    held = await tx.questions.find(QuestionFilter(holder=member, limit=ALL))
    asked = await tx.questions.find(QuestionFilter(asker=member, limit=ALL))
    return MyQuestions(tuple(q for q in held if q.status in UNSETTLED), tuple(reversed(asked)))


async def blocked(tx: Transaction, member: str) -> tuple[MemberRecord, ...]:
    """By name; a person once."""
    record = (await tx.members.get([member])).get(member)
    keys = [key for m in (await accounts(record, tx) if record else ()) for key in await tx.members.blocks(m.key)]
    people = {m.person: m for m in (await tx.members.get(sorted(set(keys)))).values()}
    return tuple(sorted(people.values(), key=lambda m: (m.name, m.key)))


async def my_data(tx: Transaction, member: str) -> dict[str, Any]:
    """Everything held about the member and linked to them, by kind. What others wrote is not in it, nor is who others
    are: their keys stay out."""
    record = (await tx.members.get([member])).get(member)
    asked = await tx.questions.find(QuestionFilter(asker=member, limit=ALL))
    volunteer = await tx.volunteers.get(member)
    return {
        "member": _member(record, member),
        "linked_accounts": [m.key for m in await tx.members.all() if _linked(m, record)],
        "volunteer": _plain(volunteer) if volunteer else None,
        "answers_learned_from": await tx.volunteers.learned(member),
        "blocked": len(await tx.members.blocks(member)),
        "browsers_signed_in": [_plain(one) for one in await tx.sign_ins.of(member)],
        "follows": list(await tx.follows.of(member)),
        "questions": [await _question(tx, q) for q in asked],
        "offered_or_taken": [
            {"question": q.id, "status": q.status.value}
            for q in await tx.questions.find(QuestionFilter(holder=member, limit=ALL))
        ],
        "answers": [
            {"question": a.question, "text": a.text, "at": a.at.isoformat(), "place": a.place.key}
            for a in await tx.answers.by(member)
        ],
        "drafts": [
            {name: _plain(getattr(d, name)) for name in _DRAFT} for d in await tx.drafts.all() if d.author == member
        ],
        "alerts": [
            {"id": a.id, "code": a.code, "state": a.state.value, "raised_at": a.raised_at.isoformat()}
            for a in await tx.alerts.about(member)
        ],
        "engagement": [
            {"behaviour": e.behaviour, "at": e.at.isoformat(), "resource": e.resource, "question": e.question}
            for e in await tx.engagement.all()
            if e.member == member
        ],
        "messages_to_me": [
            {"kind": row.wish.kind, "about": row.wish.about, "at": row.created_at.isoformat()}
            for row in await tx.outbox.to(member)
        ],
        "not_handled_yet": [
            {"kind": type(row.arrival.event).__name__, "text": _words(row.arrival.event)}
            for row in await tx.inbox.by(member)
        ],
        "log_of_acts": [
            {"action": a.action, "at": a.at.isoformat()} for a in await tx.audit.all() if a.actor == member
        ],
    }


_DRAFT = (
    "id", "question", "title", "text", "topics", "medical", "language", "asked_as", "state", "created_at",
    "consented_at", "reviewed_at", "resource",
)  # fmt: skip


def _member(record: MemberRecord | None, key: str) -> dict[str, Any]:
    """Who was never met is known by their key alone."""
    found = _plain(record) if record else {"key": key}
    assert isinstance(found, dict)
    return found


def _linked(member: MemberRecord, record: MemberRecord | None) -> bool:
    return record is not None and member.person == record.person and member.key != record.key


async def _question(tx: Transaction, q: Question) -> dict[str, Any]:
    return {
        "id": q.id,
        "text": q.text,
        "place": q.place.key,
        "asked_at": q.asked_at.isoformat(),
        "topics": list(q.topics),
        "medical": q.medical,
        "private": q.private,
        "language": q.language,
        "status": q.status.value,
        "outcome": q.outcome.value if q.outcome else None,
        "closed_at": q.closed_at.isoformat() if q.closed_at else None,
        "suggested": [{"resource": s.resource, "confidence": s.confidence} for s in await tx.suggestions.of(q.id)],
        "steps": [{"at": e.at.isoformat(), "event": e.event, "status": e.after} for e in await tx.journal.of(q.id)],
    }


def _words(event: object) -> str:
    values = getattr(event, "values", None)
    return "\n".join(values.values()) if isinstance(values, dict) else str(getattr(event, "text", ""))


def _plain(value: Any) -> Any:
    """JSON values; sets in order, so that the same data is the same file."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return _plain(asdict(value)) if is_dataclass(value) and not isinstance(value, type) else value
