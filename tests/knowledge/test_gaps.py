"""Unmet questions gather under names made of their own words."""

import numpy as np

from knowledge.gaps import Gap, find_gaps
from tests.knowledge.toy import ToyEmbedder

TEXTS = [
    "driving lessons with urgency",
    "driving lessons and bathroom stops",
    "pollen allergy shots",
    "driving lessons instructor urgency",
    "pollen allergy season",
]
IDS = ["q1", "q2", "q3", "q4", "q5"]


def test_questions_about_one_thing_are_one_gap_the_largest_first() -> None:
    gaps = find_gaps(IDS, TEXTS, ToyEmbedder().embed(TEXTS))
    assert [(gap.size, gap.question_ids) for gap in gaps] == [(3, ("q1", "q2", "q4")), (2, ("q3", "q5"))]
    assert {"driving", "lessons"} <= set(gaps[0].name.split())
    assert {"pollen", "allergy"} <= set(gaps[1].name.split())


def test_the_order_of_the_questions_does_not_change_the_groups() -> None:
    back = find_gaps(IDS[::-1], TEXTS[::-1], ToyEmbedder().embed(TEXTS[::-1]))
    there = find_gaps(IDS, TEXTS, ToyEmbedder().embed(TEXTS))
    assert {frozenset(g.question_ids) for g in back} == {frozenset(g.question_ids) for g in there}


def test_small_groups_can_be_left_out() -> None:
    texts = [*TEXTS, "unrelated"]
    gaps = find_gaps([*IDS, "q6"], texts, ToyEmbedder().embed(texts), smallest=2)
    assert sum(gap.size for gap in gaps) == 5


def test_a_question_without_content_words_still_has_a_name() -> None:
    assert find_gaps(["q"], ["is it?"], ToyEmbedder().embed(["is it?"])) == (Gap("…", 1, ("q",)),)


def test_no_questions_no_gaps() -> None:
    assert find_gaps([], [], np.empty((0, 4), np.float32)) == ()


def test_a_question_left_far_from_every_centre_stands_alone() -> None:
    """Four of them draw the centre away from the fifth, which began in the same group."""
    angles = np.radians([0, 58, 58, 58, -58])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    gaps = find_gaps(IDS, TEXTS, vectors)
    assert [gap.question_ids for gap in gaps] == [("q1", "q2", "q3", "q4"), ("q5",)]
