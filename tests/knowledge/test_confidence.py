"""Features are what they say, and the shipped numbers behave in small and large libraries."""

from dataclasses import replace

import numpy as np
import pytest

from knowledge.confidence import FEATURES, Confidence, features, fitted
from knowledge.index import Candidates


def candidates(*scores: float, size: int = 70) -> Candidates:
    score = np.array(scores, np.float32)
    count = len(score)
    return Candidates(
        ids=tuple(f"r{i}" for i in range(count)),
        score=score,
        full=score,
        best=score,
        past=score,
        shared=np.full(count, 2, np.float32),
        coverage=np.full(count, 0.5, np.float32),
        matched=({},) * count,
        mean=0.1,
        spread=0.1,
        size=size,
        asked=4,
    )


def column(found: Candidates, name: str) -> list[float]:
    return [round(float(x), 4) for x in features(found, found.asked)[:, FEATURES.index(name)]]


def saturated(ahead: float, enough: float) -> float:
    return round(float(np.tanh(ahead / enough)), 4)


def test_the_margin_is_over_the_best_other() -> None:
    assert column(candidates(0.7, 0.5, 0.4), "margin") == [
        saturated(0.2, 0.1),
        saturated(-0.2, 0.1),
        saturated(-0.3, 0.1),
    ]


def test_the_gap_fills_a_small_corpus_with_its_mean() -> None:
    assert column(candidates(0.7, 0.5), "gap") == [
        saturated(0.7 - (0.5 + 8 * 0.1) / 9, 0.2),
        saturated(0.5 - (0.7 + 0.8) / 9, 0.2),
    ]


def test_a_lone_resource_is_compared_with_the_mean() -> None:
    assert column(candidates(0.7, size=1), "margin") == [saturated(0.6, 0.1)]


def test_the_deviation_allows_for_the_size_of_the_corpus() -> None:
    small, large = (column(candidates(0.7, 0.5, size=size), "deviation")[0] for size in (5, 10_000))
    assert small - large == pytest.approx(np.sqrt(2 * np.log(10_000)) - np.sqrt(2 * np.log(5)), abs=1e-3)


def test_spanish_is_marked() -> None:
    assert column(candidates(0.7, 0.5), "spanish") == [0, 0]
    assert column(replace(candidates(0.7, 0.5), spanish=True), "spanish") == [1, 1]


def test_far_ahead_and_still_further_are_much_the_same() -> None:
    """And further ahead is never trusted less."""
    likely = [fitted().judge(candidates(0.7, 0.7 - ahead, 0.1), 4)[0] for ahead in (0.02, 0.1, 0.3, 0.5)]
    assert likely == sorted(likely)
    assert column(candidates(0.7, 0.3), "margin")[0] == pytest.approx(
        column(candidates(0.7, 0.1), "margin")[0], abs=1e-2
    )


def test_a_question_that_was_answered_by_it_before_finds_it_however_near_others_are() -> None:
    """A moderator has let it in: the next who asks the same gets it at once."""
    alike = candidates(0.5, 0.49, 0.48)
    assert fitted().judge(alike, 4)[0] < fitted().sure_from
    again = replace(alike, past=np.array([0.98, 0.49, 0.48], np.float32))
    assert fitted().judge(again, 4)[0] >= max(fitted().sure_from, 0.9)
    nearly = replace(alike, past=np.array([0.96, 0.49, 0.48], np.float32))
    assert fitted().judge(nearly, 4)[0] < fitted().sure_from


def test_no_candidates_have_no_confidence() -> None:
    assert fitted().judge(candidates(), 3).shape == (0,)


@pytest.mark.parametrize("size", [1, 5, 70, 10_000])
def test_a_clear_match_is_spoken_and_a_faint_one_is_not(size: int) -> None:
    clear, faint = candidates(0.85, 0.35, 0.3, size=size), candidates(0.22, 0.2, 0.19, size=size)
    faint = replace(faint, shared=np.zeros(3, np.float32), coverage=np.zeros(3, np.float32))
    assert fitted().judge(clear, 4)[0] >= fitted().sure_from
    assert fitted().judge(faint, 4)[0] < fitted().silent_below / 3


def test_two_that_are_alike_are_trusted_less_than_one_alone() -> None:
    alone, alike = fitted().judge(candidates(0.6, 0.3), 4)[0], fitted().judge(candidates(0.6, 0.59), 4)[0]
    assert alike < alone


def test_extreme_numbers_stay_probabilities() -> None:
    wild = Confidence((1e6,) * len(FEATURES), 0.0, 0.5, 0.9)
    assert np.all(np.isfinite(wild.judge(candidates(0.9, -0.9), 4)))


def test_a_longer_list_is_compared_with_its_ten_best() -> None:
    scores = [0.9 - place / 20 for place in range(13)]
    gaps = column(candidates(*scores), "gap")
    assert gaps[:10] == column(candidates(*scores[:10]), "gap")
    assert gaps[12] == saturated(scores[12] - sum(scores[:9]) / 9, 0.2)
