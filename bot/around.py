"""What is known around a message before it is judged, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.community import Channel, MemberRecord, Part
from bot.events import MessageDeleted, MessageEdited, MessagePosted
from bot.judging import Judgement
from bot.lead import Lead, Spoken
from bot.policy import Answering, Mode
from bot.ports import Transaction
from bot.post import InboxRow
from bot.question import Question, Status
from bot.safety.alerts import AlertState
from bot.several import WITHIN

Message = MessagePosted | MessageEdited

UNSETTLED = frozenset({Status.OPEN, Status.OFFERED, Status.CLAIMED, Status.ESCALATED})
LOOKED_BACK = timedelta(minutes=30)  # how old a question may be that still grows
A_DAY = timedelta(days=1)  # in private, where there is nothing else, it may be taken back for so long


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a message before it is judged. `question`: whose thread it stands in, `beside`: what else
    was asked in the same message; `parts`: their messages by question. `near`: open questions that its author asked in
    the same place just now, the newest last; `lately`: these and older ones. `lead`: what the author said before."""

    mode: Mode
    author: MemberRecord | None
    question: Question | None
    answering: Answering = Answering.THREAD
    beside: tuple[Question, ...] = ()
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    near: tuple[Question, ...] = ()
    lately: tuple[Question, ...] = ()
    lead: tuple[Spoken, ...] = ()
    in_care: bool = False  # people look after what its author wrote just before: then nothing is put together

    @property
    def here(self) -> tuple[Question, ...]:
        """All that was asked where it stands."""
        return (self.question, *self.beside) if self.question else ()


@dataclass(frozen=True, slots=True)
class Whole:
    """What a question says when all its messages are read as one. `question`: as it was then; None where it begins with
    this. Without a `judgement` nothing is left of it. `parts`: its messages, where there are several. `number`: which
    of those in one message it is."""

    question: Question | None
    text: str
    judgement: Judgement | None = None
    parts: tuple[Part, ...] = ()
    number: int = 0
    cleared: bool = False  # the question alone reads like a cry, and people have said that it is none


@dataclass(frozen=True, slots=True)
class Judged:
    """A message with what listening made of it: as a need (it opens a thread) or as a reply (it does not), by the
    question that it would answer. `wholes`: the questions that it is a part of, or begins together with others."""

    row: InboxRow
    context: Context | None = None
    judgement: Judgement | None = None
    answers: Mapping[str, float] = field(default_factory=dict)
    wholes: tuple[Whole, ...] = ()


async def look(tx: Transaction, rows: Sequence[InboxRow], lead: Lead, default_mode: Mode) -> dict[int, Context]:
    """Read what is needed to judge the messages among `rows`, by row id."""
    found = [(row.id, row.arrival.event) for row in rows]
    messages = [(i, e) for i, e in found if isinstance(e, MessagePosted | MessageEdited)]
    deleted = [(i, e) for i, e in found if isinstance(e, MessageDeleted)]
    if not messages and not deleted:
        return {}
    authors = await tx.members.get(sorted({e.author.key for _, e in messages}))
    asked = await tx.questions.all_in(sorted({e.place.thread_key for _, e in (*messages, *deleted)}))
    rooms: dict[str, Channel] = {}
    for _, e in (*messages, *(pair for pair in deleted if pair[1].place.thread_key in asked)):
        key = e.place.channel_key
        if key not in rooms:
            rooms[key] = await tx.channels.get(key) or Channel(key, "", default_mode)
    contexts: dict[int, Context] = {}
    for i, gone in deleted:
        question, beside = _first(asked.get(gone.place.thread_key, ()))
        room = rooms.get(gone.place.channel_key)
        contexts[i] = Context(room.mode if room else default_mode, None, question, beside=beside)
    for i, e in messages:
        room, (question, beside) = rooms[e.place.channel_key], _first(asked.get(e.place.thread_key, ()))
        contexts[i] = Context(room.mode, authors.get(e.author.key), question, room.answering, beside)
    beginning = {row.id for row in rows if _begins(row)}
    return await _said_together(tx, {i: (e, contexts[i], i in beginning) for i, e in (*messages, *deleted)}, lead)


def _first(asked: Sequence[Question]) -> tuple[Question | None, tuple[Question, ...]]:
    return (asked[0], tuple(asked[1:])) if asked else (None, ())


def _begins(row: InboxRow) -> bool:
    """Whether what its author said shortly before matters."""
    event = row.arrival.event
    if not isinstance(event, MessagePosted | MessageEdited) or event.by_bot or row.arrival.crisis:
        return False
    return may_belong(event)


def may_belong(event: Message) -> bool:
    """Whether it was written into the channel, and says something, for the first time."""
    return event.place.opens_thread and bool(event.text.strip()) and not getattr(event, "again", "")


Around = Mapping[int, tuple[Message | MessageDeleted, Context, bool]]


async def _said_together(tx: Transaction, around: Around, lead: Lead) -> dict[int, Context]:
    """The same, with what their authors asked and said just before, and with the messages of these questions."""
    beginning = [e for e, _, begins in around.values() if begins and not isinstance(e, MessageDeleted)]
    recent = await asked_lately(tx, beginning)
    contexts: dict[int, Context] = {}
    for i, (e, context, begins) in around.items():
        if begins and not isinstance(e, MessageDeleted) and (asked := recent.get(e.place.key, ())):
            context = replace(context, lately=asked)
        if begins and isinstance(e, MessagePosted):
            context = replace(context, lead=lead.of(e.author.key, e.place, e.at))
        if (context.lately or context.lead) and not isinstance(e, MessageDeleted) and await in_care(tx, e):
            context = replace(context, lead=(), in_care=True)
        contexts[i] = context
    ids = {q.id for e, c in _pairs(around, contexts) for q in (*c.lately, *(c.here if follows(e, c) else ()))}
    parts: dict[str, tuple[Part, ...]] = {}
    for part in await tx.parts.of(sorted(ids)) if ids else ():
        parts[part.question] = (*parts.get(part.question, ()), part)
    return {i: _near(e, replace(contexts[i], parts=parts)) for i, (e, _, _) in around.items()}


def _pairs(around: Around, contexts: Mapping[int, Context]) -> list[tuple[Message | MessageDeleted, Context]]:
    return [(e, contexts[i]) for i, (e, _, _) in around.items()]


def follows(event: Message | MessageDeleted, context: Context) -> bool:
    """Whether it is the asker who wrote, edited or deleted something where the question stands."""
    if isinstance(event, MessageDeleted):
        return True
    return any(event.author.key == q.asker for q in context.here)


async def asked_lately(tx: Transaction, events: Sequence[Message]) -> dict[str, tuple[Question, ...]]:
    """What the authors of these messages have asked in the same place and nobody has answered yet, by place key."""
    if not events:
        return {}
    since = min(e.at - (A_DAY if e.direct else LOOKED_BACK) for e in events)
    asked = await tx.questions.lately(sorted({e.author.key for e in events}), since)
    found = {}
    for e in events:
        theirs = tuple(q for q in asked if q.asker == e.author.key and _same_place(q, e))
        if theirs:
            found[e.place.key] = theirs
    return found


def _same_place(q: Question, event: Message) -> bool:
    """Never one that was asked without a name: what somebody writes in their own name must not show whose it is."""
    if q.pseudonym or q.private != event.direct or not q.text or q.status not in UNSETTLED:
        return False
    return q.place.channel_key == event.place.channel_key and q.place.thread_key != event.place.thread_key


async def in_care(tx: Transaction, event: Message) -> bool:
    """Whether its author just wrote in the same place what people look after: then nothing is put together."""
    return any(
        alert.state is not AlertState.NOT_A_CRISIS
        and alert.place.channel_key == event.place.channel_key
        and abs(event.at - alert.raised_at) <= LOOKED_BACK
        for alert in await tx.alerts.about(event.author.key)
    )


def _near(event: Message | MessageDeleted, context: Context) -> Context:
    if isinstance(event, MessageDeleted) or context.in_care or not context.lately:
        return context
    near = [q for q in context.lately if is_near(q, context.parts.get(q.id, ()), event.at)]
    return replace(context, near=tuple(near))


def is_near(q: Question, parts: Sequence[Part], at: datetime, within: timedelta = WITHIN) -> bool:
    """Whether that moment is close to when it was said, from its first message to its last."""
    moments = [q.asked_at, *(part.at for part in parts)]
    return min(moments) - within <= at <= max(moments) + within
