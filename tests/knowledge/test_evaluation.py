"""Figures checked by hand on small lists."""

import math

import pytest

from knowledge.evaluation import (
    Evaluation,
    InvalidQuery,
    Outcome,
    Query,
    evaluate,
    judge,
    parse_query,
    summarise,
    to_rows,
)
from knowledge.resources import Resource
from knowledge.search import Match
from tests.knowledge.toy import ToyEmbedder


def outcome(*places: int, answerable: int = 1, confidence: float = 0.5, spoken: bool = True) -> Outcome:
    return Outcome(answerable, places, confidence, spoken)


def test_ranking_figures_count_answerable_questions_only() -> None:
    found = summarise([outcome(0), outcome(1), outcome(4), outcome(), outcome(answerable=0)], 9)
    assert (found.resources, found.queries, found.answerable) == (9, 5, 4)
    assert (found.hit_1.value, found.hit_3.value, found.hit_10.value) == (0.25, 0.5, 0.75)
    assert found.mrr_10.value == pytest.approx((1 + 1 / 2 + 1 / 5) / 4)


def test_ndcg_rewards_the_place_of_every_relevant_resource() -> None:
    found = summarise([outcome(0, 2, answerable=2)], 9)
    assert found.ndcg_10.value == pytest.approx((1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3)))


def test_coverage_ends_where_precision_falls_under_nine_in_ten() -> None:
    right = [outcome(0, confidence=0.9 - i / 1000) for i in range(9)]
    wrong = [outcome(confidence=0.8 - i / 1000) for i in range(11)]
    assert summarise([*right, *wrong], 9).coverage_90.value == pytest.approx(10 / 20)


def test_equal_confidences_cannot_be_cut_apart() -> None:
    assert summarise([outcome(0), outcome(0), outcome(), outcome()], 9).coverage_90.value == 0


def test_precision_counts_only_what_was_said() -> None:
    found = summarise([outcome(0), outcome(3), outcome(0, spoken=False), outcome(answerable=0, spoken=False)], 9)
    assert (found.spoken.value, found.precision.value) == (0.5, 0.5)


def test_intervals_are_the_same_each_time_and_hold_the_value() -> None:
    outcomes = [outcome(0) if i % 3 else outcome(2) for i in range(60)]
    first = summarise(outcomes, 9)
    assert first == summarise(outcomes, 9)
    assert 0 < first.hit_1.low < first.hit_1.value < first.hit_1.high < 1


def test_nothing_measured_is_said_so() -> None:
    rows = {str(row["figure"]): row["value"] for row in to_rows(summarise([], 0))}
    assert rows == {
        "resources": 0, "queries": 0, "answerable": 0, "hit@1": None, "hit@3": None, "hit@10": None, "MRR@10": None,
        "nDCG@10": None, "coverage at 90 % precision": None, "spoken at the shipped threshold": None,
        "precision when spoken": None,
    }  # fmt: skip


def test_only_the_first_ten_places_count() -> None:
    matches = [Match(f"r{i}", "", 0.0, 0.4) for i in range(12)]
    assert judge(Query("q", "t", ("r0", "r9", "r11")), matches, 0.4) == Outcome(3, (0, 9), 0.4, True)
    assert judge(Query("q", "t", ("r0",)), [], 0.4) == Outcome(1, (), 0.0, False)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "q", "text": " ", "relevant": []},
        {"id": "q", "text": 3, "relevant": []},
        {"id": "q", "text": "a", "relevant": "r"},
        {"id": "q", "text": "a"},
        {"text": "a", "relevant": []},
    ],
)
def test_a_wrong_query_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(InvalidQuery):
        parse_query(row)


def test_a_run_embeds_each_text_once_and_tells_its_progress() -> None:
    embedder, heard = ToyEmbedder(), []
    resources = [Resource("a", "apple pie recipe", "bake"), Resource("b", "bicycle repair", "chain")]
    queries = [Query("q1", "apple pie", ("a",)), Query("q2", "bicycle chain", ("b",)), Query("q3", "tax", ())]
    found = evaluate(resources, queries, embedder, progress=lambda done, total: heard.append((done, total)))
    assert isinstance(found, Evaluation)
    assert (found.hit_1.value, found.answerable) == (1.0, 2)
    assert sorted(embedder.embedded) == sorted(set(embedder.embedded))
    assert heard == [(7, 7)]
