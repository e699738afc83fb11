"""Looking for a person: whom to ask next, and what the asker is told meanwhile. A part of the life of a question
(bot.questions) and, like it, pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot import effects as do
from bot.effects import Effect
from bot.news import News, OfferEnd
from bot.question import Decision, Question, Result, Status, Try, Turn
from bot.routing import Choice, Need, Rung, wakes_at

A_NIGHT = timedelta(days=1)  # a moderator who is back later than this is away, and does not hold up a question
UNTOLD = "moderators_asleep"  # among what the asker was told: the moderators hear of it when they are up


def need_of(question: Question, turn: Turn, rung: Rung = Rung.PEERS) -> Need:
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
        rung,
        turn.blocked,
        turn.vector,
        turn.only_in,
    )


def whom(q: Question, turn: Turn, *, beyond: bool = False) -> Choice:
    """Peers first, so many of them as the policy says. When they are used up, or all asleep for longer than it lets
    the asker wait, clinicians and moderators who volunteer; a medical question goes to clinicians only. `beyond` the
    number of people the policy lets ask: when all else has been tried."""
    asked = 0 if beyond else sum(t.result is not Result.UNREACHABLE for t in q.tries)
    limit = turn.policy.offers_per_question
    peers = Choice(None, f"{asked} people have been asked, as many as the policy allows")
    if asked < limit:
        peers = turn.pool.volunteers.choose(need_of(q, turn), turn.now)
    if peers.volunteer is not None or q.medical or asked >= limit + turn.policy.lead_offers:
        return peers
    patience = timedelta(0) if q.urgent else turn.policy.wait_for_peers
    if peers.wakes_at is not None and peers.wakes_at <= turn.now + patience:
        return peers
    leads = turn.pool.volunteers.choose(need_of(q, turn, Rung.LEADS), turn.now)
    if leads.volunteer is not None or peers.wakes_at is None:
        return leads if leads.volunteer is not None or leads.wakes_at is not None else peers
    first = min(peers.wakes_at, leads.wakes_at or peers.wakes_at)
    return replace(peers, wakes_at=first, asleep=peers.asleep + leads.asleep)


def begin(q: Question, turn: Turn) -> Decision:
    """Show what the library has and leave the asker some time with it, or look for a person at once. A link to where
    the same was answered before holds nobody up."""
    if not q.suggested:
        routed = route(q, turn)
        return replace(routed, effects=show_earlier(q) + routed.effects)
    wait = turn.policy.alone_for(q.urgent)
    return Decision(replace(q, deadline=turn.now + wait), (do.ShowSuggestions(q.id),))


def route(q: Question, turn: Turn) -> Decision:
    base = replace(q, status=Status.OPEN, offered_to="", claimed_by="", handed_by="", warned=False, deadline=None)
    choice = whom(base, turn)
    if choice.volunteer is not None:
        found = offer(base, choice.volunteer.member)
    elif choice.wakes_at is not None:
        found = wait(base, choice.wakes_at, choice.asleep)
    else:
        found = escalate(base, turn)
    return replace(found, why=choice.why)


def offer(q: Question, member: str, handed_by: str = "") -> Decision:
    """Without a deadline: it begins when the card has reached them (OfferSent)."""
    offered = replace(q, status=Status.OFFERED, offered_to=member, handed_by=handed_by, round=q.round + 1)
    return tell(Decision(offered, (do.OfferQuestion(q.id, member, offered.round),)), News.ASKING)


def wait(q: Question, until: datetime, asleep: int) -> Decision:
    waiting = replace(q, deadline=until)
    mark = f"{News.ASLEEP}:{until.isoformat()}"
    return tell(Decision(waiting), News.ASLEEP, until=until, once=mark, count=asleep)


def escalate(q: Question, turn: Turn) -> Decision:
    """The asker hears the truth: that the moderators know, or when they will, or that nobody could be told; and who had
    it until just now."""
    told, until = up(turn)
    later = until or turn.now + turn.policy.reminded_after(q.urgent)
    alerts = tuple(do.AlertModerator(q.id, m, 0) for m in told)
    escalated = replace(q, status=Status.ESCALATED, deadline=later, reminders=0)
    if until is not None and UNTOLD not in q.told:
        escalated = replace(escalated, told=(*q.told, UNTOLD))
    news = News.ESCALATED if turn.pool.moderators else News.UNATTENDED
    return tell(Decision(escalated, alerts), news, until=until, about=_lost_by(q, turn), once=news.value)


def up(turn: Turn) -> tuple[tuple[str, ...], datetime | None]:
    """The moderators who are not in quiet hours of their own; where all of them are, until when. Somebody who set none
    is always up, and so are all of them where the first is back in more than a day: no question is left lying."""
    backs = {m: _back(m, turn) for m in turn.pool.moderators}
    told = tuple(m for m, back in backs.items() if back <= turn.now)
    if told or not backs:
        return told, None
    first = min(backs.values())
    return ((), first) if first <= turn.now + A_NIGHT else (turn.pool.moderators, None)


def _back(member: str, turn: Turn) -> datetime:
    known = turn.pool.volunteers.get(member)
    return wakes_at(known, turn.now) if known is not None else turn.now


def _lost_by(q: Question, turn: Turn) -> str:
    """Who had taken it until just now, when the asker has been told that they had."""
    last = q.tries[-1] if q.tries else None
    if last is None or last.ended_at != turn.now or f"{News.STILL_LOOKING}:{last.member}" not in q.told:
        return ""
    return last.member if last.result in (Result.RELEASED, Result.CLAIM_EXPIRED) else ""


def found(q: Question, by: str) -> tuple[str, ...]:
    """Somebody has it: when they lose it again, all of this is news again."""
    old = (f"{News.STILL_LOOKING}:{by}", f"{News.HANDED_ON}:{by}", News.ESCALATED, News.UNATTENDED, UNTOLD)
    return tuple(t for t in q.told if t not in old)


def tell(
    decision: Decision,
    news: News,
    *,
    until: datetime | None = None,
    about: str = "",
    once: str = "",
    count: int = 0,
) -> Decision:
    """Tell the asker, but the same thing only once."""
    mark = once or (f"{news}:{about}" if about else news.value)
    q = decision.question
    if mark in q.told:
        return decision
    wish = do.TellAsker(q.id, news, until, about, count)
    return replace(decision, question=replace(q, told=(*q.told, mark)), effects=(*decision.effects, wish))


def untold(q: Question) -> tuple[str, ...]:
    """A new search is news again."""
    return tuple(t for t in q.told if t not in (News.ASKING, News.ESCALATED, News.UNATTENDED, UNTOLD))


def close_card(q: Question, end: OfferEnd) -> tuple[Effect, ...]:
    """Close the card of whoever holds the question just now."""
    holder = q.offered_to or q.claimed_by
    return (do.CloseOffer(q.id, holder, q.round, end),) if holder else ()


def close_suggestions(q: Question) -> tuple[Effect, ...]:
    return (do.CloseSuggestions(q.id),) if q.suggested else ()


def show_earlier(q: Question) -> tuple[Effect, ...]:
    return (do.ShowEarlier(q.id),) if q.earlier else ()


def close_shown(q: Question) -> tuple[Effect, ...]:
    """What was shown has no buttons any more. (That somebody has the question leaves the link to an earlier one as it
    is: whoever finds there what they need says so, and nobody writes in vain.)"""
    return close_suggestions(q) + ((do.CloseEarlier(q.id),) if q.earlier else ())


def show_post(q: Question) -> tuple[Effect, ...]:
    """The post of a question without a name shows how the question stands."""
    return (do.PostQuestion(q.id),) if q.pseudonym and not q.private else ()


def next_person(q: Question, member: str, result: Result, end: OfferEnd, turn: Turn) -> Decision:
    """On to the next. Whoever had accepted is no longer on it: the asker is told so first."""
    tried = replace(q, tries=(*q.tries, Try(member, result, turn.now)))
    before = Decision(tried, close_card(q, end))
    if q.status is Status.CLAIMED:
        free = replace(tried, told=tuple(t for t in q.told if t != f"{News.CLAIMED}:{member}"))
        before = tell(replace(before, question=free), News.STILL_LOOKING, about=member)
    routed = route(before.question, turn)
    return replace(routed, effects=before.effects + routed.effects)
