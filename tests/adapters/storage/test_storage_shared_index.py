"""The index on PostgreSQL: what one process puts in, the next question to any other finds."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

from adapters.storage.shared_index import aside, finding
from adapters.storage.shared_index import index as module
from adapters.storage.shared_index.sample import Sample
from adapters.storage.shared_index.words import sought
from knowledge.index import SHORTLIST, ways_in
from knowledge.resources import Resource
from knowledge.search import Library
from tests.contracts.index.shelves import POUCH, SCHOOL, TOY, TRAVEL, find, put, shared
from tests.fakes.postgres_server import Databases
from tests.knowledge.toy import DIMENSION


def test_what_one_process_puts_in_the_next_question_to_another_finds(postgres: Databases) -> None:
    with shared(postgres, processes=2) as (one, other):
        put(one, SCHOOL, TRAVEL)
        assert find(other, "leaking pouch").size == 2
        put(one, POUCH)
        found = find(other, "leaking pouch")
        assert (found.ids[0], found.size, sorted(found.matched[0])) == ("pouch", 3, ["leak", "pouch"])
        put(other, replace(POUCH, title="A pump alarm at night", text=""))
        assert find(one, "pump alarm").ids[0] == "pouch"
        resource = one.index.get("pouch")
        assert resource is not None
        assert resource.title == "A pump alarm at night"
        other.remove("pouch")
        assert find(one, "pump alarm").size == 2


def test_what_is_retired_is_gone_at_once_and_known_to_be_behind(postgres: Databases) -> None:
    """Also before the index is told: the store has the last word."""
    with shared(postgres) as (one,):
        put(one, SCHOOL, TRAVEL, POUCH)
        assert find(one, "leaking pouch").ids[0] == "pouch"  # at hand from here on
        one.say("UPDATE resource SET state = 'retired' WHERE id = 'pouch'")
        one.say("UPDATE resource SET version = 2 WHERE id = 'school'")
        one.say(
            "INSERT INTO resource (id, state, version, payload) SELECT 'new', state, 1, payload FROM resource "
            "WHERE id = 'travel'"
        )
        assert "pouch" not in find(one, "leaking pouch").ids
        assert one.index.get("pouch") is None
        assert one.index.behind() == (["new", "school"], ["pouch"])
        put(one, replace(SCHOOL, version=2))
        one.remove("pouch")
        one.say("DELETE FROM resource WHERE id = 'new'")
        assert one.index.behind() == ([], [])
        assert (len(one.index), one.index.topics()) == (2, ("school", "travel"))


def test_what_others_have_retired_is_at_hand_until_the_next_look_at_what_is_behind(postgres: Databases) -> None:
    with shared(postgres, processes=2) as (one, other):
        put(one, SCHOOL, POUCH)
        assert find(other, "leaking pouch").ids[0] == "pouch"
        one.say("UPDATE resource SET state = 'retired' WHERE id = 'pouch'")
        assert other.index.behind() == ([], ["pouch"])
        assert other.index.get("pouch") is None


def test_a_question_for_which_hardly_anything_is_allowed_looks_further_and_ends(
    postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them are not allowed than may be at hand; `allowed` asks for each."""
    monkeypatch.setattr(module, "KEPT", 10)
    monkeypatch.setattr(module, "NEAR", 10)
    monkeypatch.setattr(finding, "HEARD", 10)
    monkeypatch.setattr(finding, "SHORTLIST", 10)
    with shared(postgres) as (one,):
        put(one, *(replace(POUCH, id=f"p{i:03}") for i in range(120)), replace(TRAVEL, medical=True))
        library = Library(DIMENSION, shared=one.index)
        vector = TOY.embed(["leaking pouch"])[0]
        for reached in ("leaking pouch", one.read("leaking pouch")):
            matches = library.rank(reached, vector, allowed=lambda resource: resource.medical)
            assert [match.resource_id for match in matches] == ["travel"]
        assert library.rank("leaking pouch", vector, allowed=lambda resource: False) == ()
        assert len(one.index._kept) <= 10


@pytest.mark.parametrize("dimension", [3, 768])
def test_vectors_may_have_any_length(postgres: Databases, dimension: int) -> None:
    draw = np.random.default_rng(1)
    rows = draw.normal(size=(2, dimension)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with shared(postgres, dimension=dimension) as (one,):
        one.put_all([SCHOOL], np.array([rows[0], rows[0]]))
        one.put_all([TRAVEL], np.array([rows[1], rows[1]]))
        one.index.settle()
        assert one.find("nothing", rows[1], 1).ids == ("travel",)
        with pytest.raises(ValueError, match="vectors of shape"):
            one.put_all([POUCH], np.ones((2, dimension + 1), np.float32))


def test_readers_never_see_half_an_edit(postgres: Databases) -> None:
    with shared(postgres, processes=2) as (one, other):
        put(one, SCHOOL, TRAVEL, POUCH)
        seen: list[object] = []

        def ask() -> None:
            for _ in range(30):
                try:
                    found = find(other, "leaking pouch", 1)
                    seen.append((found.ids, found.size))
                except Exception as error:
                    seen.append(error)

        readers = [Thread(target=ask) for _ in range(2)]
        for reader in readers:
            reader.start()
        for _ in range(20):
            put(one, POUCH)
        for reader in readers:
            reader.join()
        assert seen == [(("pouch",), 3)] * 60


def test_the_graph_is_used_and_finds_what_is_near(postgres: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where so few are there that PostgreSQL would rather read the whole table."""
    monkeypatch.setattr(aside, "PLANS", "SET enable_seqscan = off; SET enable_sort = off")
    with shared(postgres) as (one,):
        put(one, *(Resource(f"r{i:04}", f"alpha{i} beta{i % 50}") for i in range(SHORTLIST + 800)))
        one.index.settle()
        plan = one.say_rows(
            f"EXPLAIN SELECT slot FROM {one.index._names.schema}.way WHERE kind > 0 "
            "ORDER BY vector <#> (SELECT vector FROM "
            f"{one.index._names.schema}.way LIMIT 1) LIMIT 20"
        )
        assert any("way_near" in row[0] for row in plan)
        monkeypatch.setattr(module, "NEAR", 20)
        for i in (3, 444, 1111):
            assert find(one, "zeta", 1, near=f"alpha{i} beta{i % 50}").ids == (f"r{i:04}",)


def test_mean_and_spread_are_estimated_from_a_sample(postgres: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    import adapters.storage.shared_index.sample as sampling

    resources = [Resource(f"r{i:04}", f"alpha{i % 90} beta{i % 50} gamma{i}") for i in range(1_500)]
    with shared(postgres) as (one,):
        put(one, *resources)
        whole = find(one, "alpha3 beta7 words")
        monkeypatch.setattr(sampling, "SIZE", 300)
        one.index._sample = None
        part = find(one, "alpha3 beta7 words")
        assert isinstance(one.index._sample, Sample)
        assert len(one.index._sample.slots) == 300
        assert part.ids == whole.ids
        assert part.mean == pytest.approx(whole.mean, abs=0.01)
        assert part.spread == pytest.approx(whole.spread, rel=0.1)


def test_common_words_are_looked_up_together_and_rare_ones_alone() -> None:
    assert sought({}, 100) == ""
    assert sought({"rare": 3, "school": 4_000, "day": 6_000}, 100_000, 500) == "'rare' | ('school' & 'day')"
    assert sought({"rare": 3, "few": 400, "odd": 200}, 100_000, 500) == "'rare' | 'odd'"
    assert sought({"school": 40_000, "day": 60_000}, 100_000, 500) == "('school' & 'day')"
    assert sought({"it's": 1, "a\\b": 2}, 10) == "'it''s' | 'a\\\\b'"
    assert ways_in(SCHOOL).texts()[1] == f"{SCHOOL.title}. {SCHOOL.text}"
