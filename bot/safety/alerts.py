"""A crisis alert: who is paged and when, until a person has acknowledged it. Pure; no words of the message in it.

At least two people at once; all of them again after five minutes; the owner after ten; then everybody, after pauses
that double from ten minutes to two hours and never end. Quiet hours and caps do not count here. A drill goes the same
way, answers nobody, and is over after an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.crisis_effects import AnswerCrisis, ClosePage, PageSafety
from bot.effects import Effect
from bot.events import Place
from bot.news import Notice
from bot.question import Refused
from bot.safety.findings import Code

AGAIN = timedelta(minutes=5)
OWNER_PAGED = timedelta(minutes=10)
PAUSE = timedelta(minutes=10)  # after the owner was paged; then twice as long each time
LONGEST = timedelta(hours=2)
ENOUGH = 2  # people paged at once, where there are as many
DRILL_OVER = timedelta(hours=1)


class AlertState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    NOT_A_CRISIS = "not_a_crisis"
    RESOLVED = "resolved"


class Ending(StrEnum):
    """How a crisis went, to choose from: nothing is typed, because no words are kept."""

    SPOKE = "spoke"  # somebody spoke with them
    EMERGENCY = "emergency"  # emergency services were called
    PROFESSIONAL = "professional"  # somebody whose work it is has it now
    NOT_REACHED = "not_reached"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Alert:
    """`code` is the most severe triage code, `codes` every crisis code that was found, worst first; `rules` the rules'
    ids, `speaker` whom the message is about. `paged`: (member, rung). `note` is an Ending, or empty."""

    id: str
    place: Place
    author: str
    code: str
    speaker: str
    rules: tuple[str, ...]
    raised_at: datetime
    state: AlertState = AlertState.OPEN
    deadline: datetime | None = None
    rung: int = 0
    paged: tuple[tuple[str, int], ...] = ()
    taken_by: str = ""
    ended_at: datetime | None = None
    private: bool = False  # written to the bot alone: nobody else can open `place`
    codes: tuple[str, ...] = ()  # empty in old rows
    taken_at: datetime | None = None
    ended_by: str = ""
    note: str = ""
    drill: bool = False

    @property
    def found(self) -> tuple[str, ...]:
        """Every crisis code of the message, the most severe first."""
        return self.codes or (self.code,)

    @property
    def leads_only(self) -> bool:
        """What may be about a child's safety at home is for safety leads, whatever else was found beside it."""
        return Code.C4 in self.found

    @property
    def was_paged(self) -> frozenset[str]:
        return frozenset(member for member, _ in self.paged)


@dataclass(frozen=True, slots=True)
class Watch:
    """Whom to page: safety leads and moderators, and the owners who come later (or first when nobody else is there).
    `heads`: how many persons `people` are, where some have two accounts."""

    people: tuple[str, ...]
    owners: tuple[str, ...]
    heads: int | None = None

    @property
    def first(self) -> tuple[str, ...]:
        """Who is paged at once."""
        enough = (len(self.people) if self.heads is None else self.heads) >= ENOUGH
        return self.people if enough else _unique(self.people + self.owners)


def raise_alert(alert: Alert, watch: Watch) -> tuple[Alert, tuple[Effect, ...]]:
    paged, pages = _page(replace(alert, deadline=alert.raised_at + AGAIN), watch.first)
    answer = () if alert.drill else (AnswerCrisis(alert.id),)
    return paged, (*answer, *pages)


def page_again(alert: Alert, deadline: datetime, watch: Watch, now: datetime) -> tuple[Alert, tuple[Effect, ...]]:
    """The next rung, if `deadline` is still the one that was set and nobody has taken it."""
    if alert.state is not AlertState.OPEN or alert.deadline != deadline or now < deadline:
        return alert, ()
    rung = alert.rung + 1
    if alert.drill and now - alert.raised_at >= DRILL_OVER:
        over = replace(alert, rung=rung, state=AlertState.RESOLVED, deadline=None, ended_at=now)
        return over, _close_pages(alert)
    people = watch.people if rung == 1 else _unique(watch.people + watch.owners)
    paged, pages = _page(replace(alert, rung=rung), people)
    return replace(paged, deadline=now + (OWNER_PAGED - AGAIN if rung == 1 else _pause(paged, people))), pages


def take(alert: Alert, by: str, now: datetime) -> tuple[Alert, tuple[Effect, ...]]:
    """A drill is over with that."""
    if alert.state is AlertState.TAKEN and alert.taken_by == by:
        return alert, ()
    _must_be(alert, AlertState.OPEN)
    taken = replace(alert, state=AlertState.TAKEN, taken_by=by, taken_at=now, deadline=None)
    if alert.drill:
        taken = replace(taken, state=AlertState.RESOLVED, ended_by=by, ended_at=now)
    return taken, _close_pages(alert)


def end(alert: Alert, by: str, state: AlertState, now: datetime) -> tuple[Alert, tuple[Effect, ...]]:
    """Resolved, or no crisis after all: only a person does this."""
    if alert.state in (AlertState.RESOLVED, AlertState.NOT_A_CRISIS):
        raise Refused(Notice.ALREADY_DONE)
    if alert.drill:
        return take(alert, by, now)
    ended = replace(
        alert,
        state=state,
        taken_by=alert.taken_by or by,
        taken_at=alert.taken_at or now,
        deadline=None,
        ended_by=by,
        ended_at=now,
    )
    return ended, _close_pages(alert)


def note(alert: Alert, ending: str) -> tuple[Alert, tuple[Effect, ...]]:
    """How it went, for the others who were paged. Chosen once more, the last choice stands."""
    if alert.state is not AlertState.RESOLVED or alert.drill or ending not in set(Ending):
        raise Refused(Notice.GONE)
    return replace(alert, note=ending), _close_pages(alert)


def _page(alert: Alert, people: tuple[str, ...]) -> tuple[Alert, tuple[Effect, ...]]:
    paged = (*alert.paged, *((member, alert.rung) for member in people))
    return replace(alert, paged=paged), tuple(PageSafety(alert.id, m, alert.rung) for m in people)


def _pause(alert: Alert, people: tuple[str, ...]) -> timedelta:
    """Where there is nobody to page it is looked at again soon: somebody may be there by then."""
    if not people:
        return PAUSE
    rungs = len({rung for _, rung in alert.paged})
    return min(PAUSE * (1 << min(max(rungs - 3, 0), 10)), LONGEST)


def _close_pages(alert: Alert) -> tuple[Effect, ...]:
    latest = dict(alert.paged)  # the last rung at which each of them was paged
    return tuple(ClosePage(alert.id, member, rung) for member, rung in latest.items())


def _must_be(alert: Alert, state: AlertState) -> None:
    if alert.state is not state:
        raise Refused(Notice.ALREADY_TAKEN if alert.state is AlertState.TAKEN else Notice.ALREADY_DONE)


def _unique(members: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(members))
