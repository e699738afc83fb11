"""The figures of a run, and of several seeds with intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

from adapters.simulator.diary import Diary, Wrote
from adapters.simulator.run import Ended
from adapters.simulator.timing import DAY
from bot.fairness import gini
from bot.question import Outcome, Status

_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)  # Student's t, 97.5 %, for 1 to 9 degrees of freedom


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run. Minutes are None when fewer questions than that were ever answered. Gini coefficients are over all
    who volunteered at the start, also who left: `fairness` of the answers they wrote, `offered` of these as a part of
    their weekly limit, `laid_on` of those that they wrote because they were pinged, `spread` of the pings."""

    questions: int
    answered_in_a_day: float
    median_minutes: float | None
    ninetieth_minutes: float | None
    pings: int
    pings_per_answer: float  # per question that was answered
    knew: float  # of the questions about a topic that were answered: first by somebody who had named that topic
    helped: float  # of all questions: the asker said that an answer helped
    fairness: float
    offered: float
    laid_on: float
    spread: float
    answers: int
    passes: int
    ignored: int  # cards that somebody saw in time, did not want and left lying
    quiet_pings: int  # in quiet hours that the person had set
    night_pings: int  # in the night of somebody who had set none
    over_cap_pings: int
    left: int
    lost: int  # questions the core does not have, or has in no state that ends or goes on


def figures(ended: Ended) -> Figures:
    d = ended.diary
    first = first_answers(d)
    waits = sorted(first[q.number].at - q.at if q.number in first else math.inf for q in d.asked)
    volunteers = [p for p in d.people if not p.moderator]
    wrote = Counter(w.by for w in d.answers)
    laid_on = Counter(w.by for w in d.answers if not w.unasked)
    about = {q.number: set(q.topics) for q in d.asked if q.topics}
    fits = [bool(d.people[w.by].topics & about[n]) for n, w in first.items() if n in about]
    helped = sum(q.outcome is Outcome.HELPED for q in ended.questions)
    pings = sum(d.pings.values())
    return Figures(
        questions=len(d.asked),
        answered_in_a_day=sum(w <= DAY for w in waits) / max(len(waits), 1),
        median_minutes=_minutes(waits, 0.5),
        ninetieth_minutes=_minutes(waits, 0.9),
        pings=pings,
        pings_per_answer=pings / max(len(first), 1),
        knew=sum(fits) / max(len(fits), 1),
        helped=helped / max(len(d.asked), 1),
        fairness=gini([wrote[v.number] for v in volunteers]),
        offered=gini([wrote[v.number] / v.cap for v in volunteers]),
        laid_on=gini([laid_on[v.number] for v in volunteers]),
        spread=gini([d.by_person[v.number] for v in volunteers]),
        answers=len(d.answers),
        passes=d.passes,
        ignored=d.ignored,
        quiet_pings=d.asleep_told,
        night_pings=d.asleep_untold,
        over_cap_pings=d.over_cap,
        left=len(d.left),
        lost=lost(ended),
    )


def first_answers(d: Diary) -> dict[int, Wrote]:
    """By question."""
    found: dict[int, Wrote] = {}
    for wrote in d.answers:
        found.setdefault(wrote.question, wrote)
    return found


def lost(ended: Ended) -> int:
    """Questions that the core does not have; that wait for nothing though nobody was told; or that somebody has
    answered and the core still looks for somebody."""
    answered = {d.number for d in ended.diary.asked} & set(first_answers(ended.diary))
    numbers = {q.text: q.number for q in ended.diary.asked}
    seen, stuck = set[int](), 0
    for q in ended.questions:
        seen.add(numbers[q.text])
        waits = q.deadline is not None or q.status in (Status.CLOSED, Status.ESCALATED)
        stuck += not waits or (numbers[q.text] in answered and not q.answered_by)
    return len(ended.diary.asked) - len(seen) + stuck


def _minutes(waits: Sequence[float], share: float) -> float | None:
    """The nearest rank of the sorted waits."""
    if not waits:
        return None
    wait = waits[min(math.ceil(share * len(waits)), len(waits)) - 1]
    return wait / 60 if wait < math.inf else None


@dataclass(frozen=True, slots=True)
class Between:
    """A mean over seeds with its 95 % interval (Student's t); without one when there is one seed. `value` is None when
    one of the seeds has none."""

    value: float | None
    low: float | None
    high: float | None


def between(values: Sequence[float | None]) -> Between:
    known = [v for v in values if v is not None]
    if not known or len(known) < len(values):
        return Between(None, None, None)
    n = len(known)
    mean = sum(known) / n
    if n == 1:
        return Between(mean, None, None)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in known) / (n - 1))
    reach = (_T[n - 2] if n - 2 < len(_T) else 1.96 + 2.5 / (n - 1)) * deviation / math.sqrt(n)
    return Between(mean, mean - reach, mean + reach)


def over_seeds(runs: Sequence[Figures]) -> dict[str, Between]:
    """Each figure over the runs of one way."""
    return {f.name: between([getattr(run, f.name) for run in runs]) for f in fields(Figures)}


@dataclass(frozen=True, slots=True)
class Compared:
    """One way beside another, seed by seed: more answered within a day (difference of shares), pings and two Gini
    coefficients (see Figures) as parts of the other's."""

    answered: Between
    pings: Between
    fairness: Between
    offered: Between


def compared(own: Sequence[Figures], other: Sequence[Figures]) -> Compared:
    pairs = list(zip(own, other, strict=True))
    return Compared(
        between([a.answered_in_a_day - b.answered_in_a_day for a, b in pairs]),
        between([a.pings / max(b.pings, 1) for a, b in pairs]),
        between([a.fairness / b.fairness if b.fairness else None for a, b in pairs]),
        between([a.offered / b.offered if b.offered else None for a, b in pairs]),
    )
