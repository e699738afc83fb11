"""The report of a running community: its records read in one look at the store, its gaps found with the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.community import QuestionFilter
from bot.engagement import Behaviour
from bot.measures import Records, build
from bot.policy import Policy
from bot.ports import Model, Store, Transaction
from bot.question import Outcome, Question
from bot.report import Report
from bot.small_cells import without_small_cells
from knowledge.gaps import Gap, find_gaps

BASELINE = timedelta(days=90)  # how far back growth is measured from when nobody says
GAPS_FROM = timedelta(days=180)  # older needs may have been met elsewhere
MOST_GAPS = 20
MOST_QUESTIONS = 1_000_000
MOST_UNMET = 2_000  # of them the newest are grouped: grouping looks at every pair


async def report(
    store: Store,
    model: Model,
    policy: Policy,
    now: datetime,
    *,
    baseline_at: datetime | None = None,
    hide_small: bool = True,
    vocabulary: Mapping[str, Behaviour] | None = None,
) -> Report:
    """The report at `now`, growth since `baseline_at` (90 days before when not given). `hide_small` is only switched
    off where nobody is real."""
    async with store.read() as tx:
        records = await _records(tx)
    records = replace(records, gaps=await _gaps(records, model, now))
    found = build(records, now, baseline_at or now - BASELINE, vocabulary)
    return without_small_cells(found, policy.small_cell) if hide_small else found


async def _records(tx: Transaction) -> Records:
    questions = await tx.questions.find(QuestionFilter(limit=MOST_QUESTIONS))
    answered = [q for q in questions if q.answered_by]
    shown = [q for q in questions if q.suggested]
    return Records(
        questions=questions,
        answers=[answer for q in answered for answer in await tx.answers.of(q.id)],
        engagement=await tx.engagement.all(),
        members=await tx.members.all(),
        drafts=await tx.drafts.all(),
        unhelpful=frozenset([q.id for q in shown if await _was_not_it(q, tx)]),
    )


async def _was_not_it(question: Question, tx: Transaction) -> bool:
    """Whether the asker said that what was shown is not what they need."""
    if question.outcome is Outcome.NOT_HELPED:
        return True
    return any(entry.event == "MarkedUnhelpful" for entry in await tx.journal.of(question.id))


async def _gaps(records: Records, model: Model, now: datetime) -> tuple[Gap, ...]:
    """Groups of questions for which nothing was shown, or not the right thing. Private ones stay private, and of one
    taken back nobody knows whether it was one."""
    unmet = [
        q
        for q in records.questions
        if q.text
        and not q.private
        and q.outcome is not Outcome.WITHDRAWN
        and (not q.suggested or q.id in records.unhelpful)
        and q.asked_at > now - GAPS_FROM
    ][-MOST_UNMET:]
    if not unmet:
        return ()
    texts = [q.text for q in unmet]
    found = find_gaps([q.id for q in unmet], texts, await model.embed(texts))
    return found[:MOST_GAPS]
