"""What the passing of a deadline does to a question. Each step first checks that it is still the one that was set."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import effects as do
from bot import events as on
from bot.moves import closed
from bot.news import News, OfferEnd
from bot.question import Decision, Outcome, Question, Result, Turn
from bot.quiet import WEEK
from bot.routing import wakes_at
from bot.searching import UNTOLD, next_person, offer, route, tell, up, whom


def _due(q: Question, event: on.DeadlinePassed, turn: Turn) -> bool:
    return q.deadline == event.deadline and turn.now >= event.deadline


def search_begins(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    return route(q, turn) if _due(q, event, turn) else Decision(q)


def offer_expired(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    if not _due(q, event, turn):
        return Decision(q)
    return next_person(q, q.offered_to, Result.EXPIRED, OfferEnd.EXPIRED, turn)


def claim_runs_out(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    """Warned first, then back to the queue, without blame. Nobody is woken for it: who has quiet hours is warned when
    they are over."""
    if not _due(q, event, turn):
        return Decision(q)
    if not q.warned:
        up = _up_again(q.claimed_by, turn)
        if up is not None and not q.urgent:
            return Decision(replace(q, deadline=up))
        if up is not None:  # nobody is woken, and what is urgent does not wait
            return next_person(q, q.claimed_by, Result.CLAIM_EXPIRED, OfferEnd.CLAIM_EXPIRED, turn)
        end = turn.now + turn.policy.warned_before(q.urgent)
        warn = do.WarnClaimant(q.id, q.claimed_by, end)
        return Decision(replace(q, warned=True, deadline=end), (warn,))
    return next_person(q, q.claimed_by, Result.CLAIM_EXPIRED, OfferEnd.CLAIM_EXPIRED, turn)


def _up_again(member: str, turn: Turn) -> datetime | None:
    """When the quiet hours end that somebody is in just now; None when they are awake, or quiet all week."""
    known = turn.pool.volunteers.get(member)
    wake = wakes_at(known, turn.now) if known is not None else turn.now
    return wake if turn.now < wake < turn.now + WEEK else None


def silence(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    """Ask once whether it helped; then silence is unknown."""
    if not _due(q, event, turn):
        return Decision(q)
    if q.asked_helped:
        return Decision(closed(q, Outcome.UNKNOWN, turn))
    asked = replace(q, asked_helped=True, deadline=turn.now + turn.policy.close_after)
    return Decision(asked, (do.AskWhetherHelped(q.id),))


def remind(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    """Look once more for somebody with room; failing that, remind the moderators, as often as the policy says."""
    if not _due(q, event, turn):
        return Decision(q)
    choice = whom(q, turn, beyond=True)
    if choice.volunteer is not None:
        return offer(replace(q, deadline=None), choice.volunteer.member)
    told, until = up(turn) if q.reminders < turn.policy.reminders else ((), None)
    first = UNTOLD in q.told  # nobody has heard of it so far
    count = q.reminders + 1 if told and not first else q.reminders
    more = count < turn.policy.reminders  # where nobody can be reminded, the search never ends
    later = until or (turn.now + turn.policy.reminded_after(q.urgent) if more else None)
    if choice.wakes_at is not None:  # somebody could answer and is asleep just now
        later = min(choice.wakes_at, later or choice.wakes_at)
    alerts = tuple(do.AlertModerator(q.id, m, count) for m in told)
    heard = tuple(t for t in q.told if t != UNTOLD) if told else q.told
    reminded = Decision(replace(q, reminders=count, deadline=later, told=heard), alerts)
    return tell(reminded, News.ESCALATED) if told else reminded
