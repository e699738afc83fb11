"""The learning curve: what is measured was never confirmed, and confirmed questions make a resource found."""

from __future__ import annotations

from toy import ToyEmbedder

from bench.learning import STEPS, learn, lesson, share
from bench.sets import Corpus, Vectors
from knowledge.evaluation import Query
from knowledge.resources import Resource
from knowledge.text import letters

THINGS = "letter tablet needle teacher doctor nurse pillow blanket ticket folder parent window garden".split()  # noqa: SIM905
NEEDS = {"swim": "pool goggles", "sleep": "bed night", "food": "lunch soup"}
RESOURCES = [Resource(name, f"{name} page", "Nothing that anybody would say.") for name in (*NEEDS, "empty")]
QUERIES = [
    Query(f"{name}-{n}", f"{words} {thing}?", (name,))
    for name, words in NEEDS.items()
    for n, thing in enumerate(THINGS)
]
SET = Corpus("toy", RESOURCES, [*QUERIES, Query("same", QUERIES[0].text.upper(), ("swim",)), Query("none", "?", ())])


def test_what_is_measured_is_not_confirmed_and_is_the_same_for_the_same_seed():
    one = lesson(SET, 1)
    assert one == lesson(SET, 1)
    assert one != lesson(SET, 2)
    assert {name: len(texts) for name, texts in one.confirmed.items()} == dict.fromkeys(NEEDS, STEPS[-1])
    for some in map(lesson, [SET] * 5, range(5)):
        confirmed = {tuple(letters(text)) for texts in some.confirmed.values() for text in texts}
        assert not [q for q in some.measured if tuple(letters(q.text)) in confirmed]
    assert {q.relevant[0] for q in one.measured} == set(NEEDS)


def test_a_resource_with_few_questions_is_not_measured():
    few = Corpus("few", RESOURCES, [q for q in QUERIES if q.id not in ("food-0", "food-1")])
    assert set(lesson(few, 1).confirmed) == {"swim", "sleep"}


def test_confirmed_questions_lead_to_their_resource():
    none, *_, all_ = learn(RESOURCES, [lesson(SET, 1), lesson(SET, 2)], Vectors(ToyEmbedder()))
    assert share(none.hits).value < 0.7
    assert share(all_.hits).value > 0.9
    gain = share(all_.hits, none.hits)
    assert abs(gain.value - (share(all_.hits).value - share(none.hits).value)) < 1e-9
    assert gain.low <= gain.value <= gain.high


def test_a_share_counts_questions_and_its_interval_resources():
    found = share({"a": [1.0, 1.0, 1.0], "b": [0.0]})
    assert (found.value, found.low, found.high) == (0.75, 0.0, 1.0)
