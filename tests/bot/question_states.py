"""A question in each status, and short ways to say what changes in it. For question_cases*.py."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot import effects as do
from bot.effects import Effect
from bot.events import QuestionEvent
from bot.news import News, OfferEnd
from bot.policy import Policy
from bot.question import Engaged, Outcome, Question, Result, Status, Try, Turn
from tests.fakes.values import (
    DAY,
    KOFI,
    MINUTE,
    NOON,
    TESS,
    question,
    turn,
    volunteer,
)

POLICY = Policy()
SOON = NOON + 10 * MINUTE
KOFI_FREE = turn(volunteer("kofi"))
NOBODY = turn()
LEASE = NOON + POLICY.claim - POLICY.claim_warning

BEFORE = {
    Status.OPEN: question(deadline=SOON, suggested=("r1",)),
    Status.OFFERED: question(status=Status.OFFERED, offered_to=TESS, round=1, deadline=SOON, told=("asking",)),
    Status.CLAIMED: question(
        status=Status.CLAIMED, claimed_by=TESS, round=1, deadline=SOON, told=("asking", f"claimed:{TESS}")
    ),
    Status.ANSWERED: question(
        status=Status.ANSWERED, answered_by=(TESS,), answered_at=NOON, round=1, deadline=SOON, told=("asking",)
    ),
    Status.ESCALATED: question(status=Status.ESCALATED, deadline=SOON, told=("escalated",)),
    Status.CLOSED: question(status=Status.CLOSED, outcome=Outcome.UNKNOWN, closed_at=NOON),
}
OPEN, OFFERED, CLAIMED, ANSWERED, ESCALATED, CLOSED = BEFORE.values()
FREE = {"offered_to": "", "claimed_by": "", "warned": False}
SHUT = {**FREE, "status": Status.CLOSED, "closed_at": NOON, "deadline": None}
OFF = do.CloseSuggestions("q1")
LINK, UNLINKED = do.ShowEarlier("q1"), do.CloseEarlier("q1")


@dataclass(frozen=True)
class Case:
    says: str
    before: Question
    event: QuestionEvent
    changes: dict[str, Any] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    engaged: tuple[Engaged, ...] = ()
    turn: Turn = KOFI_FREE


def later(moment: datetime, *volunteers: Any, **more: Any) -> Turn:
    return turn(*volunteers, now=moment, **more)


def tell(news: News, until: datetime | None = None, about: str = "", count: int = 0) -> do.TellAsker:
    return do.TellAsker("q1", news, until, about, count)


def close(to: str, end: OfferEnd, round_: int = 1) -> do.CloseOffer:
    return do.CloseOffer("q1", to, round_, end)


def ended(before: Question, result: Result, at: datetime = NOON, who: str = TESS) -> tuple[Try, ...]:
    return (*before.tries, Try(who, result, at))


def offered(before: Question, to: str = KOFI, **more: Any) -> dict[str, Any]:
    """What asking the next person changes."""
    told = before.told if "asking" in before.told else (*before.told, "asking")
    asked = {"status": Status.OFFERED, "offered_to": to, "round": before.round + 1, "deadline": None, "told": told}
    return {**FREE, **asked, **more}


def escalated(before: Question, at: datetime = NOON, **more: Any) -> dict[str, Any]:
    told = (*before.told, "escalated")
    return {**FREE, "status": Status.ESCALATED, "deadline": at + DAY, "reminders": 0, "told": told, **more}


ASKED = (do.OfferQuestion("q1", KOFI, 1), tell(News.ASKING))
NEXT_OFFER = do.OfferQuestion("q1", KOFI, 2)
LOOKING = tell(News.STILL_LOOKING, about=TESS)
UNCLAIMED = ("asking", f"still_looking:{TESS}")
