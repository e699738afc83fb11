"""The reliability of a confidence, by tenths."""

import pytest

from bench.reliability import Bin, bins, draw, error
from knowledge.evaluation import Outcome


def answered(confidence, right):
    return Outcome(1, (0,) if right else (1,), confidence, False)


SAID = [answered(0.0, False), answered(0.05, False), answered(0.75, True), answered(0.75, False), answered(1.0, True)]


def test_every_question_is_in_one_tenth_and_the_surest_are_in_the_last():
    assert bins(SAID) == [
        Bin(0.0, 0.1, 2, 0.025, 0.0),
        Bin(0.7, 0.8, 2, 0.75, 0.5),
        Bin(0.9, 1.0, 1, 1.0, 1.0),
    ]
    assert error(bins(SAID)) == pytest.approx((2 * 0.025 + 2 * 0.25) / 5)


def test_the_picture_has_a_panel_for_each_set(tmp_path):
    draw({"one": SAID, "another": SAID[:2]}, tmp_path / "drawn.png")
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")
