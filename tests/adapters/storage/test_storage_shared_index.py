"""The index on PostgreSQL: what one process puts in, the next question to any other finds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import asyncpg
import numpy as np
import pytest

from adapters.storage.shared_index import aside, finding
from adapters.storage.shared_index import index as module
from adapters.storage.shared_index.finding import Compared, compare, nearest
from adapters.storage.shared_index.sample import SIZE, Sample
from adapters.storage.shared_index.words import State, sought
from knowledge.resources import Resource
from knowledge.search import Library
from knowledge.ways_in import ways_in
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
    monkeypatch.setattr(finding, "NEAR", 10)
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


def test_what_a_clinician_has_reviewed_is_found_however_far_down_and_nothing_else_is_read(
    postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, few in (("NEAR", 10), ("HEARD", 10), ("SHORTLIST", 10), ("FAR", 20)):
        monkeypatch.setattr(finding, name, few)
    reviewed = replace(TRAVEL, medical=True, clinician="web:local:ada")
    with shared(postgres) as (one,):
        put(one, *(replace(POUCH, id=f"p{i:03}", medical=True) for i in range(60)), reviewed)
        library, vector = Library(DIMENSION, shared=one.index), TOY.embed(["leaking pouch"])[0]
        read: list[str] = []
        decode = one.index._wire.decode
        monkeypatch.setattr(one.index._wire, "decode", lambda *given: read.append(given[0]) or decode(*given))
        matches = library.rank("leaking pouch", vector, reviewed_only=True)
        assert ([match.resource_id for match in matches], len(read)) == (["travel"], 1)
        monkeypatch.setattr(finding, "FAR", 0)  # so many are reviewed that not all of them are compared
        put(one, replace(reviewed, id="p000", version=2))
        assert library.rank("cold medicine", TOY.embed(["cold medicine"])[0], reviewed_only=True)
        one.say("UPDATE resource SET payload = replace(payload, 'web:local:ada', '')")  # the store has the last word
        one.index.behind()
        assert library.rank("leaking pouch", vector, reviewed_only=True) == ()


def test_a_question_never_sees_half_an_edit(postgres: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken out or put in while it is looked for is there as it was when the question began."""
    with shared(postgres, processes=2) as (one, other):
        put(one, SCHOOL, TRAVEL, POUCH)

        async def meanwhile(*given: Any, **how: bool) -> Compared:
            other.remove("pouch")
            put(other, replace(TRAVEL, id="anew"))
            return await compare(*given, **how)

        monkeypatch.setattr(module, "compare", meanwhile)
        found = find(one, "leaking pouch")
        assert (found.ids[0], found.size, len(found.ids)) == ("pouch", 3, 3)
        monkeypatch.setattr(module, "compare", compare)
        assert sorted(find(one, "leaking pouch").ids) == ["anew", "school", "travel"]


def test_one_writes_at_a_time(postgres: Databases) -> None:
    async def kept_waiting(step: Callable[[], object]) -> bool:
        """Whether it ends only after another writer has."""
        holder = await asyncpg.connect(host=str(postgres.server.folder), user="winwin", database=postgres.shared)
        await holder.execute(f"SELECT pg_advisory_lock({one.index._names.key})")
        task = asyncio.create_task(asyncio.to_thread(step))
        waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
        for _ in range(500):
            if task.done() or await holder.fetchval(waiting):
                break
            await asyncio.sleep(0.01)
        waited = not task.done()
        await holder.close()
        await task
        return waited

    with shared(postgres) as (one,):
        assert asyncio.run(kept_waiting(lambda: put(one, SCHOOL, POUCH)))
        assert asyncio.run(kept_waiting(lambda: one.remove("school")))
        assert find(one, "leaking pouch").ids == ("pouch",)


def test_the_graph_is_used_and_finds_what_is_near(postgres: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where so few are there that PostgreSQL would rather read the whole table. A scan gives as many as are asked
    for, whatever it keeps in view."""
    monkeypatch.setattr(aside, "PLANS", "SET enable_seqscan = off; SET enable_sort = off")
    monkeypatch.setattr(finding, "SHORTLIST", 100)
    monkeypatch.setattr(module, "REACH", 20)
    with shared(postgres) as (one,):
        put(one, *(Resource(f"r{i:04}", f"alpha{i} beta{i % 50}") for i in range(300)))
        one.index.settle()
        vector = TOY.embed(["alpha3 beta3"])[0]
        plan = one.say_rows(f"EXPLAIN {nearest(one.index._names, 150)}", vector)
        assert any("way_near" in row[0] for row in plan)
        assert not any("Sort" in row[0] for row in plan)
        assert len(one.say_rows(nearest(one.index._names, 150), vector)) == 150
        monkeypatch.setattr(finding, "NEAR", 20)
        for i in (3, 144, 222):
            assert find(one, "zeta", 1, near=f"alpha{i} beta{i % 50}").ids == (f"r{i:04}",)


def test_a_sample_stands_for_the_whole_until_one_in_a_hundred_has_changed() -> None:
    nothing = np.zeros(0, np.int64)
    drawn = Sample(500, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing)  # type: ignore[arg-type]
    assert [drawn.holds(State(3_000, 1.0, edits)) for edits in (500, 530, 531, 470, 469)] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert [drawn.holds(State(SIZE, 1.0, edits)) for edits in (500, 501)] == [True, False]


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
