"""The life of a question: `ask` begins it, `decide` is the only code that changes a status (by the
steps of bot.moves, bot.deadlines and bot.searching).

Rules this file keeps:
- Pure: state and facts in, state and wishes out. `now` is given; nothing is performed.
- A stale fact (the card of an offer that has ended) leaves the question as it is.
- A contradictory one (somebody else pressing the asker's button) raises `Refused` and changes nothing.
- A question asked without a name has no place until the bot has posted it; nobody is asked before that.
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

from bot import deadlines, moves
from bot import effects as do
from bot import events as on
from bot.events import QuestionEvent
from bot.news import News
from bot.question import Decision, Engaged, Outcome, Question, Status, Turn
from bot.searching import begin


def ask(question: Question, turn: Turn) -> Decision:
    """The beginning: show what the library has and leave the asker some time with it, or look for a person at once."""
    asked = (Engaged("asked:question", question.asker),)
    begun = begin(question, turn)
    return replace(begun, engaged=asked + begun.engaged)


def ask_without_name(question: Question, *, doubtful: bool) -> Decision:
    """The beginning of a question that the bot posts itself: it goes on when the post is there (QuestionPosted)."""
    asked = (Engaged("asked:question", question.asker),)
    return Decision(question, (do.PostQuestion(question.id, doubtful),), asked)


def hold_back(question: Question, now: datetime) -> Decision:
    """The beginning of a question without a name that the bot does not post: kept for its asker alone, as if taken
    back, until they want a person to be asked in private (PersonRequested)."""
    held = replace(question, status=Status.CLOSED, outcome=Outcome.WITHDRAWN, closed_at=now, private=True, pseudonym="")
    return Decision(held, (do.TellAsker(held.id, News.HELD_BACK),), (Engaged("asked:question", held.asker),))


def decide(question: Question, event: QuestionEvent, turn: Turn) -> Decision:
    """What becomes of the question when `event` befalls it. Raises Refused when the fact contradicts it."""
    step = TRANSITIONS[question.status, type(event)].step
    decision = step(question, event, turn)
    if decision.question == question:
        return decision
    return replace(decision, question=replace(decision.question, version=question.version + 1))


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
    never_stays = (
        moves.helped,
        moves.claim,
        moves.released,
        moves.handed_over,
        moves.withdrawn,
        moves.person_wanted,
        moves.too_late,
    )
    rows: list[tuple[type, tuple[Status, ...], Callable[[Question, Any, Turn], Decision], tuple[Status, ...], str]] = [
        (on.MarkedHelpful, (o, f, c, a, e, x), moves.helped, (x,), "the asker says it helped"),
        (on.MarkedUnhelpful, (o, a, x), moves.person_wanted, searching, "look for a person, again if need be"),
        (on.MarkedUnhelpful, (f, c, e), moves.still_on_it, (), "say who is on it"),
        (on.PersonRequested, (o, a, x), moves.person_wanted, searching, "look for a person, again if need be"),
        (on.PersonRequested, (f, c, e), moves.still_on_it, (), "say who is on it"),
        (on.OfferAccepted, (o, f, e), moves.claim, (c,), "theirs, with a lease"),
        (on.OfferAccepted, (c,), moves.claim_taken, (), "somebody else was first: thanked"),
        (on.OfferAccepted, (a, x), moves.too_late, (), "settled meanwhile: thanked"),
        (on.OfferPassed, (f,), moves.passed, searching, "the next person"),
        (on.OfferPassed, (o, c, a, e, x), moves.unchanged, (), late),
        (on.OfferPostponed, (f,), moves.postponed, searching, "the next person; this one later again"),
        (on.OfferPostponed, (o, c, a, e, x), moves.unchanged, (), late),
        (on.OfferSent, (f,), moves.sent, (f,), "the time to answer begins"),
        (on.OfferSent, (o, c, a, e, x), moves.unchanged, (), late),
        (on.OfferUndeliverable, (f,), moves.undeliverable, searching, "the next person, no rung used up"),
        (on.OfferUndeliverable, (o, c, a, e, x), moves.unchanged, (), late),
        (on.QuestionTaken, (o, f, e), moves.claim, (c,), "theirs, with a lease"),
        (on.QuestionTaken, (c,), moves.claim_taken, (), "somebody else was first: thanked"),
        (on.QuestionTaken, (a, x), moves.too_late, (), "settled meanwhile: thanked"),
        (on.ClaimReleased, (c,), moves.released, searching, "the next person, without blame"),
        (on.ClaimReleased, (o, f, a, e, x), moves.unchanged, (), "the claim has ended"),
        (on.ClaimExtended, (c,), moves.extended, (c,), "a fresh lease"),
        (on.ClaimExtended, (o, f, a, e, x), moves.unchanged, (), "the claim has ended"),
        (on.HandedOver, (c,), moves.handed_over, (o, f, e), "somebody they named is asked; may say no"),
        (on.HandedOver, (o, f, a, e, x), moves.too_late, (), "the claim has ended"),
        (on.Replied, (o, f, c, e), moves.replied, (a,), "a real answer ends the search"),
        (on.Replied, (a, x), moves.more_answers, (), "one more answer is noted"),
        (on.AnswerRetracted, (a,), moves.answer_gone, searching, "no answer left: look for a person again"),
        (on.AnswerRetracted, (o, f, c, e, x), moves.unchanged, (), "it was not what settled the question"),
        (on.Reworded, (o, e), moves.reworded, (), "judged anew"),
        (on.Reworded, (f, c), moves.reworded, searching, "a clinician is looked for if it needs one now"),
        (on.Reworded, (a, x), moves.unchanged, (), "settled already"),
        (on.Withdrawn, (o, f, c, a, e), moves.withdrawn, (x,), "the asker took it back"),
        (on.Withdrawn, (x,), moves.unchanged, (), "closed already"),
        (on.QuestionPosted, (o,), moves.posted, searching, "it has a place: show what there is, or look for a person"),
        (on.QuestionPosted, (f, c, a, e, x), moves.placed, (), "it has a place"),
        (on.QuestionUnpostable, (o,), moves.unpostable, searching, "it goes on in private"),
        (on.QuestionUnpostable, (f, c, a, e, x), moves.unchanged, (), "it has moved on"),
        (on.ChannelLost, (o, f, c, e), moves.channel_lost, (e,), "it goes on in private; the moderators are told"),
        (on.ChannelLost, (a, x), moves.unchanged, (), "settled already"),
        (on.Unwanted, (f, c), moves.unwanted, searching, "the next person; nobody is told why"),
        (on.Unwanted, (o, a, e, x), moves.unchanged, (), "nobody has it"),
        (on.DeadlinePassed, (o,), deadlines.search_begins, searching, "look for a person"),
        (on.DeadlinePassed, (f,), deadlines.offer_expired, searching, "the next person"),
        (on.DeadlinePassed, (c,), deadlines.claim_runs_out, searching, "a warning, then the next person"),
        (on.DeadlinePassed, (a,), deadlines.silence, (x,), "ask once whether it helped, then close as unknown"),
        (on.DeadlinePassed, (e,), deadlines.remind, (f,), "look again, or remind the moderators"),
        (on.DeadlinePassed, (x,), moves.unchanged, (), "closed already"),
    ]
    return {
        (status, fact): Transition(
            step, frozenset(leads_to) if step in never_stays else frozenset({*leads_to, status}), says
        )
        for fact, statuses, step, leads_to, says in rows
        for status in statuses
    }


TRANSITIONS = _table()
