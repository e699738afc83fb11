"""What each fact does to a question: one pure step a kind. bot.questions says which step is for which status."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import effects as do
from bot import events as on
from bot.effects import Effect
from bot.news import News, Notice, OfferEnd
from bot.question import Decision, Engaged, Outcome, Question, Refused, Result, Status, Try, Turn
from bot.routing import Kind
from bot.searching import (
    UNTOLD,
    begin,
    close_card,
    close_shown,
    close_suggestions,
    escalate,
    found,
    next_person,
    offer,
    route,
    show_post,
    tell,
    untold,
)


def _only_asker(q: Question, by: str) -> None:
    if by != q.asker:
        raise Refused(Notice.NOT_YOURS)


def unchanged(q: Question, _event: Any, _turn: Turn) -> Decision:
    return Decision(q)


def helped(q: Question, event: on.MarkedHelpful, turn: Turn) -> Decision:
    _only_asker(q, event.by)
    if q.outcome in (Outcome.HELPED, Outcome.WITHDRAWN):  # what was taken back stays so
        raise Refused(Notice.ALREADY_DONE)
    done = closed(q, Outcome.HELPED, turn)
    effects = close_card(q, OfferEnd.ANSWERED) + close_shown(q)
    engaged = (Engaged("pressed:helped", q.asker),)
    return tell(Decision(done, effects, engaged), News.CLOSED, once=f"{News.CLOSED}:{q.version}")


def closed(q: Question, outcome: Outcome, turn: Turn) -> Question:
    return replace(
        q,
        status=Status.CLOSED,
        outcome=outcome,
        closed_at=turn.now,
        deadline=None,
        offered_to="",
        claimed_by="",
        handed_by="",
        warned=False,
    )


def person_wanted(q: Question, event: on.MarkedUnhelpful | on.PersonRequested, turn: Turn) -> Decision:
    """The asker wants a person: no more waiting. From `answered` and `closed` this opens the question again."""
    _only_asker(q, event.by)
    settled = q.status in (Status.ANSWERED, Status.CLOSED)
    if settled and not q.text:  # taken out for good (deleted, a crisis) or forgotten meanwhile: nobody can be asked
        raise Refused(Notice.GONE)
    if q.unposted:  # as soon as it stands in the channel somebody is looked for anyway
        raise Refused(Notice.GONE if settled else Notice.NOTED)
    told = untold(q) if settled else q.told
    again = replace(q, outcome=None, closed_at=None, answered_at=None, asked_helped=False, told=told)
    routed = route(again, turn)
    shown_again = show_post(q) if q.outcome is Outcome.WITHDRAWN else ()
    return replace(routed, effects=close_shown(q) + shown_again + routed.effects)


def still_on_it(q: Question, event: on.MarkedUnhelpful | on.PersonRequested, turn: Turn) -> Decision:
    """Somebody is being asked already: say so, change nothing."""
    _only_asker(q, event.by)
    known = News.ESCALATED if turn.pool.moderators else News.UNATTENDED
    news = {Status.OFFERED: News.ASKING, Status.CLAIMED: News.CLAIMED, Status.ESCALATED: known}
    until = q.deadline if UNTOLD in q.told else None
    return Decision(q, (do.TellAsker(q.id, news[q.status], until, q.claimed_by), *close_shown(q)))


def claim(q: Question, event: on.OfferAccepted | on.QuestionTaken, turn: Turn) -> Decision:
    """Accepted, also a little late or from the open board: whoever is there first has it."""
    if event.by == q.asker:
        raise Refused(Notice.NOT_YOURS)
    if q.unposted:
        raise Refused(Notice.GONE)  # nobody was shown it yet
    effects: tuple[Effect, ...] = ()
    if q.offered_to and q.offered_to != event.by:
        effects = close_card(q, OfferEnd.TAKEN)
    lease = turn.policy.lease(q.urgent)
    taken = replace(
        q,
        status=Status.CLAIMED,
        claimed_by=event.by,
        offered_to="",
        handed_by="",
        warned=False,
        deadline=turn.now + lease,
        told=found(q, event.by),
    )
    own_card = do.CloseOffer(q.id, event.by, q.round, OfferEnd.ACCEPTED)
    engaged = (Engaged("accepted:question", event.by),)
    decision = Decision(taken, (*effects, own_card, *close_suggestions(q)), engaged)
    return tell(decision, News.CLAIMED, about=event.by)


def claim_taken(q: Question, event: on.OfferAccepted | on.QuestionTaken, _turn: Turn) -> Decision:
    if event.by == q.claimed_by:
        return Decision(q)
    raise Refused(Notice.ALREADY_TAKEN)


def too_late(_q: Question, _event: Any, _turn: Turn) -> Decision:
    raise Refused(Notice.ALREADY_DONE)


def passed(q: Question, event: on.OfferPassed, turn: Turn) -> Decision:
    if event.by != q.offered_to:
        return Decision(q)
    return next_person(q, event.by, Result.PASSED, OfferEnd.PASSED, turn)


def postponed(q: Question, event: on.OfferPostponed, turn: Turn) -> Decision:
    if event.by != q.offered_to:
        return Decision(q)
    return next_person(q, event.by, Result.POSTPONED, OfferEnd.POSTPONED, turn)


def sent(q: Question, event: on.OfferSent, turn: Turn) -> Decision:
    if event.to != q.offered_to or q.deadline is not None:
        return Decision(q)
    return Decision(replace(q, deadline=turn.now + turn.policy.offered_for(q.urgent)))


def undeliverable(q: Question, event: on.OfferUndeliverable, turn: Turn) -> Decision:
    if event.to != q.offered_to:
        return Decision(q)
    if event.asleep:  # when they wake they may be asked again
        return route(q, turn)
    tried = replace(q, tries=(*q.tries, Try(event.to, Result.UNREACHABLE, turn.now)))
    return route(tried, turn)


def released(q: Question, event: on.ClaimReleased, turn: Turn) -> Decision:
    if event.by != q.claimed_by:
        raise Refused(Notice.NOT_YOURS)
    return next_person(q, event.by, Result.RELEASED, OfferEnd.RELEASED, turn)


def extended(q: Question, event: on.ClaimExtended, turn: Turn) -> Decision:
    if event.by != q.claimed_by:
        raise Refused(Notice.NOT_YOURS)
    lease = turn.policy.lease(q.urgent)
    return Decision(replace(q, warned=False, deadline=turn.now + lease))


def handed_over(q: Question, event: on.HandedOver, turn: Turn) -> Decision:
    """The one who was named is asked next. Naming the asker, unknowingly, looks the same from outside as naming
    somebody who passes at once: nobody finds out by naming people who it was that asked, or whom they have blocked."""
    if event.by != q.claimed_by:
        raise Refused(Notice.NOT_YOURS)
    tries = (*q.tries, Try(event.by, Result.RELEASED, turn.now))
    free = tuple(t for t in q.told if t != f"{News.CLAIMED}:{event.by}")
    before = Decision(replace(q, tries=tries, told=free), close_card(q, OfferEnd.HANDED_OVER))
    before = tell(before, News.HANDED_ON, about=event.by)
    handed = replace(before.question, claimed_by="", warned=False, deadline=None)
    if event.to_asker or event.to == q.asker:
        after = route(replace(handed, tries=(*tries, Try(event.to, Result.PASSED, turn.now))), turn)
    else:
        after = offer(handed, event.to, handed_by=event.by)
    return replace(after, effects=before.effects + after.effects, why="handed over by the one who had it")


def replied(q: Question, event: on.Replied, turn: Turn) -> Decision:
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
        handed_by="",
        warned=False,
    )
    effects = close_card(q, OfferEnd.ANSWERED) + close_shown(q)
    return Decision(answered, effects, (Engaged("answered:question", event.by),))


def more_answers(q: Question, event: on.Replied, _turn: Turn) -> Decision:
    if not event.answers or event.by in (q.asker, *q.answered_by):
        return Decision(q)
    engaged = (Engaged("answered:question", event.by),)
    return Decision(replace(q, answered_by=(*q.answered_by, event.by)), (), engaged)


def answer_gone(q: Question, event: on.AnswerRetracted, turn: Turn) -> Decision:
    """Without any answer left the question is open again, and somebody is looked for."""
    left = tuple(m for m in q.answered_by if m != event.by)
    if event.remaining:
        return Decision(replace(q, answered_by=left))
    tries = (*q.tries, Try(event.by, Result.RELEASED, turn.now))  # not asked again at once
    open_again = replace(q, answered_by=left, answered_at=None, asked_helped=False, told=untold(q), tries=tries)
    return route(open_again, turn)


def reworded(q: Question, event: on.Reworded, turn: Turn) -> Decision:
    """Judged anew: edited, or more was said. What is found now is shown also while people are asked, and whoever holds
    it sees the words as they are. A question that now is about medicines is taken from whoever is no clinician."""
    judged = replace(q, topics=event.topics, medical=event.medical, suggested=event.suggested)
    changed = replace(judged, earlier=event.earlier)
    effects: tuple[Effect, ...] = ()
    if event.suggested != q.suggested:
        nobody_has_it = q.status in (Status.OPEN, Status.OFFERED, Status.ESCALATED)
        effects = (do.ShowSuggestions(q.id),) if nobody_has_it and event.suggested else close_suggestions(q)
    if event.earlier != q.earlier:  # shown anew it is another thread's, or taken back
        effects = (*effects, do.ShowEarlier(q.id))
    holder = q.offered_to or q.claimed_by
    known = turn.pool.volunteers.get(holder)
    fit = known is not None and known.kind is Kind.CLINICIAN
    if q.medical or not event.medical or not holder or fit:
        return Decision(changed, effects + _card_anew(q))
    told = tuple(t for t in untold(q) if t != f"{News.CLAIMED}:{holder}")
    routed = route(replace(changed, told=told), turn)
    return replace(routed, effects=effects + close_card(q, OfferEnd.CHANGED) + routed.effects)


def _card_anew(q: Question) -> tuple[Effect, ...]:
    """The card of whoever is asked, or has taken it, with the words as they are now."""
    if q.status is Status.OFFERED:
        return (do.ChangeOffer(q.id, q.offered_to, q.round),)
    return close_card(q, OfferEnd.ACCEPTED) if q.status is Status.CLAIMED else ()


def withdrawn(q: Question, event: on.Withdrawn, turn: Turn) -> Decision:
    _only_asker(q, event.by)
    effects = close_card(q, OfferEnd.WITHDRAWN) + close_shown(q) + show_post(q)
    return Decision(closed(q, Outcome.WITHDRAWN, turn), effects)


# --- asked without a name, and channels that are lost -------------------------------------------------------


def posted(q: Question, event: on.QuestionPosted, turn: Turn) -> Decision:
    """The bot's post stands in the channel: the asker hears so, and the question begins as any other."""
    if not q.unposted:
        return Decision(q)
    told = tell(Decision(replace(q, place=event.place)), News.POSTED)
    begun = begin(told.question, turn)
    return replace(begun, effects=told.effects + begun.effects)


def placed(q: Question, event: on.QuestionPosted, _turn: Turn) -> Decision:
    """Settled while the post was on its way: the post shows so."""
    if not q.unposted:
        return Decision(q)
    return Decision(replace(q, place=event.place), (do.PostQuestion(q.id),))


def unpostable(q: Question, _event: on.QuestionUnpostable, turn: Turn) -> Decision:
    """The asker still gets an answer, and their name stays hidden: from here on it is a private question."""
    if not q.unposted:
        return Decision(q)
    told = tell(Decision(replace(q, private=True)), News.NOT_POSTED)
    begun = begin(told.question, turn)
    return replace(begun, effects=told.effects + begun.effects)


def channel_lost(q: Question, _event: on.ChannelLost, turn: Turn) -> Decision:
    """Nobody can answer there any more: open cards are closed, the moderators know, and whoever takes the question
    now answers through the bot."""
    if q.private:
        return Decision(q)
    free = replace(q, private=True, offered_to="", claimed_by="", handed_by="", warned=False, told=untold(q))
    told = tell(Decision(free, close_card(q, OfferEnd.CHANNEL_LOST)), News.CHANNEL_LOST)
    escalated = escalate(told.question, turn)
    return replace(escalated, effects=told.effects + escalated.effects)


# --- whom the asker does not want to hear from ---------------------------------------------------------------


def unwanted(q: Question, event: on.Unwanted, turn: Turn) -> Decision:
    """It looks as if their time had run out: nobody is told that they were blocked, nor the asker that somebody could
    not get to it."""
    holder = q.offered_to or q.claimed_by
    if holder not in event.members:
        return Decision(q)
    claimed = q.status is Status.CLAIMED
    result, end = (Result.CLAIM_EXPIRED, OfferEnd.CLAIM_EXPIRED) if claimed else (Result.EXPIRED, OfferEnd.EXPIRED)
    told = tuple(t for t in untold(q) if t != f"{News.CLAIMED}:{holder}") if claimed else q.told
    routed = route(replace(q, tries=(*q.tries, Try(holder, result, turn.now)), told=told), turn)
    return replace(routed, effects=close_card(q, end) + routed.effects)
