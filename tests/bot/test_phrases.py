"""Which words a question is proposed in as one more way to ask, and when it is worth reading."""

from dataclasses import replace

import pytest

from bot.curation import Draft, DraftState
from bot.news import Notice
from bot.phrases import added, as_good, by_itself, left_out, phrase_of, searched, with_phrase
from bot.question import Refused
from knowledge.resources import Resource, ReviewState
from tests.fakes.values import CLEO, DANA, MODA, NOON, place, question

LETTER = Resource("r1", "Letters", "Write one.", reviewed_by="Cleo", asked_as=("How to tell the school?",))
PROPOSED = Draft(
    "w1", place("1"), "q1", DANA, "", "", "", (), False, "en", DraftState.IN_REVIEW, NOON,
    asked_as=("Who signs the letter?",), asks_for="r1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "proposed"),
    [
        ({"suggested": ("r1",)}, True),
        ({}, False),
        ({"suggested": ("r1",), "private": True}, False),
        ({"suggested": ("r1",), "pseudonym": "Koala-42"}, False),
        ({"suggested": ("r1",), "answered_by": (CLEO,)}, False),
        ({"suggested": ("r1",), "earlier": "q0"}, False),
        ({"suggested": ("r1",), "text": ""}, False),
    ],
)
def test_only_what_the_library_alone_has_helped_with_and_was_asked_among_people(facts, proposed):
    assert by_itself(question(**facts)) is proposed


def test_names_and_numbers_are_taken_out_of_it():
    text = "How did  Tess write to the school?\nMine is 555-867-5309 by the way."
    assert phrase_of(text, ["Tess"]) == "How did [name] write to the school? Mine is [phone number] by the way."


def test_of_a_long_story_only_what_it_asks_and_nothing_of_one_that_asks_nothing():
    story = "We have been to the clinic again and again and it was a long year for all of us. " * 8
    assert phrase_of(f"{story}Who signs the letter? How long is it good for? {story}", ()) == (
        "Who signs the letter? How long is it good for?"
    )
    assert phrase_of(story, ()) == ""
    assert phrase_of(f"{story} {'Who signs it and ' * 30}how?", ()) == ""


@pytest.mark.parametrize("text", ["Help, please?", "?", "[name] [phone number]?", "a@example.org, 555-867-5309?"])
def test_what_says_nothing_by_itself_is_not_proposed(text):
    assert phrase_of(text, ()) == ""


def test_stand_ins_are_not_searched_for():
    assert searched("[name], how did [name] write, [name 2], to the school, [name]?") == "how did write, to the school?"


def test_nearly_the_same_words_are_as_good_and_a_little_word_makes_another_question():
    known = ["How to tell the school about infusion days?"]
    assert as_good("how to tell the SCHOOL about infusion days", known, "en")
    assert as_good("How do I tell our school about an infusion day?", known, "en")
    assert as_good("Prep day?", ["prep day"], "en")
    assert not as_good("How to tell the school about the swimming lesson?", known, "en")
    assert not as_good("How not to tell the school about infusion days?", known, "en")


def test_the_way_of_a_proposal():
    done = added(PROPOSED, "Who signs?", LETTER, MODA, clinician=False, now=NOON)
    out = replace(PROPOSED, state=DraftState.PUBLISHED, reviewed_by=MODA, reviewed_at=NOON, asked_as=("Who signs?",))
    assert done == out
    assert with_phrase(LETTER, "Who signs?") == replace(LETTER, asked_as=("How to tell the school?", "Who signs?"))
    assert with_phrase(LETTER, "How to tell the school?") == LETTER
    gone = replace(PROPOSED, state=DraftState.SENT_BACK, reviewed_by=MODA, reviewed_at=NOON, asked_as=())
    assert left_out(PROPOSED, MODA, NOON) == gone


@pytest.mark.parametrize(
    ("draft", "into", "notice"),
    [
        (replace(PROPOSED, state=DraftState.LAPSED), LETTER, Notice.ALREADY_DONE),
        (replace(PROPOSED, asks_for=""), LETTER, Notice.GONE),
        (PROPOSED, replace(LETTER, state=ReviewState.RETIRED), Notice.GONE),
        (PROPOSED, replace(LETTER, medical=True), Notice.NOT_ALLOWED),
        (replace(PROPOSED, medical=True), LETTER, Notice.NOT_ALLOWED),
    ],
)
def test_what_is_not_in_order_is_not_added(draft, into, notice):
    with pytest.raises(Refused) as refused:
        added(draft, "Who signs?", into, MODA, clinician=False, now=NOON)
    assert refused.value.notice is notice


def test_a_clinician_adds_what_is_about_medicines():
    medical = replace(PROPOSED, medical=True)
    assert added(medical, "Who signs?", LETTER, CLEO, clinician=True, now=NOON).by_clinician
