"""Two questions ask for the same when they are near in meaning, share their words, and nothing turns one round."""

import pytest

from bench.twice import read_pairs
from knowledge.sameness import ALIKE, COMMON, SHARED, sameness

SURE = 0.99


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How does the infusion at home work?", "How does the infusion at school work?"),
        ("May she eat rice before the colonoscopy?", "May she eat rice after the colonoscopy?"),
        ("Is the swimming pool open to children?", "Is the swimming pool not open to children?"),
        ("Can he swim with a port?", "Can he swim without a port?"),
        ("Does anybody have tips?", "Does anybody have tips?"),
    ],
)
def test_another_need_in_like_words_is_not_the_same_however_near_it_is(one: str, other: str):
    assert not sameness().of(one, other, SURE).same


def test_the_same_words_in_another_order_are_the_same_if_they_are_near_enough():
    one, other = (
        "Who pays for the formula when insurance says no?",
        "Insurance says no to the formula. Who pays for it?",
    )
    assert sameness().of(one, other, ALIKE).same
    assert not sameness().of(one, other, ALIKE - 0.01).same


def test_it_says_what_it_saw():
    like = sameness().of("Which swimming club has a warm pool?", "Which swimming club has a deep pool?", 0.97)
    assert (like.common, like.share, like.turned) == (3.0, 0.6, False)
    assert sameness().of("", "", 1.0).share == 0.0
    assert (like.common, like.share) >= (COMMON, SHARED)


def test_words_are_those_of_the_language():
    one, other = "¿Qué llevo al hospital para una infusión?", "¿Qué hay que llevar al hospital para la infusión?"
    assert sameness().of(one, other, SURE, "es").share > sameness().of(one, other, SURE, "en").share


def test_of_pairs_that_are_alike_in_wording_only_words_alone_stop_most():
    likely = [sameness().of(one, other, SURE) for kind, one, other in read_pairs() if kind == "other"]
    assert len(likely) == 24
    assert sum(like.same for like in likely) <= 5
