"""The life of a question: `ask` begins it, `decide` is the only code that changes a status.

Rules this file keeps:
- Pure: state and facts in, state and wishes out. `now` is given; nothing is performed.
- A stale fact (the card of an offer that has ended) leaves the question as it is.
- A contradictory one (somebody else pressing the asker's button) raises `Refused` and changes nothing.
- Only a real answer by somebody who is neither the asker nor a bot stops the search for one.
- A question that is neither closed nor waiting for a card to be delivered has a deadline, or the moderators
  have been told and reminded as often as the policy says.

The table of all (status, fact) pairs is TRANSITIONS at the end; docs/architecture.md is drawn from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot import effects as do
from bot import events as on
from bot.effects import Effect, News, Notice, OfferEnd
from bot.events import QuestionEvent
from bot.question import Decision, Engaged, Outcome, Question, Refused, Result, Status, Try, Turn
from bot.routing import Kind, Need, choose


def ask(question: Question, turn: Turn) -> Decision:
    """The beginning: show what the library has and leave the asker some time with it, or look for a person at once."""
    asked = (Engaged("asked:question", question.asker),)
    if question.suggested:
        wait = turn.policy.self_serve_urgent if question.urgent else turn.policy.self_serve
        waiting = replace(question, deadline=turn.now + wait)
        return Decision(waiting, (do.ShowSuggestions(question.id),), asked)
    routed = _route(question, turn)
    return replace(routed, engaged=asked + routed.engaged)


def decide(question: Question, event: QuestionEvent, turn: Turn) -> Decision:
    """What becomes of the question when `event` befalls it. Raises Refused when the fact contradicts it."""
    step = TRANSITIONS[question.status, type(event)].step
    decision = step(question, event, turn)
    if decision.question == question:
        return decision
    return replace(decision, question=replace(decision.question, version=question.version + 1))


# --- looking for a person -------------------------------------------------------------------------------


def need_of(question: Question, turn: Turn) -> Need:
    """Who is left out: those who passed or could not be reached, and for a while those who put it off."""
    again = turn.now - turn.policy.ask_again_after
    out = {t.member for t in question.tries if t.result is not Result.POSTPONED or t.ended_at > again}
    out |= {question.asker, *question.answered_by}
    return Need(
        question.id,
        question.asker_person,
        question.topics,
        question.language,
        question.medical,
        frozenset(out),
    )


def _route(q: Question, turn: Turn) -> Decision:
    base = replace(q, status=Status.OPEN, offered_to="", claimed_by="", warned=False, deadline=None)
    asked = sum(t.result is not Result.UNREACHABLE for t in q.tries)
    if asked >= turn.policy.offers_per_question:
        return replace(_escalate(base, turn), why=f"{asked} people have been asked, as many as the policy allows")
    choice = choose(need_of(q, turn), turn.pool.volunteers, turn.now)
    if choice.volunteer is not None:
        found = _offer(base, choice.volunteer.member)
    elif choice.wakes_at is not None:
        found = _wait(base, choice.wakes_at)
    else:
        found = _escalate(base, turn)
    return replace(found, why=choice.why)


def _offer(q: Question, member: str) -> Decision:
    """Without a deadline: it begins when the card has reached them (OfferSent)."""
    offered = replace(q, status=Status.OFFERED, offered_to=member, round=q.round + 1)
    return _tell(Decision(offered, (do.OfferQuestion(q.id, member, offered.round),)), News.ASKING)


def _wait(q: Question, until: datetime) -> Decision:
    waiting = replace(q, deadline=until)
    return _tell(Decision(waiting), News.ASLEEP, until=until, once=f"{News.ASLEEP}:{until.isoformat()}")


def _escalate(q: Question, turn: Turn) -> Decision:
    """The asker hears the truth: that the moderators know, or that nobody could be told."""
    escalated = replace(q, status=Status.ESCALATED, deadline=turn.now + turn.policy.reminder, reminders=0)
    alerts = tuple(do.AlertModerator(q.id, m, 0) for m in turn.pool.moderators)
    return _tell(Decision(escalated, alerts), News.ESCALATED if alerts else News.UNATTENDED)


def _tell(
    decision: Decision, news: News, *, until: datetime | None = None, about: str = "", once: str = ""
) -> Decision:
    """Tell the asker, but the same thing only once."""
    mark = once or (f"{news}:{about}" if about else news.value)
    q = decision.question
    if mark in q.told:
        return decision
    tell = do.TellAsker(q.id, news, until, about)
    return replace(decision, question=replace(q, told=(*q.told, mark)), effects=(*decision.effects, tell))


def _untold(q: Question) -> tuple[str, ...]:
    """A new search is news again."""
    return tuple(t for t in q.told if t not in (News.ASKING, News.ESCALATED, News.UNATTENDED))


def _close_card(q: Question, end: OfferEnd) -> tuple[Effect, ...]:
    """Close the card of whoever holds the question just now."""
    holder = q.offered_to or q.claimed_by
    return (do.CloseOffer(q.id, holder, q.round, end),) if holder else ()


def _close_suggestions(q: Question) -> tuple[Effect, ...]:
    return (do.CloseSuggestions(q.id),) if q.suggested else ()


def _next_person(q: Question, member: str, result: Result, end: OfferEnd, turn: Turn) -> Decision:
    """On to the next. Whoever had accepted is no longer on it: the asker is told so first."""
    tried = replace(q, tries=(*q.tries, Try(member, result, turn.now)))
    before = Decision(tried, _close_card(q, end))
    if q.status is Status.CLAIMED:
        free = replace(tried, told=tuple(t for t in q.told if t != f"{News.CLAIMED}:{member}"))
        before = _tell(replace(before, question=free), News.STILL_LOOKING, about=member)
    routed = _route(before.question, turn)
    return replace(routed, effects=before.effects + routed.effects)


# --- the steps ------------------------------------------------------------------------------------------


def _only_asker(q: Question, by: str) -> None:
    if by != q.asker:
        raise Refused(Notice.NOT_YOURS)


def _unchanged(q: Question, _event: Any, _turn: Turn) -> Decision:
    return Decision(q)


def _helped(q: Question, event: on.MarkedHelpful, turn: Turn) -> Decision:
    _only_asker(q, event.by)
    if q.outcome is Outcome.HELPED:
        raise Refused(Notice.ALREADY_DONE)
    closed = _closed(q, Outcome.HELPED, turn)
    effects = _close_card(q, OfferEnd.ANSWERED) + _close_suggestions(q)
    engaged = (Engaged("pressed:helped", q.asker),)
    return _tell(Decision(closed, effects, engaged), News.CLOSED, once=f"{News.CLOSED}:{q.version}")


def _closed(q: Question, outcome: Outcome, turn: Turn) -> Question:
    return replace(
        q,
        status=Status.CLOSED,
        outcome=outcome,
        closed_at=turn.now,
        deadline=None,
        offered_to="",
        claimed_by="",
        warned=False,
    )


def _person_wanted(q: Question, event: on.MarkedUnhelpful | on.PersonRequested, turn: Turn) -> Decision:
    """The asker wants a person: no more waiting. From `answered` and `closed` this opens the question again."""
    _only_asker(q, event.by)
    settled = q.status in (Status.ANSWERED, Status.CLOSED)
    if settled and not q.text:  # taken out for good (deleted, a crisis) or forgotten meanwhile: nobody can be asked
        raise Refused(Notice.GONE)
    told = _untold(q) if settled else q.told
    again = replace(q, outcome=None, closed_at=None, answered_at=None, asked_helped=False, told=told)
    routed = _route(again, turn)
    return replace(routed, effects=_close_suggestions(q) + routed.effects)


def _still_on_it(q: Question, event: on.MarkedUnhelpful | on.PersonRequested, turn: Turn) -> Decision:
    """Somebody is being asked already: say so, change nothing."""
    _only_asker(q, event.by)
    known = News.ESCALATED if turn.pool.moderators else News.UNATTENDED
    news = {Status.OFFERED: News.ASKING, Status.CLAIMED: News.CLAIMED, Status.ESCALATED: known}
    return Decision(q, (do.TellAsker(q.id, news[q.status], None, q.claimed_by), *_close_suggestions(q)))


def _claim(q: Question, event: on.OfferAccepted | on.QuestionTaken, turn: Turn) -> Decision:
    """Accepted, also a little late or from the open board: whoever is there first has it."""
    if event.by == q.asker:
        raise Refused(Notice.NOT_YOURS)
    effects: tuple[Effect, ...] = ()
    if q.offered_to and q.offered_to != event.by:
        effects = _close_card(q, OfferEnd.TAKEN)
    lease = turn.policy.claim - turn.policy.claim_warning
    taken = replace(
        q,
        status=Status.CLAIMED,
        claimed_by=event.by,
        offered_to="",
        warned=False,
        deadline=turn.now + lease,
        told=tuple(t for t in q.told if t != f"{News.STILL_LOOKING}:{event.by}"),
    )
    own_card = do.CloseOffer(q.id, event.by, q.round, OfferEnd.ACCEPTED)
    engaged = (Engaged("accepted:question", event.by),)
    decision = Decision(taken, (*effects, own_card, *_close_suggestions(q)), engaged)
    return _tell(decision, News.CLAIMED, about=event.by)


def _claim_taken(q: Question, event: on.OfferAccepted | on.QuestionTaken, _turn: Turn) -> Decision:
    if event.by == q.claimed_by:
        return Decision(q)
    raise Refused(Notice.ALREADY_TAKEN)


def _too_late(_q: Question, _event: Any, _turn: Turn) -> Decision:
    raise Refused(Notice.ALREADY_DONE)


def _passed(q: Question, event: on.OfferPassed, turn: Turn) -> Decision:
    if event.by != q.offered_to:
        return Decision(q)
    return _next_person(q, event.by, Result.PASSED, OfferEnd.PASSED, turn)


def _postponed(q: Question, event: on.OfferPostponed, turn: Turn) -> Decision:
    if event.by != q.offered_to:
        return Decision(q)
    return _next_person(q, event.by, Result.POSTPONED, OfferEnd.POSTPONED, turn)


def _sent(q: Question, event: on.OfferSent, turn: Turn) -> Decision:
    if event.to != q.offered_to or q.deadline is not None:
        return Decision(q)
    return Decision(replace(q, deadline=turn.now + turn.policy.offer))


def _undeliverable(q: Question, event: on.OfferUndeliverable, turn: Turn) -> Decision:
    if event.to != q.offered_to:
        return Decision(q)
    tried = replace(q, tries=(*q.tries, Try(event.to, Result.UNREACHABLE, turn.now)))
    return _route(tried, turn)


def _released(q: Question, event: on.ClaimReleased, turn: Turn) -> Decision:
    if event.by != q.claimed_by:
        raise Refused(Notice.NOT_YOURS)
    return _next_person(q, event.by, Result.RELEASED, OfferEnd.RELEASED, turn)


def _extended(q: Question, event: on.ClaimExtended, turn: Turn) -> Decision:
    if event.by != q.claimed_by:
        raise Refused(Notice.NOT_YOURS)
    lease = turn.policy.claim - turn.policy.claim_warning
    return Decision(replace(q, warned=False, deadline=turn.now + lease))


def _replied(q: Question, event: on.Replied, turn: Turn) -> Decision:
    """A real answer stops the search, whoever it comes from; anything else does not."""
    if not event.answers or event.by == q.asker:
        return Decision(q)
    answered = replace(
        q,
        status=Status.ANSWERED,
        answered_by=(*q.answered_by, event.by) if event.by not in q.answered_by else q.answered_by,
        answered_at=q.answered_at or turn.now,
        deadline=turn.now + turn.policy.ask_helped_after,
        offered_to="",
        claimed_by="",
        warned=False,
    )
    effects = _close_card(q, OfferEnd.ANSWERED) + _close_suggestions(q)
    return Decision(answered, effects, (Engaged("answered:question", event.by),))


def _more_answers(q: Question, event: on.Replied, _turn: Turn) -> Decision:
    if not event.answers or event.by in (q.asker, *q.answered_by):
        return Decision(q)
    engaged = (Engaged("answered:question", event.by),)
    return Decision(replace(q, answered_by=(*q.answered_by, event.by)), (), engaged)


def _answer_gone(q: Question, event: on.AnswerRetracted, turn: Turn) -> Decision:
    """Without any answer left the question is open again, and somebody is looked for."""
    left = tuple(m for m in q.answered_by if m != event.by)
    if event.remaining:
        return Decision(replace(q, answered_by=left))
    tries = (*q.tries, Try(event.by, Result.RELEASED, turn.now))  # not asked again at once
    open_again = replace(q, answered_by=left, answered_at=None, asked_helped=False, told=_untold(q), tries=tries)
    return _route(open_again, turn)


def _reworded(q: Question, event: on.Reworded, turn: Turn) -> Decision:
    """Judged anew. A question that now is about medicines is taken from whoever is no clinician."""
    changed = replace(q, topics=event.topics, medical=event.medical, suggested=event.suggested)
    effects: tuple[Effect, ...] = ()
    if event.suggested != q.suggested:
        open_and_shown = q.status is Status.OPEN and event.suggested
        effects = (do.ShowSuggestions(q.id),) if open_and_shown else _close_suggestions(q)
    holder = q.offered_to or q.claimed_by
    clinicians = {v.member for v in turn.pool.volunteers if v.kind is Kind.CLINICIAN}
    if q.medical or not event.medical or not holder or holder in clinicians:
        return Decision(changed, effects)
    told = tuple(t for t in _untold(q) if t != f"{News.CLAIMED}:{holder}")
    routed = _route(replace(changed, told=told), turn)
    return replace(routed, effects=effects + _close_card(q, OfferEnd.CHANGED) + routed.effects)


def _withdrawn(q: Question, event: on.Withdrawn, turn: Turn) -> Decision:
    _only_asker(q, event.by)
    effects = _close_card(q, OfferEnd.WITHDRAWN) + _close_suggestions(q)
    return Decision(_closed(q, Outcome.WITHDRAWN, turn), effects)


# --- deadlines: each one first checks that it is still the one that was set --------------------------------


def _due(q: Question, event: on.DeadlinePassed, turn: Turn) -> bool:
    return q.deadline == event.deadline and turn.now >= event.deadline


def _search_begins(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    return _route(q, turn) if _due(q, event, turn) else Decision(q)


def _offer_expired(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    if not _due(q, event, turn):
        return Decision(q)
    return _next_person(q, q.offered_to, Result.EXPIRED, OfferEnd.EXPIRED, turn)


def _claim_runs_out(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    """Warned first, then back to the queue, without blame."""
    if not _due(q, event, turn):
        return Decision(q)
    if not q.warned:
        end = turn.now + turn.policy.claim_warning
        warn = do.WarnClaimant(q.id, q.claimed_by, end)
        return Decision(replace(q, warned=True, deadline=end), (warn,))
    return _next_person(q, q.claimed_by, Result.CLAIM_EXPIRED, OfferEnd.CLAIM_EXPIRED, turn)


def _silence(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    """Ask once whether it helped; then silence is unknown."""
    if not _due(q, event, turn):
        return Decision(q)
    if q.asked_helped:
        return Decision(_closed(q, Outcome.UNKNOWN, turn))
    asked = replace(q, asked_helped=True, deadline=turn.now + turn.policy.close_after)
    return Decision(asked, (do.AskWhetherHelped(q.id),))


def _remind(q: Question, event: on.DeadlinePassed, turn: Turn) -> Decision:
    """Look once more for somebody with room; failing that, remind the moderators, as often as the policy says."""
    if not _due(q, event, turn):
        return Decision(q)
    choice = choose(need_of(q, turn), turn.pool.volunteers, turn.now)
    if choice.volunteer is not None:
        return _offer(replace(q, deadline=None), choice.volunteer.member)
    told = turn.pool.moderators
    count = q.reminders + 1 if told else q.reminders  # where nobody can be reminded, the search never ends
    later = turn.now + turn.policy.reminder if not told or count < turn.policy.reminders else None
    if choice.wakes_at is not None:  # somebody could answer and is asleep just now
        later = min(choice.wakes_at, later or choice.wakes_at)
    reminded = Decision(
        replace(q, reminders=count, deadline=later), tuple(do.AlertModerator(q.id, m, count) for m in told)
    )
    return _tell(reminded, News.ESCALATED) if told else reminded


@dataclass(frozen=True, slots=True)
class Transition:
    """A step and the statuses it may lead to (its own included when it may leave the question as it is)."""

    step: Callable[[Question, Any, Turn], Decision]
    leads_to: frozenset[Status] = field(default_factory=frozenset)
    says: str = ""


def _table() -> dict[tuple[Status, type], Transition]:
    """All (status, fact) pairs. A pair that changes nothing is in the table too, with the reason."""
    o, f, c, a, e, x = (
        Status.OPEN,
        Status.OFFERED,
        Status.CLAIMED,
        Status.ANSWERED,
        Status.ESCALATED,
        Status.CLOSED,
    )
    searching = (o, f, e)  # where a search may end up
    late = "the offer has ended"
    always_moves = (_helped, _claim, _withdrawn, _person_wanted)  # or refuse
    rows: list[tuple[type, tuple[Status, ...], Callable[[Question, Any, Turn], Decision], tuple[Status, ...], str]] = [
        (on.MarkedHelpful, (o, f, c, a, e, x), _helped, (x,), "the asker says it helped"),
        (on.MarkedUnhelpful, (o, a, x), _person_wanted, searching, "look for a person, again if need be"),
        (on.MarkedUnhelpful, (f, c, e), _still_on_it, (), "say who is on it"),
        (on.PersonRequested, (o, a, x), _person_wanted, searching, "look for a person, again if need be"),
        (on.PersonRequested, (f, c, e), _still_on_it, (), "say who is on it"),
        (on.OfferAccepted, (o, f, e), _claim, (c,), "theirs, with a lease"),
        (on.OfferAccepted, (c,), _claim_taken, (), "somebody else was first: thanked"),
        (on.OfferAccepted, (a, x), _too_late, (), "settled meanwhile: thanked"),
        (on.OfferPassed, (f,), _passed, searching, "the next person"),
        (on.OfferPassed, (o, c, a, e, x), _unchanged, (), late),
        (on.OfferPostponed, (f,), _postponed, searching, "the next person; this one later again"),
        (on.OfferPostponed, (o, c, a, e, x), _unchanged, (), late),
        (on.OfferSent, (f,), _sent, (f,), "the time to answer begins"),
        (on.OfferSent, (o, c, a, e, x), _unchanged, (), late),
        (on.OfferUndeliverable, (f,), _undeliverable, searching, "the next person, no rung used up"),
        (on.OfferUndeliverable, (o, c, a, e, x), _unchanged, (), late),
        (on.QuestionTaken, (o, f, e), _claim, (c,), "theirs, with a lease"),
        (on.QuestionTaken, (c,), _claim_taken, (), "somebody else was first: thanked"),
        (on.QuestionTaken, (a, x), _too_late, (), "settled meanwhile: thanked"),
        (on.ClaimReleased, (c,), _released, searching, "the next person, without blame"),
        (on.ClaimReleased, (o, f, a, e, x), _unchanged, (), "the claim has ended"),
        (on.ClaimExtended, (c,), _extended, (c,), "a fresh lease"),
        (on.ClaimExtended, (o, f, a, e, x), _unchanged, (), "the claim has ended"),
        (on.Replied, (o, f, c, e), _replied, (a,), "a real answer ends the search"),
        (on.Replied, (a, x), _more_answers, (), "one more answer is noted"),
        (on.AnswerRetracted, (a,), _answer_gone, searching, "no answer left: look for a person again"),
        (on.AnswerRetracted, (o, f, c, e, x), _unchanged, (), "it was not what settled the question"),
        (on.Reworded, (o, e), _reworded, (), "judged anew"),
        (on.Reworded, (f, c), _reworded, searching, "judged anew; a clinician is looked for if it needs one now"),
        (on.Reworded, (a, x), _unchanged, (), "settled already"),
        (on.Withdrawn, (o, f, c, a, e), _withdrawn, (x,), "the asker took it back"),
        (on.Withdrawn, (x,), _unchanged, (), "closed already"),
        (on.DeadlinePassed, (o,), _search_begins, searching, "look for a person"),
        (on.DeadlinePassed, (f,), _offer_expired, searching, "the next person"),
        (on.DeadlinePassed, (c,), _claim_runs_out, searching, "a warning, then the next person"),
        (on.DeadlinePassed, (a,), _silence, (x,), "ask once whether it helped, then close as unknown"),
        (on.DeadlinePassed, (e,), _remind, (f,), "look again, or remind the moderators"),
        (on.DeadlinePassed, (x,), _unchanged, (), "closed already"),
    ]
    return {
        (status, fact): Transition(
            step, frozenset(leads_to) if step in always_moves else frozenset({*leads_to, status}), says
        )
        for fact, statuses, step, leads_to, says in rows
        for status in statuses
    }


TRANSITIONS = _table()
