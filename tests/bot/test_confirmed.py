"""What a press says of what was shown: the last one before a person answered, and silence says nothing."""

import pytest

from bot.confirmed import Became, Shown, presses_of
from knowledge.calibration_fit import Press

HELPED, NOT, PERSON, UNKNOWN = Became.HELPED, Became.NOT_HELPED, Became.PERSON, Became.UNKNOWN


@pytest.mark.parametrize(
    ("befell", "became"),
    [
        ((), UNKNOWN),
        (("Asked", "DeadlinePassed", "DeadlinePassed"), UNKNOWN),
        (("Asked", "MarkedHelpful"), HELPED),
        (("Asked", "MarkedUnhelpful", "OfferSent"), NOT),
        (("Asked", "PersonRequested"), PERSON),
        (("Asked", "MarkedUnhelpful", "MarkedHelpful"), HELPED),
        (("Asked", "MarkedHelpful", "PersonRequested"), PERSON),
        (("Asked", "Replied", "MarkedHelpful"), UNKNOWN),
        (("Asked", "MarkedUnhelpful", "Replied", "MarkedHelpful"), NOT),
        (("Asked", "Replied", "MarkedUnhelpful"), UNKNOWN),
        (("Asked", "MarkedUnhelpful", "Reworded"), UNKNOWN),
        (("Asked", "Reworded", "MarkedHelpful"), HELPED),
        (("Asked", "Withdrawn"), UNKNOWN),
    ],
)
def test_the_last_press_before_an_answer_counts(befell, became):
    assert Shown("q1", "p1", "toy", (0.8,), befell=befell).became is became


def test_beside_a_link_to_an_answered_thread_nobody_can_tell():
    assert Shown("q1", "p1", "toy", (0.8,), linked=True, befell=("MarkedHelpful",)).became is UNKNOWN


def test_one_press_a_question_and_none_of_silence():
    shown = [
        Shown("q1", "p1", "toy", (0.8, 0.4), befell=("MarkedHelpful",)),
        Shown("q2", "p1", "toy", (0.7,), befell=("PersonRequested",)),
        Shown("q3", "", "toy", (0.6,), befell=("MarkedUnhelpful",)),
        Shown("q4", "p2", "toy", (0.6,)),
    ]
    assert presses_of(shown) == [
        Press((0.8, 0.4), helped=True, who="p1"),
        Press((0.7,), helped=False, who="p1"),
        Press((0.6,), helped=False, who="q3"),
    ]
