"""Every (status, fact) pair, with what must come of it. Read by test_questions.py; docs/architecture.md shows the same
table as the code has it."""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from bot import effects as do
from bot import events as on
from bot.effects import Effect, News, Notice, OfferEnd
from bot.events import QuestionEvent
from bot.policy import Policy
from bot.question import Engaged, Outcome, Question, Result, Status, Try, Turn
from bot.routing import Quiet
from tests.fakes.values import (
    CLEO,
    DANA,
    DAY,
    HOUR,
    KOFI,
    MINUTE,
    MODA,
    NOON,
    TESS,
    clinician,
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


def tell(news: News, until: datetime | None = None, about: str = "") -> do.TellAsker:
    return do.TellAsker("q1", news, until, about)


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
ASKED = (do.OfferQuestion("q1", KOFI, 1), tell(News.ASKING))
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
            (OFF, tell(News.ASLEEP, NOON + 2 * HOUR)),
            turn=turn(volunteer("kofi", quiet=(Quiet(2, time(9), time(14)),))),
        ),
    )
]


def claimed(before: Question, by: str = KOFI) -> dict[str, Any]:
    told = (*before.told, f"claimed:{by}")
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

NEXT_OFFER = do.OfferQuestion("q1", KOFI, 2)
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

LOOKING = tell(News.STILL_LOOKING, about=TESS)
UNCLAIMED = ("asking", f"still_looking:{TESS}")
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

ANSWER = {**FREE, "status": Status.ANSWERED, "answered_at": NOON, "deadline": NOON + POLICY.ask_helped_after}
HELPER = (Engaged("answered:question", KOFI),)
BY_KOFI = on.Replied(KOFI, answers=True)
REPLIES = [
    Case("answered by a passer-by", OPEN, BY_KOFI, {**ANSWER, "answered_by": (KOFI,)}, (OFF,), HELPER),
    Case(
        "answered by another than was asked",
        OFFERED,
        BY_KOFI,
        {**ANSWER, "answered_by": (KOFI,)},
        (close(TESS, OfferEnd.ANSWERED),),
        HELPER,
    ),
    Case(
        "answered by the one who took it",
        CLAIMED,
        on.Replied(TESS, answers=True),
        {**ANSWER, "answered_by": (TESS,)},
        (close(TESS, OfferEnd.ANSWERED),),
        (Engaged("answered:question", TESS),),
    ),
    Case("answered at last", ESCALATED, BY_KOFI, {**ANSWER, "answered_by": (KOFI,)}, (), HELPER),
    Case("one more answer", ANSWERED, BY_KOFI, {"answered_by": (TESS, KOFI)}, (), HELPER),
    Case("the same helper again", ANSWERED, on.Replied(TESS, answers=True)),
    Case("an answer afterwards", CLOSED, BY_KOFI, {"answered_by": (KOFI,)}, (), HELPER),
    *(Case("chatter is no answer", before, on.Replied(KOFI, answers=False)) for before in BEFORE.values()),
    *(Case("the asker's own words are no answer", b, on.Replied(DANA, answers=True)) for b in BEFORE.values()),
    Case("another answer is left", ANSWERED, on.AnswerRetracted(TESS, 1), {"answered_by": ()}),
    Case(
        "no answer is left: the search begins again",
        ANSWERED,
        on.AnswerRetracted(TESS, 0),
        offered(
            ANSWERED,
            answered_by=(),
            answered_at=None,
            asked_helped=False,
            tries=ended(ANSWERED, Result.RELEASED),
            told=("asking",),
        ),
        (NEXT_OFFER, tell(News.ASKING)),
    ),
]

TRAVEL = on.Reworded(("travel",), False, ("r2",))
MEDICINE = on.Reworded(("school",), True, ())
NURSE = turn(volunteer("kofi"), clinician("cleo"))
REWORDED = [
    Case(
        "another suggestion",
        OPEN,
        TRAVEL,
        {"topics": ("travel",), "suggested": ("r2",)},
        (do.ShowSuggestions("q1"),),
    ),
    Case("no suggestion any more", OPEN, on.Reworded(("school",), False, ()), {"suggested": ()}, (OFF,)),
    Case("the search goes on", OFFERED, TRAVEL, {"topics": ("travel",), "suggested": ("r2",)}),
    Case("the search goes on", CLAIMED, TRAVEL, {"topics": ("travel",), "suggested": ("r2",)}),
    Case("the search goes on", ESCALATED, TRAVEL, {"topics": ("travel",), "suggested": ("r2",)}),
    Case(
        "about medicines now: from a parent to a clinician",
        OFFERED,
        MEDICINE,
        offered(OFFERED, to=CLEO, medical=True),
        (close(TESS, OfferEnd.CHANGED), do.OfferQuestion("q1", CLEO, 2), tell(News.ASKING)),
        turn=NURSE,
    ),
    Case(
        "about medicines now: the parent who took it is thanked",
        CLAIMED,
        MEDICINE,
        offered(CLAIMED, to=CLEO, medical=True, told=("asking",)),
        (close(TESS, OfferEnd.CHANGED), do.OfferQuestion("q1", CLEO, 2), tell(News.ASKING)),
        turn=NURSE,
    ),
    Case(
        "about medicines now, and a clinician has it already",
        CLAIMED,
        MEDICINE,
        {"medical": True},
        turn=turn(clinician("tess")),
    ),
]


def withdrawn(before: Question, *effects: Effect) -> Case:
    changes = {**SHUT, "outcome": Outcome.WITHDRAWN}
    return Case("taken back", before, on.Withdrawn(DANA), changes, effects)


WITHDRAWN = [
    withdrawn(OPEN, OFF),
    withdrawn(OFFERED, close(TESS, OfferEnd.WITHDRAWN)),
    withdrawn(CLAIMED, close(TESS, OfferEnd.WITHDRAWN)),
    withdrawn(ANSWERED),
    withdrawn(ESCALATED),
]

DUE = on.DeadlinePassed(SOON)
WARNED = question(
    **{n: getattr(CLAIMED, n) for n in ("status", "claimed_by", "round", "deadline", "told")}, warned=True
)
DEADLINES = [
    Case("a person is looked for", OPEN, DUE, offered(OPEN), ASKED, turn=later(SOON, volunteer("kofi"))),
    Case(
        "no answer to the card",
        OFFERED,
        DUE,
        offered(OFFERED, tries=ended(OFFERED, Result.EXPIRED, SOON)),
        (close(TESS, OfferEnd.EXPIRED), NEXT_OFFER),
        turn=later(SOON, volunteer("kofi")),
    ),
    Case(
        "a warning first",
        CLAIMED,
        DUE,
        {"warned": True, "deadline": SOON + POLICY.claim_warning},
        (do.WarnClaimant("q1", TESS, SOON + POLICY.claim_warning),),
        turn=later(SOON, volunteer("kofi")),
    ),
    Case(
        "then the next person",
        WARNED,
        DUE,
        offered(WARNED, tries=ended(WARNED, Result.CLAIM_EXPIRED, SOON), told=UNCLAIMED),
        (close(TESS, OfferEnd.CLAIM_EXPIRED), LOOKING, NEXT_OFFER),
        turn=later(SOON, volunteer("kofi")),
    ),
    Case(
        "the asker is asked once",
        ANSWERED,
        DUE,
        {"asked_helped": True, "deadline": SOON + POLICY.close_after},
        (do.AskWhetherHelped("q1"),),
        turn=later(SOON),
    ),
    Case(
        "silence is unknown, never success",
        question(status=Status.ANSWERED, answered_by=(TESS,), deadline=SOON, asked_helped=True),
        DUE,
        {**SHUT, "outcome": Outcome.UNKNOWN, "closed_at": SOON},
        turn=later(SOON),
    ),
    Case("somebody has room again", ESCALATED, DUE, offered(ESCALATED), ASKED, turn=later(SOON, volunteer("kofi"))),
    Case(
        "the moderators are reminded",
        ESCALATED,
        DUE,
        {"reminders": 1, "deadline": SOON + DAY},
        (do.AlertModerator("q1", MODA, 1),),
        turn=later(SOON),
    ),
    Case(
        "reminded for the last time",
        question(status=Status.ESCALATED, deadline=SOON, told=("escalated",), reminders=POLICY.reminders - 1),
        DUE,
        {"reminders": POLICY.reminders, "deadline": None},
        (do.AlertModerator("q1", MODA, POLICY.reminders),),
        turn=later(SOON),
    ),
    Case(
        "where there is no moderator the search never ends",
        ESCALATED,
        DUE,
        {"deadline": SOON + DAY},
        turn=later(SOON, moderators=()),
    ),
    *(Case("not due yet", before, DUE) for before in (OPEN, OFFERED, CLAIMED, ANSWERED, ESCALATED)),
]

# Pairs that change nothing and say nothing, by the fact.
NOTHING: dict[QuestionEvent, tuple[Status, ...]] = {
    on.OfferPassed(TESS): (Status.OPEN, Status.CLAIMED, Status.ANSWERED, Status.ESCALATED, Status.CLOSED),
    on.OfferPostponed(TESS): (Status.OPEN, Status.CLAIMED, Status.ANSWERED, Status.ESCALATED, Status.CLOSED),
    on.OfferSent(TESS): (Status.OPEN, Status.CLAIMED, Status.ANSWERED, Status.ESCALATED, Status.CLOSED),
    on.OfferUndeliverable(TESS): (Status.OPEN, Status.CLAIMED, Status.ANSWERED, Status.ESCALATED, Status.CLOSED),
    on.ClaimReleased(TESS): (Status.OPEN, Status.OFFERED, Status.ANSWERED, Status.ESCALATED, Status.CLOSED),
    on.ClaimExtended(TESS): (Status.OPEN, Status.OFFERED, Status.ANSWERED, Status.ESCALATED, Status.CLOSED),
    on.AnswerRetracted(TESS, 0): (Status.OPEN, Status.OFFERED, Status.CLAIMED, Status.ESCALATED, Status.CLOSED),
    TRAVEL: (Status.ANSWERED, Status.CLOSED),
    on.Withdrawn(DANA): (Status.CLOSED,),
    DUE: (Status.CLOSED,),
}
STALE = [Case("too late to matter", BEFORE[s], fact) for fact, statuses in NOTHING.items() for s in statuses]

CASES = [
    *HELPED,
    *PERSON_WANTED,
    *CLAIMS,
    *OFFER_ENDS,
    *CLAIM_ENDS,
    *REPLIES,
    *REWORDED,
    *WITHDRAWN,
    *DEADLINES,
    *STALE,
]

DONE = question(status=Status.CLOSED, outcome=Outcome.HELPED, closed_at=NOON)
WORDLESS = question(status=Status.CLOSED, outcome=Outcome.WITHDRAWN, closed_at=NOON, text="")
REFUSED: list[tuple[Question, QuestionEvent, Notice]] = [
    *((b, on.MarkedHelpful(TESS), Notice.NOT_YOURS) for b in BEFORE.values()),
    *((b, on.MarkedUnhelpful(TESS), Notice.NOT_YOURS) for b in BEFORE.values()),
    *((b, on.PersonRequested(TESS), Notice.NOT_YOURS) for b in BEFORE.values()),
    *((b, on.Withdrawn(TESS), Notice.NOT_YOURS) for b in BEFORE.values() if b is not CLOSED),
    *(
        (b, fact(DANA), Notice.NOT_YOURS)
        for b in (OPEN, OFFERED, ESCALATED)
        for fact in (on.OfferAccepted, on.QuestionTaken)
    ),
    *((CLAIMED, fact(KOFI), Notice.ALREADY_TAKEN) for fact in (on.OfferAccepted, on.QuestionTaken)),
    *(
        (b, fact(KOFI), Notice.ALREADY_DONE)
        for b in (ANSWERED, CLOSED)
        for fact in (on.OfferAccepted, on.QuestionTaken)
    ),
    (CLAIMED, on.ClaimReleased(KOFI), Notice.NOT_YOURS),
    (CLAIMED, on.ClaimExtended(KOFI), Notice.NOT_YOURS),
    (DONE, on.MarkedHelpful(DANA), Notice.ALREADY_DONE),
    (WORDLESS, on.PersonRequested(DANA), Notice.GONE),
    (WORDLESS, on.MarkedUnhelpful(DANA), Notice.GONE),
]
