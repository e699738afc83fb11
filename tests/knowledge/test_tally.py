"""Counting many texts at once gives what counting each word of each text gives."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.tally import Tally, Text, tally
from knowledge.text import Words

SPOKEN = ["Schools", "school's", "la", "infusión", "infusiones", "the", "¿", "12", "a", "İ", "ΣΑΣ", "e\u0301"]
WORDS = st.lists(st.sampled_from(SPOKEN))
TEXTS = st.lists(st.tuples(WORDS, WORDS, st.sampled_from(["en", "es", "es-MX", "fr"])), max_size=6)


def counted(found: Tally) -> list[dict[str, int]]:
    told: list[dict[str, int]] = [{} for _ in range(found.size)]
    for text, number, count in zip(found.texts, found.numbers, found.counts, strict=True):
        assert found.stems[number] not in told[text]
        told[text][found.stems[number]] = int(count)
    return told


@given(TEXTS)
def test_every_text_is_counted_as_if_it_were_alone(rows: list[tuple[list[str], list[str], str]]) -> None:
    words = Words()
    texts = [Text(" ".join(head), " ".join(body), language) for head, body, language in rows]
    alone = [Counter(words.stems(f"{t.head} . {t.head} . {t.body}", t.language)) for t in texts]
    assert counted(tally(words, texts)) == alone


def test_the_pairs_come_in_the_order_of_the_texts() -> None:
    found = tally(Words(), [Text("agua", "", "es"), Text("water", "pump"), Text("", "pompa", "es")])
    assert found.texts.tolist() == sorted(found.texts.tolist())


@pytest.mark.parametrize("texts", [[], [Text("", "")], [Text("the", "of and")]])
def test_texts_that_say_nothing_are_counted_too(texts: list[Text]) -> None:
    found = tally(Words(), texts)
    assert (found.size, found.stems, found.texts.tolist()) == (len(texts), (), [])
