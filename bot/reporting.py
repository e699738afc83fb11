"""Gathers what a report is made of: the records from the store, and the gaps from the questions nothing helped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.community import QuestionFilter
from bot.measures import Records, build
from bot.policy import Policy
from bot.ports import Model, Store, Transaction
from bot.question import Outcome, Question
from bot.report import Report
from bot.small_cells import without_small_cells
from knowledge.embedding import asked
from knowledge.gaps import Gap, find_gaps

EVERYTHING = 1_000_000
LATEST = 500  # unmet questions looked at for gaps

_UNHELPFUL = "MarkedUnhelpful"


async def make_report(
    store: Store, model: Model, now: datetime, baseline_at: datetime, policy: Policy, *, show_all: bool = False
) -> Report:
    """The report as it may be shown; `show_all` keeps small numbers, for communities that do not exist."""
    report = build(await gather(store, model), now, baseline_at)
    return report if show_all else without_small_cells(report, policy.small_cell)


async def gather(store: Store, model: Model) -> Records:
    """Everything that reports are made of."""
    async with store.read() as tx:
        questions = await tx.questions.find(QuestionFilter(limit=EVERYTHING))
        unhelpful = await _unhelpful(tx, questions)
        answers = [a for q in questions if q.answered_by for a in await tx.answers.of(q.id)]
        engagement = await tx.engagement.all()
        members = await tx.members.all()
        drafts = await tx.drafts.all()
    gaps = await _gaps(model, [q for q in questions if _unmet(q, unhelpful)][-LATEST:])
    return Records(questions, answers, engagement, members, drafts, gaps, unhelpful)


async def _unhelpful(tx: Transaction, questions: Sequence[Question]) -> frozenset[str]:
    """Questions whose asker said that what was shown is not it."""
    found = set()
    for q in questions:
        if q.suggested and any(entry.event == _UNHELPFUL for entry in await tx.journal.of(q.id)):
            found.add(q.id)
    return frozenset(found)


def _unmet(q: Question, unhelpful: frozenset[str]) -> bool:
    """No resource was shown, or what was shown is not it; a withdrawn question asks for nothing, and
    the words of a private one name no topic."""
    return (
        bool(q.text) and not q.private and q.outcome is not Outcome.WITHDRAWN and (not q.suggested or q.id in unhelpful)
    )


async def _gaps(model: Model, unmet: Sequence[Question]) -> tuple[Gap, ...]:
    if not unmet:
        return ()
    vectors = await model.embed([asked(q.text) for q in unmet])
    return tuple(find_gaps([q.id for q in unmet], [q.text for q in unmet], vectors))
