"""(status, fact) pairs of hand-overs, of questions without a name, and of channels that are lost."""

from dataclasses import replace

from question_states import (
    ANSWERED,
    ASKED,
    BEFORE,
    CLAIMED,
    CLOSED,
    ESCALATED,
    NEXT_OFFER,
    OFFERED,
    OPEN,
    Case,
    close,
    ended,
    escalated,
    offered,
    tell,
)

from bot import effects as do
from bot import events as on
from bot.events import Place, QuestionEvent
from bot.news import News, Notice, OfferEnd
from bot.question import Question, Result, Status, Try
from tests.fakes.values import CLEO, DANA, KOFI, MINUTE, MODA, NOON, TESS, question

# --- hand-overs ---------------------------------------------------------------------------------------------

GIVEN_ON = ("asking", f"handed_on:{TESS}")
HANDED = (close(TESS, OfferEnd.HANDED_OVER), tell(News.HANDED_ON, about=TESS))
RELEASED = ended(CLAIMED, Result.RELEASED)
BY_TESS = question(
    status=Status.OFFERED, offered_to=KOFI, handed_by=TESS, round=2, deadline=NOON, told=GIVEN_ON, tries=RELEASED
)

HAND_OVERS = [
    Case(
        "the one who was named is asked, whoever else is free",
        CLAIMED,
        on.HandedOver(TESS, CLEO),
        offered(CLAIMED, CLEO, handed_by=TESS, tries=RELEASED, told=GIVEN_ON),
        (*HANDED, do.OfferQuestion("q1", CLEO, 2)),
    ),
    Case(
        "the asker was named: as if they had passed at once",
        CLAIMED,
        on.HandedOver(TESS, DANA),
        offered(CLAIMED, tries=(*RELEASED, Try(DANA, Result.PASSED, NOON)), told=GIVEN_ON),
        (*HANDED, NEXT_OFFER),
    ),
    Case(
        "the asker was named by another account of theirs",
        CLAIMED,
        on.HandedOver(TESS, CLEO, to_asker=True),
        offered(CLAIMED, tries=(*RELEASED, Try(CLEO, Result.PASSED, NOON)), told=GIVEN_ON),
        (*HANDED, NEXT_OFFER),
    ),
    Case(
        "who was named passes: the next person, and nothing is said of the hand-over any more",
        BY_TESS,
        on.OfferPassed(KOFI),
        escalated(BY_TESS, tries=(*RELEASED, Try(KOFI, Result.PASSED, NOON)), handed_by=""),
        (close(KOFI, OfferEnd.PASSED, 2), do.AlertModerator("q1", MODA, 0), tell(News.ESCALATED)),
    ),
]

# --- questions without a name -------------------------------------------------------------------------------

CHANNEL = Place("web", "home", "general", "", "")
POST = Place("web", "home", "general", "bot-7", "bot-7")
COMING = {"place": CHANNEL, "pseudonym": "Koala-27"}
STANDS = on.QuestionPosted(POST)
IS_POSTED = tell(News.POSTED)
SHOWN = do.PostQuestion("q1")


def coming(before: Question, **facts: object) -> Question:
    """The same question while its post is on the way."""
    return replace(before, **COMING, **facts)  # type: ignore[arg-type]


WAITING = coming(question())
WITH_SUGGESTION = coming(question(suggested=("r1",)))

POSTED = [
    Case(
        "the library has something: the asker is left alone with it for a while",
        WITH_SUGGESTION,
        STANDS,
        {"place": POST, "deadline": NOON + 10 * MINUTE, "told": ("posted",)},
        (IS_POSTED, do.ShowSuggestions("q1")),
    ),
    Case(
        "a person is asked",
        WAITING,
        STANDS,
        offered(WAITING, place=POST, told=("posted", "asking")),
        (IS_POSTED, *ASKED),
    ),
    *(
        Case("it has moved on while the post was under way", coming(before), STANDS, {"place": POST}, (SHOWN,))
        for before in (OFFERED, CLAIMED, ANSWERED, ESCALATED, CLOSED)
    ),
    *(Case("it stands already", before, STANDS) for before in BEFORE.values()),
    Case(
        "it can't be posted: in private",
        WAITING,
        on.QuestionUnpostable(),
        offered(WAITING, private=True, told=("not_posted", "asking")),
        (tell(News.NOT_POSTED), *ASKED),
    ),
    *(Case("it stands already", before, on.QuestionUnpostable()) for before in BEFORE.values()),
    Case(
        "taken back: the post loses its words",
        coming(OPEN, deadline=None, suggested=()),
        on.Withdrawn(DANA),
        {"status": Status.CLOSED, "outcome": "withdrawn", "closed_at": NOON},
        (SHOWN,),
    ),
]

# --- channels that are lost ---------------------------------------------------------------------------------

LOST = on.ChannelLost()
TOLD = (tell(News.CHANNEL_LOST), do.AlertModerator("q1", MODA, 0), tell(News.ESCALATED))


def lost(before: Question, told: tuple[str, ...] = ()) -> dict[str, object]:
    return {**escalated(before), "private": True, "told": (*told, "channel_lost", "escalated")}


CHANNEL_LOST = [
    Case("the moderators are told", OPEN, LOST, lost(OPEN), TOLD),
    Case("the open card is closed", OFFERED, LOST, lost(OFFERED), (close(TESS, OfferEnd.CHANNEL_LOST), *TOLD)),
    Case(
        "the claim ends kindly",
        CLAIMED,
        LOST,
        lost(CLAIMED, (f"claimed:{TESS}",)),
        (close(TESS, OfferEnd.CHANNEL_LOST), *TOLD),
    ),
    Case("the moderators are told why", ESCALATED, LOST, lost(ESCALATED), TOLD),
    *(
        Case("a private question needs no channel", replace(before, private=True), LOST)
        for before in (OPEN, OFFERED, CLAIMED, ESCALATED)
    ),
    *(Case("settled already", before, LOST) for before in (ANSWERED, CLOSED)),
]

NAMELESS = [*HAND_OVERS, *POSTED, *CHANNEL_LOST]

NAMELESS_REFUSED: list[tuple[Question, QuestionEvent, Notice]] = [
    (CLAIMED, on.HandedOver(KOFI, CLEO), Notice.NOT_YOURS),
    *((b, on.HandedOver(TESS, CLEO), Notice.ALREADY_DONE) for b in BEFORE.values() if b is not CLAIMED),
    (WAITING, on.PersonRequested(DANA), Notice.NOTED),
    (coming(CLOSED), on.PersonRequested(DANA), Notice.GONE),
    (WAITING, on.QuestionTaken(KOFI), Notice.GONE),
]
