"""The other (status, fact) pairs: replies, edits, deadlines, all that changes nothing, and all that is refused."""

from question_cases import CLAIM_ENDS, CLAIMS, HELPED, OFFER_ENDS, PERSON_WANTED
from question_cases_nameless import NAMELESS, NAMELESS_REFUSED
from question_cases_unwanted import UNWANTED
from question_states import (
    ANSWERED,
    ASKED,
    BEFORE,
    CLAIMED,
    CLOSED,
    ESCALATED,
    FREE,
    LINK,
    LOOKING,
    NEXT_OFFER,
    OFF,
    OFFERED,
    OPEN,
    POLICY,
    SHUT,
    SOON,
    UNCLAIMED,
    Case,
    close,
    ended,
    later,
    offered,
    tell,
)

from bot import effects as do
from bot import events as on
from bot.effects import Effect
from bot.events import QuestionEvent
from bot.news import News, Notice, OfferEnd
from bot.question import Engaged, Outcome, Question, Result, Status
from tests.fakes.values import (
    CLEO,
    DANA,
    DAY,
    KOFI,
    MODA,
    NOON,
    TESS,
    clinician,
    question,
    turn,
    volunteer,
)

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
    Case("another link", OPEN, on.Reworded(("school",), False, ("r1",), "q0"), {"earlier": "q0"}, (LINK,)),
    Case(
        "the search goes on, and what is found now is shown",
        OFFERED,
        TRAVEL,
        {"topics": ("travel",), "suggested": ("r2",)},
        (do.ShowSuggestions("q1"), do.ChangeOffer("q1", TESS, 1)),
    ),
    Case(
        "who has it sees the new words",
        CLAIMED,
        TRAVEL,
        {"topics": ("travel",), "suggested": ("r2",)},
        (close(TESS, OfferEnd.ACCEPTED),),
    ),
    Case(
        "what is found now is shown",
        ESCALATED,
        TRAVEL,
        {"topics": ("travel",), "suggested": ("r2",)},
        (do.ShowSuggestions("q1"),),
    ),
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
        (close(TESS, OfferEnd.ACCEPTED),),
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
    *NAMELESS,
    *UNWANTED,
]

DONE = question(status=Status.CLOSED, outcome=Outcome.HELPED, closed_at=NOON)
TAKEN_BACK = question(status=Status.CLOSED, outcome=Outcome.WITHDRAWN, closed_at=NOON)
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
    (TAKEN_BACK, on.MarkedHelpful(DANA), Notice.ALREADY_DONE),
    (WORDLESS, on.PersonRequested(DANA), Notice.GONE),
    (WORDLESS, on.MarkedUnhelpful(DANA), Notice.GONE),
    *NAMELESS_REFUSED,
]
