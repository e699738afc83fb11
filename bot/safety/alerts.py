"""A crisis alert: who is paged and when, until a person has acknowledged it. Pure; no words of the message in it.

At least two people at once; all of them again after five minutes; the owner after ten; then everybody, after pauses
that double from ten minutes to two hours and never end. Quiet hours and caps do not count here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.effects import AnswerCrisis, ClosePage, Effect, Notice, PageSafety
from bot.events import Place
from bot.question import Refused

AGAIN = timedelta(minutes=5)
OWNER_PAGED = timedelta(minutes=10)
PAUSE = timedelta(minutes=10)  # after the owner was paged; then twice as long each time
LONGEST = timedelta(hours=2)


class AlertState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    NOT_A_CRISIS = "not_a_crisis"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """`code` is a triage code, `rules` the rules' ids, `speaker` whom the message is about. `paged`: (member, rung)."""

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


@dataclass(frozen=True, slots=True)
class Watch:
    """Whom to page: safety leads and moderators, and the owners who come later (or first when nobody else is there)."""

    people: tuple[str, ...]
    owners: tuple[str, ...]


def raise_alert(alert: Alert, watch: Watch) -> tuple[Alert, tuple[Effect, ...]]:
    first = watch.people if len(watch.people) >= 2 else _unique(watch.people + watch.owners)
    paged, pages = _page(replace(alert, deadline=alert.raised_at + AGAIN), first)
    return paged, (AnswerCrisis(alert.id), *pages)


def page_again(alert: Alert, deadline: datetime, watch: Watch, now: datetime) -> tuple[Alert, tuple[Effect, ...]]:
    """The next rung, if `deadline` is still the one that was set and nobody has taken it."""
    if alert.state is not AlertState.OPEN or alert.deadline != deadline or now < deadline:
        return alert, ()
    rung = alert.rung + 1
    people = watch.people if rung == 1 else _unique(watch.people + watch.owners)
    paged, pages = _page(replace(alert, rung=rung), people)
    return replace(paged, deadline=now + (OWNER_PAGED - AGAIN if rung == 1 else _pause(paged, people))), pages


def take(alert: Alert, by: str) -> tuple[Alert, tuple[Effect, ...]]:
    if alert.state is AlertState.TAKEN and alert.taken_by == by:
        return alert, ()
    _must_be(alert, AlertState.OPEN)
    return replace(alert, state=AlertState.TAKEN, taken_by=by, deadline=None), _close_pages(alert)


def end(alert: Alert, by: str, state: AlertState, now: datetime) -> tuple[Alert, tuple[Effect, ...]]:
    """Resolved, or no crisis after all: only a person does this."""
    if alert.state in (AlertState.RESOLVED, AlertState.NOT_A_CRISIS):
        raise Refused(Notice.ALREADY_DONE)
    ended = replace(alert, state=state, taken_by=alert.taken_by or by, deadline=None, ended_at=now)
    return ended, _close_pages(alert)


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
