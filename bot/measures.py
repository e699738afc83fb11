"""From the records of a community to its report. Pure; `now` and the baseline date are given.

Rules this file keeps:
- People are counted, not clicks; staff and bots are left out; a linked person counts once.
- Silence is unknown, never success: what resources answered is a range.
- Times to an answer are a median and a 90th percentile, never a mean alone.
- A crisis is never a question, so nothing of it can get in here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median

from bot.community import Answer, Engagement, MemberRecord
from bot.curation import Draft
from bot.engagement import (
    Behaviour,
    Deed,
    Tier,
    active,
    cumulative,
    deeds,
    growth,
    monthly,
    p_chart,
    run_chart,
    shipped_vocabulary,
)
from bot.question import Outcome, Question, Status
from bot.report import (
    ByResource,
    Cell,
    FirstAnswer,
    GapLine,
    Load,
    LoadTotals,
    MonthLine,
    Promptness,
    Report,
    TierLine,
)
from knowledge.gaps import Gap

PROMPT = timedelta(hours=48)  # a question answered within this counts as answered in time


@dataclass(frozen=True, slots=True)
class Records:
    """What a report is made of. `unhelpful`: ids of questions whose asker said that what was shown is not it."""

    questions: Sequence[Question] = ()
    answers: Sequence[Answer] = ()
    engagement: Sequence[Engagement] = ()
    members: Sequence[MemberRecord] = ()
    drafts: Sequence[Draft] = ()
    gaps: Sequence[Gap] = ()
    unhelpful: frozenset[str] = frozenset()


def build(
    records: Records, now: datetime, baseline_at: datetime, vocabulary: Mapping[str, Behaviour] | None = None
) -> Report:
    """The report with every number in it; bot.small_cells takes out what is too small to show."""
    who = _Who(records.members)
    questions = [q for q in records.questions if q.asked_at <= now and not who.staff(q.asker)]
    first = _first_answers(questions, records.answers)
    done = deeds(records.engagement, records.members, vocabulary or shipped_vocabulary())
    loads = _loads(questions, records.engagement, who)
    return Report(
        now=now,
        baseline_at=baseline_at,
        hidden_below=0,
        tiers=tuple(_tier(done, tier, now, baseline_at) for tier in Tier),
        months=tuple(_months(done, tier, now) for tier in Tier),
        asked=_cell(questions, who),
        statuses={s.value: _cell([q for q in questions if q.status is s], who) for s in Status},
        outcomes={o.value: _cell([q for q in questions if q.outcome is o], who) for o in Outcome},
        promptness=_promptness(questions, first, who, now),
        first_answer=_first_answer(questions, first, who),
        by_resource=_by_resource(questions, first, records.unhelpful, who),
        volunteers=loads,
        volunteer_totals=_total(loads),
        drafts=_drafts(records.drafts, who),
        gaps=_gaps(records.gaps, questions, who),
    )


class _Who:
    """Who a member is now: a person, perhaps staff."""

    def __init__(self, members: Iterable[MemberRecord]) -> None:
        members = tuple(members)
        self._person = {member.key: member.person for member in members}
        self._staff = {member.person for member in members if member.staff}

    def person(self, member: str, otherwise: str = "") -> str:
        """`otherwise` is for a member who is no longer known."""
        return self._person.get(member, otherwise or member)

    def staff(self, member: str) -> bool:
        return self.person(member) in self._staff


def _cell(questions: Sequence[Question], who: _Who) -> Cell:
    return Cell(len(questions), len({who.person(q.asker) for q in questions}))


def _tier(done: Sequence[Deed], tier: Tier, now: datetime, baseline_at: datetime) -> TierLine:
    ever, lately = len(cumulative(done, tier, now)), len(active(done, tier, now))
    ever_then, lately_then = len(cumulative(done, tier, baseline_at)), len(active(done, tier, baseline_at))
    return TierLine(tier, ever, lately, ever_then, lately_then, growth(ever, ever_then), growth(lately, lately_then))


def _months(done: Sequence[Deed], tier: Tier, now: datetime) -> MonthLine:
    months = monthly(done, tier, now)
    return MonthLine(tier, months, run_chart([people for _, people in months]))


def _first_answers(questions: Sequence[Question], answers: Iterable[Answer]) -> dict[str, datetime]:
    """When the first person who is not the asker answered, by question id.

    A reply counts when the question lists its author as one who answered. Where a forgotten author's answer is
    gone, `answered_at` of the question stands in.
    """
    by_id = {q.id: q for q in questions}
    first = {q.id: q.answered_at for q in questions if q.answered_at and q.answered_by}
    for answer in answers:
        question = by_id.get(answer.question)
        if question is None or answer.member == question.asker or answer.member not in question.answered_by:
            continue
        first[question.id] = min(answer.at, first.get(question.id, answer.at))
    return first


# --- answered in time -----------------------------------------------------------------------------------


def _promptness(questions: Sequence[Question], first: Mapping[str, datetime], who: _Who, now: datetime) -> Promptness:
    counted = [q for q in questions if not _taken_back_early(q, first)]
    due = [q for q in counted if q.asked_at + PROMPT <= now]
    prompt = [q for q in due if _in_time(q, first)]
    late = [q for q in due if not _in_time(q, first)]
    weeks: dict[date, list[Question]] = {}
    for q in counted:
        weeks.setdefault(_week(q.asked_at), []).append(q)
    past = [week for week in _weeks_between(weeks) if _begins(week) + timedelta(weeks=1) + PROMPT <= now]
    periods = [(week, sum(_in_time(q, first) for q in weeks.get(week, ())), len(weeks.get(week, ()))) for week in past]
    share = len(prompt) / len(due) if due else None
    return Promptness(_cell(due, who), _cell(prompt, who), _cell(late, who), share, p_chart(periods))


def _in_time(q: Question, first: Mapping[str, datetime]) -> bool:
    helped_at = q.closed_at if q.outcome is Outcome.HELPED else None
    return any(at is not None and at - q.asked_at <= PROMPT for at in (first.get(q.id), helped_at))


def _taken_back_early(q: Question, first: Mapping[str, datetime]) -> bool:
    """Nobody could have answered it in time; one taken back later had its chance and counts."""
    if q.outcome is not Outcome.WITHDRAWN or q.closed_at is None or q.id in first:
        return False
    return q.closed_at - q.asked_at < PROMPT


def _week(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _begins(week: date) -> datetime:
    return datetime(week.year, week.month, week.day, tzinfo=UTC)


def _weeks_between(weeks: Iterable[date]) -> list[date]:
    """Every Monday from the first to the last of them."""
    mondays = sorted(weeks)
    if not mondays:
        return []
    return [mondays[0] + timedelta(weeks=n) for n in range((mondays[-1] - mondays[0]).days // 7 + 1)]


def _first_answer(questions: Sequence[Question], first: Mapping[str, datetime], who: _Who) -> FirstAnswer:
    answered = [q for q in questions if q.id in first]
    waits = sorted((first[q.id] - q.asked_at).total_seconds() for q in answered)
    unanswered = _cell([q for q in questions if q.id not in first], who)
    if not waits:
        return FirstAnswer(Cell(0, 0), unanswered, None, None)
    return FirstAnswer(_cell(answered, who), unanswered, median(waits), percentile(waits, 0.9))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the neighbours (type 7 of Hyndman & Fan 1996), of at least one ordered value."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _by_resource(
    questions: Sequence[Question], first: Mapping[str, datetime], unhelpful: frozenset[str], who: _Who
) -> ByResource:
    """Helped after a person had answered, or not a word: nobody can tell whether it was the resource."""
    shown = [q for q in questions if q.suggested and q.outcome is not Outcome.WITHDRAWN]
    helped = {q.id for q in shown if q.outcome is Outcome.HELPED and q.id not in first}
    refused = unhelpful | {q.id for q in shown if q.outcome is Outcome.NOT_HELPED}
    unknown = {q.id for q in shown} - helped - refused

    def cell(ids: set[str]) -> Cell:
        return _cell([q for q in questions if q.id in ids], who)

    other = cell({q.id for q in questions} - helped - unknown)
    if not questions:
        return ByResource(cell(helped), cell(unknown), other, None, None)
    low, high = len(helped) / len(questions), (len(helped) + len(unknown)) / len(questions)
    return ByResource(cell(helped), cell(unknown), other, low, high)


# --- volunteers, drafts, gaps ---------------------------------------------------------------------------


def _loads(questions: Sequence[Question], rows: Iterable[Engagement], who: _Who) -> tuple[Load, ...]:
    """By person, in the order of their keys, which says nothing of them: how much somebody carries is no ranking. A
    question counts once for a person, however often they had its card."""
    accepted, answered = _by_person(rows, "accepted:question", who), _by_person(rows, "answered:question", who)
    asked: dict[str, set[str]] = {person: set(ids) for person, ids in accepted.items()}
    for q in questions:
        for member in (*(t.member for t in q.tries), q.offered_to, q.claimed_by):
            if member and not who.staff(member):
                asked.setdefault(who.person(member), set()).add(q.id)
    loads = (
        Load(person, len(ids), len(accepted.get(person, ())), len(ids & answered.get(person, set())))
        for person, ids in asked.items()
    )
    return tuple(sorted(loads, key=lambda load: load.person))


def _by_person(rows: Iterable[Engagement], behaviour: str, who: _Who) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.behaviour == behaviour and not who.staff(row.member):
            found.setdefault(who.person(row.member, row.person), set()).add(row.question)
    return found


def _total(loads: Sequence[Load]) -> LoadTotals:
    return LoadTotals(
        len(loads), sum(x.asked for x in loads), sum(x.accepted for x in loads), sum(x.answered for x in loads)
    )


def _drafts(drafts: Iterable[Draft], who: _Who) -> dict[str, Cell]:
    drafts = [draft for draft in drafts if not draft.asks_for and not who.staff(draft.author)]
    counts = Counter(draft.state.value for draft in drafts)
    authors = {state: {who.person(d.author) for d in drafts if d.state.value == state} for state in counts}
    return {state: Cell(counts[state], len(authors[state])) for state in sorted(counts)}


def _gaps(gaps: Iterable[Gap], questions: Sequence[Question], who: _Who) -> tuple[GapLine, ...]:
    askers = {q.id: who.person(q.asker) for q in questions}
    lines = []
    for gap in gaps:
        known = [question for question in gap.question_ids if question in askers]
        if known:
            lines.append(GapLine(gap.name, len(known), len({askers[question] for question in known})))
    return tuple(lines)
