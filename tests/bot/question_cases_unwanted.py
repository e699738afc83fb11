"""(status, fact) pairs of somebody whom the asker does not want to hear from."""

from question_states import BEFORE, CLAIMED, NEXT_OFFER, OFFERED, Case, close, ended, offered, tell

from bot import events as on
from bot.news import News, OfferEnd
from bot.question import Result, Status
from tests.fakes.values import KOFI, TESS

GONE = on.Unwanted(("slack:T1:tess", TESS))

UNWANTED = [
    Case(
        "who is asked is asked no more: as if their time had run out",
        OFFERED,
        GONE,
        offered(OFFERED, tries=ended(OFFERED, Result.EXPIRED)),
        (close(TESS, OfferEnd.EXPIRED), NEXT_OFFER),
    ),
    Case(
        "who had it has it no more, and nobody hears that they could not get to it",
        CLAIMED,
        GONE,
        offered(CLAIMED, tries=ended(CLAIMED, Result.CLAIM_EXPIRED), told=("asking",)),
        (close(TESS, OfferEnd.CLAIM_EXPIRED), NEXT_OFFER, tell(News.ASKING)),
    ),
    *(Case("somebody else has it", before, on.Unwanted((KOFI,))) for before in (OFFERED, CLAIMED)),
    *(
        Case("nobody has it", BEFORE[status], GONE)
        for status in (Status.OPEN, Status.ANSWERED, Status.ESCALATED, Status.CLOSED)
    ),
]
