"""(status, fact) pairs with what must come of them: what the asker presses, and what volunteers do."""

from datetime import time
from typing import Any

from question_states import (
    ANSWERED,
    ASKED,
    CLAIMED,
    CLOSED,
    ESCALATED,
    FREE,
    LEASE,
    LOOKING,
    NEXT_OFFER,
    NOBODY,
    OFF,
    OFFERED,
    OPEN,
    POLICY,
    SHUT,
    UNCLAIMED,
    Case,
    close,
    ended,
    escalated,
    offered,
    tell,
)

from bot import effects as do
from bot import events as on
from bot.effects import Effect
from bot.news import News, OfferEnd
from bot.question import Engaged, Outcome, Question, Result, Status
from bot.routing import Quiet
from tests.fakes.values import (
    DANA,
    HOUR,
    KOFI,
    MODA,
    NOON,
    TESS,
    question,
    turn,
    volunteer,
)


def helped(before: Question, *effects: Effect) -> Case:
    glad = {"told": (*before.told, f"closed:{before.version}"), "outcome": Outcome.HELPED}
    engaged = (Engaged("pressed:helped", DANA),)
    return Case(
        "the asker says it helped",
        before,
        on.MarkedHelpful(DANA),
        {**SHUT, **glad},
        (*effects, tell(News.CLOSED)),
        engaged,
    )


HELPED = [
    helped(OPEN, OFF),
    helped(OFFERED, close(TESS, OfferEnd.ANSWERED)),
    helped(CLAIMED, close(TESS, OfferEnd.ANSWERED)),
    helped(ANSWERED),
    helped(ESCALATED),
    helped(CLOSED),
]

AGAIN = {"outcome": None, "closed_at": None, "answered_at": None, "asked_helped": False}
PERSON_WANTED = [
    case
    for fact in (on.MarkedUnhelpful, on.PersonRequested)
    for case in (
        Case("a person is asked", OPEN, fact(DANA), offered(OPEN), (OFF, *ASKED)),
        Case(
            "asked again after an answer that did not help",
            ANSWERED,
            fact(DANA),
            offered(ANSWERED, **AGAIN, told=("asking",)),
            (do.OfferQuestion("q1", KOFI, 2), tell(News.ASKING)),
        ),
        Case("opened again", CLOSED, fact(DANA), offered(CLOSED, **AGAIN), ASKED),
        Case("somebody is being asked: said again", OFFERED, fact(DANA), {}, (tell(News.ASKING),)),
        Case("somebody has it: said again", CLAIMED, fact(DANA), {}, (tell(News.CLAIMED, about=TESS),)),
        Case("the moderators know: said again", ESCALATED, fact(DANA), {}, (tell(News.ESCALATED),)),
        Case(
            "nobody is there at all: the moderators are told",
            OPEN,
            fact(DANA),
            escalated(OPEN),
            (OFF, do.AlertModerator("q1", MODA, 0), tell(News.ESCALATED)),
            turn=NOBODY,
        ),
        Case(
            "everybody sleeps: the asker is told until when",
            OPEN,
            fact(DANA),
            {"deadline": NOON + 2 * HOUR, "told": (f"asleep:{(NOON + 2 * HOUR).isoformat()}",)},
            (OFF, tell(News.ASLEEP, NOON + 2 * HOUR, count=1)),
            turn=turn(volunteer("kofi", quiet=(Quiet(2, time(9), time(14)),))),
        ),
    )
]


def claimed(before: Question, by: str = KOFI) -> dict[str, Any]:
    told = (*(t for t in before.told if t != "escalated"), f"claimed:{by}")
    return {**FREE, "status": Status.CLAIMED, "claimed_by": by, "deadline": LEASE, "told": told}


TOOK = (Engaged("accepted:question", KOFI),)
HAS_IT = tell(News.CLAIMED, about=KOFI)
CLAIMS = [
    case
    for fact in (on.OfferAccepted, on.QuestionTaken)
    for case in (
        Case("theirs", OPEN, fact(KOFI), claimed(OPEN), (close(KOFI, OfferEnd.ACCEPTED, 0), OFF, HAS_IT), TOOK),
        Case(
            "the one who was asked accepts",
            OFFERED,
            fact(TESS),
            claimed(OFFERED, TESS),
            (close(TESS, OfferEnd.ACCEPTED), tell(News.CLAIMED, about=TESS)),
            (Engaged("accepted:question", TESS),),
        ),
        Case(
            "somebody else is faster, or late with an old card",
            OFFERED,
            fact(KOFI),
            claimed(OFFERED),
            (close(TESS, OfferEnd.TAKEN), close(KOFI, OfferEnd.ACCEPTED), HAS_IT),
            TOOK,
        ),
        Case(
            "a moderator finds somebody",
            ESCALATED,
            fact(KOFI),
            claimed(ESCALATED),
            (close(KOFI, OfferEnd.ACCEPTED, 0), HAS_IT),
            TOOK,
        ),
        Case("theirs already", CLAIMED, fact(TESS)),
    )
]

OFFER_ENDS = [
    Case(
        "the next person",
        OFFERED,
        on.OfferPassed(TESS),
        offered(OFFERED, tries=ended(OFFERED, Result.PASSED)),
        (close(TESS, OfferEnd.PASSED), NEXT_OFFER),
    ),
    Case(
        "nobody is left",
        OFFERED,
        on.OfferPassed(TESS),
        escalated(OFFERED, tries=ended(OFFERED, Result.PASSED)),
        (close(TESS, OfferEnd.PASSED), do.AlertModerator("q1", MODA, 0), tell(News.ESCALATED)),
        turn=NOBODY,
    ),
    Case(
        "the next person; this one later again",
        OFFERED,
        on.OfferPostponed(TESS),
        offered(OFFERED, tries=ended(OFFERED, Result.POSTPONED)),
        (close(TESS, OfferEnd.POSTPONED), NEXT_OFFER),
    ),
    Case("a card of somebody else", OFFERED, on.OfferPassed(KOFI)),
    Case("a card of somebody else", OFFERED, on.OfferPostponed(KOFI)),
    Case("told before", OFFERED, on.OfferSent(TESS)),
    Case(
        "the time to answer begins when the card is there",
        question(status=Status.OFFERED, offered_to=TESS, round=1),
        on.OfferSent(TESS),
        {"deadline": NOON + POLICY.offer},
    ),
    Case("a card of somebody else", OFFERED, on.OfferUndeliverable(KOFI)),
    Case(
        "no rung is used up",
        OFFERED,
        on.OfferUndeliverable(TESS),
        offered(OFFERED, tries=ended(OFFERED, Result.UNREACHABLE)),
        (NEXT_OFFER,),
    ),
]

CLAIM_ENDS = [
    Case(
        "handed back, the asker hears it first",
        CLAIMED,
        on.ClaimReleased(TESS),
        offered(CLAIMED, tries=ended(CLAIMED, Result.RELEASED), told=UNCLAIMED),
        (close(TESS, OfferEnd.RELEASED), LOOKING, NEXT_OFFER),
    ),
    Case("a fresh lease", CLAIMED, on.ClaimExtended(TESS), {"deadline": LEASE}),
]
