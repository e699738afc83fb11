"""How evenly work is spread."""

import pytest

from bot.fairness import gini


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        ([], 0.0),
        ([0, 0, 0], 0.0),
        ([3, 3, 3], 0.0),
        ([0, 0, 0, 8], 0.75),
        ([1, 2, 3, 4], 0.25),
        ([4, 1, 3, 2], 0.25),
    ],
    ids=["nobody", "nothing to do", "even", "one does all", "a stair", "in any order"],
)
def test_the_gini_coefficient_of_a_load(load, expected):
    assert gini(load) == pytest.approx(expected)
