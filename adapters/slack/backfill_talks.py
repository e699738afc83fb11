"""Which threads are read up on: those of questions that live, and of those closed lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.slack.backfill_plan import Talk
from adapters.slack.identity import PLATFORM
from bot.community import Part, QuestionFilter
from bot.events import Place
from bot.ports import Store, Transaction
from bot.question import Question, Status

LIVE = timedelta(days=60)  # a question older than that is not looked after any more
JUST_CLOSED = timedelta(days=2)  # a question closed lately may still be deleted
OPEN = frozenset(set(Status) - {Status.CLOSED})


async def talks(space: str, now: datetime, store: Store) -> list[Talk]:
    async with store.read() as tx:
        live = await tx.questions.find(QuestionFilter(statuses=OPEN, asked_from=now - LIVE))
        closed = await tx.questions.find(
            QuestionFilter(statuses=frozenset({Status.CLOSED}), asked_from=now - JUST_CLOSED)
        )
        ours = [q for q in (*live, *closed) if (q.place.platform, q.place.space) == (PLATFORM, space)]
        there = {q.id: q for q in ours if q.place.message and (q.text or q.status in OPEN)}
        parts = await tx.parts.of(list(there))
        found: dict[Place, Talk] = {}
        for q in there.values():
            talk = await _talk(tx, q, [p for p in parts if p.question == q.id])
            beside = found.get(q.place)  # another question of the same message
            found[q.place] = replace(talk, answers=(*beside.answers, *talk.answers)) if beside else talk
    more = {p.place: Talk(p.place, p.at, there[p.question].private) for p in parts if p.place.opens_thread}
    return list((more | found).values())


async def _talk(tx: Transaction, question: Question, parts: Sequence[Part]) -> Talk:
    place = question.place
    added = [p.place for p in parts if p.place.thread_key == place.thread_key and p.place != place]
    answers = tuple(
        a.place for a in await tx.answers.of(question.id) if a.place.thread_key == place.thread_key and not a.on_its_way
    )
    by_bot = await tx.outbox.by_message(PLATFORM, place.channel, place.message) is not None
    return Talk(place, question.asked_at, question.private, (*answers, *added), by_bot)
