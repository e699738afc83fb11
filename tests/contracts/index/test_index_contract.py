"""What every index promises, in memory and on PostgreSQL: the same candidates with the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from knowledge.confidence import fitted
from knowledge.index import SHORTLIST, Candidates, Index, MemoryIndex
from knowledge.resources import Resource
from knowledge.ways_in import ways_in
from tests.contracts.index.shelves import KINDS, LONG, POUCH, SCHOOL, TOY, TRAVEL, find, made, put

SPANISH = Resource("es", "Las vacunaciones del viaje", "Pida una carta al hospital.", language="es")


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    with made(request.param, request) as one:
        yield one


def test_an_empty_index_finds_nothing(index: Index) -> None:
    found = find(index, "anything at all")
    assert (found.ids, found.size, found.mean, found.spread, found.asked) == ((), 0, 0.0, 0.0, 0)
    assert len(fitted().judge(found, found.asked)) == 0


def test_what_is_put_is_found_what_is_edited_is_found_anew_what_is_removed_is_gone(index: Index) -> None:
    put(index, SCHOOL, TRAVEL, POUCH)
    assert find(index, "leaking pouch").ids[0] == "pouch"
    put(index, replace(POUCH, title="Sleeping through a pump alarm", text="Clip the tube to the pillow."))
    found = find(index, "pump alarm")
    assert (found.ids[0], sorted(found.matched[0]), found.size) == ("pouch", ["alarm", "pump"], 3)
    assert not any("wafer" in matched for matched in find(index, "measure the wafer").matched)
    assert index.remove("pouch")
    assert not index.remove("pouch")
    assert "pouch" not in find(index, "pump alarm").ids
    assert find(index, "pump alarm").size == 2


def test_each_way_in_leads_to_its_resource(index: Index) -> None:
    put(index, SCHOOL, LONG)
    assert len(ways_in(LONG).passages) > 1
    for text in ways_in(LONG).texts():
        found = find(index, text)
        assert (found.ids[0], round(float(found.best[0]), 3)) == ("long", 1.0), text
    assert round(float(find(index, ways_in(LONG).full).full[0]), 3) == 1.0
    assert float(find(index, "why does it hum?").full[0]) < 0.9


def test_only_what_is_allowed_is_found_however_far_down_it_stands(index: Index) -> None:
    put(index, *(replace(POUCH, id=f"p{i:02}") for i in range(60)), TRAVEL)
    assert find(index, "leaking pouch", allowed=lambda one: one == "travel").ids == ("travel",)
    assert find(index, "leaking pouch", 3, lambda one: one > "p10").ids == ("p11", "p12", "p13")


def test_equals_stand_in_the_order_of_their_ids(index: Index) -> None:
    put(index, *(replace(POUCH, id=name) for name in ("b", "c", "a")), SCHOOL)
    assert find(index, "leaking pouch").ids == ("a", "b", "c", "school")


def test_slips_prefixes_and_spanish_words_are_heard(index: Index) -> None:
    put(index, SCHOOL, TRAVEL, SPANISH)
    heard = {
        "medicnie": ("travel", ["medicin"]),
        "unexcused": ("school", ["excus"]),
        "una vacunación para el niño": ("es", ["vacun"]),
        "vacunacion para el niño": ("es", ["vacun"]),
    }
    for text, (wanted, stems) in heard.items():
        found = find(index, text, near="nothing like it")
        matched = dict(zip(found.ids, found.matched, strict=True))
        assert sorted(matched[wanted]) == stems, text
        assert not any(matched[other] for other in matched if other != wanted), text


@pytest.mark.parametrize(
    "text", ["", "\0", "\ud800", "😀" * 30_000, "word " * 30_000, "שלום", "' | \\ & ! ():*", "a<->b"]
)
def test_any_question_goes_through(index: Index, text: str) -> None:
    put(index, SCHOOL, TRAVEL)
    assert len(find(index, text, near="x").ids) == 2


def test_a_reading_from_before_an_edit_is_made_anew(index: Index) -> None:
    put(index, SCHOOL)
    reading = index.read("leaking pouch")
    put(index, POUCH)
    found = index.find(reading, TOY.embed(["leaking pouch"])[0], 5)
    assert (found.ids[0], sorted(found.matched[0]), found.size) == ("pouch", ["leak", "pouch"], 2)


def test_vectors_that_do_not_fit_are_refused_and_change_nothing(index: Index) -> None:
    put(index, SCHOOL, TRAVEL)
    vectors = TOY.embed([text for r in (POUCH, SCHOOL) for text in ways_in(r).texts()])
    for resources, given, complaint in (
        ([POUCH, SCHOOL], vectors[:-1], "vectors of shape"),
        ([POUCH, SCHOOL], vectors[:, 1:], "vectors of shape"),
        ([POUCH, POUCH], vectors, "twice"),
    ):
        with pytest.raises(ValueError, match=complaint):
            index.put_all(resources, given)
    assert sorted(find(index, "pouch").ids) == ["school", "travel"]


@pytest.mark.parametrize(("kind", "size"), [(KINDS[1], 7), (KINDS[1], 300), (KINDS[2], SHORTLIST + 400)])
def test_the_figures_are_those_of_the_index_in_memory(kind: str, size: int, request: pytest.FixtureRequest) -> None:
    """After edits, too. Beyond the shortlist somewhat more resources are compared by their passages than in memory, and
    each weighs a little in the mean."""
    resources = [
        Resource(
            f"r{i:03}",
            f"topic{i % 41} word{i % 7} thing{i % 11}",
            "Long words stand here. " * (60 * (i % 50 == 3)) + f"About letter{i % 5}, chance{i}.",
            asked_as=(f"past word{i % 13}",) * (i % 3 == 0),
        )
        for i in range(size)
    ]
    exact = MemoryIndex(64)
    with made(kind, request) as index:
        for one in (exact, index):
            put(one, *resources)
            put(one, *(replace(r, title=f"{r.title} anew") for r in resources[::5]))
            for r in resources[1::9]:
                one.remove(r.id)
        near = 2e-3 if size < SHORTLIST else 1e-2
        for text in ("topic3 word2", "thing4 letter1 chance2", "past word3 anew", "wrod2 chance6", "nobody says that"):
            alike(find(exact, text), find(index, text), near)


def alike(exact: Candidates, found: Candidates, near: float) -> None:
    assert found.size == exact.size
    assert found.asked == exact.asked
    assert found.ids == exact.ids
    for name in ("score", "full", "best", "shared", "coverage", "mean", "spread"):
        np.testing.assert_allclose(getattr(found, name), getattr(exact, name), atol=near, err_msg=name)
    for one, other in zip(found.matched, exact.matched, strict=True):
        assert one == pytest.approx(other)
    certain = fitted()
    np.testing.assert_allclose(certain.judge(found, found.asked), certain.judge(exact, exact.asked), atol=5 * near)
