"""From an answer to a resource: consent, review, and no private details on the way."""

from dataclasses import replace

import pytest

from bot.curation import (
    Draft,
    DraftState,
    as_resource,
    consented,
    declined,
    published,
    sent_back,
)
from bot.news import Notice
from bot.question import Refused
from knowledge.resources import Resource
from tests.fakes.values import CLEO, MODA, NOON, TESS, place

WAITING = Draft(
    "d1", place("2", "1"), "q1", TESS, MODA, "Letters", "Write one.", ("school",), False, "en",
    DraftState.AWAITING_CONSENT, NOON, asked_as=("How to tell the school?",),
)  # fmt: skip
REVIEW = replace(WAITING, state=DraftState.IN_REVIEW, consented_at=NOON)
OUT = replace(REVIEW, state=DraftState.PUBLISHED, reviewed_by=MODA, reviewed_at=NOON, resource="from-d1")


def test_the_way_of_a_draft():
    assert consented(WAITING, TESS, NOON) == REVIEW
    assert published(REVIEW, MODA, clinician=False, now=NOON) == OUT
    assert as_resource(OUT, "Moda") == Resource(
        "from-d1", "Letters", "Write one.", topics=("school",), source="answer of a member",
        reviewed_by="Moda", reviewed_at=NOON, asked_as=("How to tell the school?",),
    )  # fmt: skip


def test_the_ways_out():
    gone = replace(WAITING, state=DraftState.DECLINED, title="", text="", asked_as=())
    assert declined(WAITING, TESS) == gone
    assert declined(REVIEW, TESS) == replace(gone, consented_at=NOON)
    back = replace(REVIEW, state=DraftState.SENT_BACK, reviewed_by=MODA, reviewed_at=NOON)
    assert sent_back(REVIEW, MODA, NOON) == back


@pytest.mark.parametrize(
    ("act", "notice"),
    [
        (lambda: consented(WAITING, MODA, NOON), Notice.NOT_YOURS),
        (lambda: declined(WAITING, MODA), Notice.NOT_YOURS),
        (lambda: consented(REVIEW, TESS, NOON), Notice.ALREADY_DONE),
        (lambda: declined(OUT, TESS), Notice.ALREADY_DONE),
        (lambda: published(WAITING, MODA, clinician=False, now=NOON), Notice.ALREADY_DONE),
        (lambda: published(replace(REVIEW, medical=True), MODA, clinician=False, now=NOON), Notice.NOT_ALLOWED),
        (lambda: published(OUT, MODA, clinician=True, now=NOON), Notice.ALREADY_DONE),
        (lambda: sent_back(OUT, MODA, NOON), Notice.ALREADY_DONE),
        (lambda: as_resource(REVIEW, "Moda"), Notice.ALREADY_DONE),
    ],
)
def test_what_is_not_in_order_is_refused(act, notice):
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.notice is notice


def test_a_medical_draft_is_published_by_a_clinician():
    medical = replace(REVIEW, medical=True)
    assert published(medical, CLEO, clinician=True, now=NOON).state is DraftState.PUBLISHED
