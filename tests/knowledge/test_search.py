"""What is published is found at once, what is gone is gone, and the order never wavers."""

from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

from knowledge.confidence import Confidence, fitted
from knowledge.index import SHORTLIST, MemoryIndex
from knowledge.resources import Resource, ReviewState
from knowledge.search import Library, Match
from knowledge.ways_in import ways_in
from tests.knowledge.toy import DIMENSION, ToyEmbedder

TOY = ToyEmbedder()
SCHOOL = Resource(
    "school", "Absence letters for school", "Ask the office to excuse days at the clinic.", topics=("school",)
)
TRAVEL = Resource("travel", "Flying with cold medicine", "Carry the pens in a cooled bag.", topics=("travel",))
POUCH = Resource("pouch", "A leaking pouch at night", "Measure the opening again and warm the wafer.")


def library(*resources: Resource) -> Library:
    made = Library(DIMENSION)
    for resource in resources:
        put(made, resource)
    return made


def put(made: Library, resource: Resource) -> None:
    made.put(resource, TOY.embed(made.ways_in(resource)))


def ask(made: Library, text: str, **options: object) -> list[str]:
    return [match.resource_id for match in made.rank(text, TOY.embed([text])[0], **options)]  # type: ignore[arg-type]


def test_the_resource_that_shares_the_words_comes_first() -> None:
    made = library(SCHOOL, TRAVEL, POUCH)
    assert ask(made, "flying with pens")[0] == "travel"
    assert ask(made, "leaking pouch")[0] == "pouch"


def test_an_empty_library_finds_nothing() -> None:
    assert library().rank("anything", TOY.embed(["anything"])[0]) == ()


def test_a_new_resource_is_found_at_once() -> None:
    made = library(SCHOOL, TRAVEL)
    put(made, POUCH)
    assert ask(made, "leaking pouch", limit=1) == ["pouch"]


def test_a_removed_resource_is_gone_at_once() -> None:
    made = library(SCHOOL, TRAVEL, POUCH)
    assert made.remove("pouch")
    assert "pouch" not in ask(made, "leaking pouch")
    assert (len(made), made.get("pouch"), made.remove("pouch")) == (2, None, False)


def test_an_edited_resource_is_found_by_its_new_words_only() -> None:
    made = library(SCHOOL, TRAVEL, POUCH)
    put(made, replace(POUCH, title="Sleeping through a pump alarm", text="Clip the tube to the pillow."))
    (match, *_) = made.rank("pump alarm", TOY.embed(["pump alarm"])[0])
    assert (match.resource_id, match.why, len(made)) == ("pouch", ("pump alarm",), 3)
    assert (
        ask(made, "measure the wafer opening", limit=1) != ["pouch"]
        or made.rank("wafer", TOY.embed(["wafer"])[0])[0].why == ()
    )


@pytest.mark.parametrize("state", [ReviewState.DRAFT, ReviewState.IN_REVIEW, ReviewState.RETIRED])
def test_only_published_resources_are_kept(state: ReviewState) -> None:
    made = library(SCHOOL, TRAVEL, POUCH)
    put(made, replace(POUCH, state=state))
    assert made.get("pouch") is None
    assert "pouch" not in ask(made, "leaking pouch")


def test_a_past_question_leads_to_its_resource() -> None:
    made = library(replace(SCHOOL, asked_as=("truancy warning arrived",)), TRAVEL, POUCH)
    assert ask(made, "truancy warning", limit=1) == ["school"]


def test_a_passage_deep_in_a_long_text_leads_to_its_resource() -> None:
    filler = " ".join(f"Sentence number {i} speaks of other matters." for i in range(200))
    long = replace(TRAVEL, text=f"{filler} Hotel fridges freeze insulin overnight.")
    assert len(made_ways := ways_in(long).passages) > 5
    assert "fridges" in made_ways[-1]
    assert ask(library(SCHOOL, long, POUCH), "hotel fridges freeze overnight", limit=1) == ["travel"]


def test_resources_that_are_not_allowed_are_left_out() -> None:
    made = library(SCHOOL, replace(TRAVEL, medical=True), POUCH)
    assert "travel" not in ask(made, "flying with pens", allowed=lambda resource: not resource.medical)
    assert len(ask(made, "flying with pens", allowed=lambda resource: not resource.medical)) == 2


def test_equals_are_ordered_by_id_whatever_the_order_they_came_in() -> None:
    twins = [replace(POUCH, id=name) for name in ("b", "c", "a")]
    assert ask(library(*twins), "leaking pouch") == ask(library(*reversed(twins)), "leaking pouch") == ["a", "b", "c"]


def test_why_is_told_in_the_resource_s_own_words() -> None:
    text = "the school does not excuse clinic days"
    (match, *_) = library(SCHOOL, TRAVEL, POUCH).rank(text, TOY.embed([text])[0], limit=1)
    assert set(match.why) == {"school", "excuse days", "clinic"}


def whys(made: Library, text: str) -> dict[str, tuple[str, ...]]:
    return {match.resource_id: match.why for match in made.rank(text, TOY.embed([text])[0])}


def test_a_slip_of_the_keyboard_and_a_prefix_still_match_words() -> None:
    made = library(SCHOOL, TRAVEL, POUCH)
    assert whys(made, "medicnie") == {"school": (), "travel": ("medicine",), "pouch": ()}
    assert whys(made, "unexcused") == {"school": ("excuse",), "travel": (), "pouch": ()}


def test_a_spanish_question_meets_a_spanish_resource() -> None:
    spanish = Resource("es", "Las vacunaciones del viaje", "Pida una carta al hospital.", language="es")
    assert whys(library(SCHOOL, spanish), "una vacunación para el niño") == {"school": (), "es": ("vacunaciones",)}


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "😀" * 30_000, "word " * 30_000, "שלום", "?" * 1_000])
def test_any_question_goes_through(text: str) -> None:
    matches = library(SCHOOL, TRAVEL).rank(text, TOY.embed(["x"])[0])
    assert all(0 <= match.confidence <= 1 for match in matches)
    assert len(matches) == 2


def test_vectors_of_the_wrong_shape_are_refused_and_change_nothing() -> None:
    made = library(SCHOOL)
    with pytest.raises(ValueError, match="school"):
        made.put(SCHOOL, np.zeros((7, DIMENSION), np.float32))
    assert ask(made, "school absence") == ["school"]


def test_a_match_carries_the_confidence_it_was_given() -> None:
    sure = Confidence((0.0,) * len(fitted().weights), 0.0, 0.2, 0.9)
    made = Library(DIMENSION, sure)
    put(made, POUCH)
    (match,) = made.rank("leaking pouch", TOY.embed(["leaking pouch"])[0])
    assert match == Match("pouch", POUCH.title, match.score, 0.5, ("leaking pouch",))
    assert (made.silent_below, made.sure_from) == (0.2, 0.9)


def test_no_vector_of_a_removed_resource_stays_in_the_slot_it_had() -> None:
    index, long = MemoryIndex(DIMENSION), "omega. " + "filler words go on. " * 60
    old = Resource("old", "alpha", long, asked_as=("beta",))
    index.put(old, TOY.embed(ways_in(old).texts()))
    index.remove("old")
    new = Resource("new", "gamma")
    index.put(new, TOY.embed(ways_in(new).texts()))
    for text in ways_in(old).texts():
        found = index.find("", TOY.embed([text])[0], 1)
        assert (found.ids, float(found.best[0]) < 0.6) == (("new",), True), text


def test_the_allowed_are_found_however_far_down_they_stand() -> None:
    made = library(*(replace(POUCH, id=f"p{i:02}") for i in range(60)), replace(TRAVEL, medical=True))
    assert ask(made, "leaking pouch", allowed=lambda resource: resource.medical) == ["travel"]


def test_a_word_that_was_shown_is_not_shown_alone_again() -> None:
    text = "cold pens bag night"
    resource = Resource("r", "Cold pens", "The pens go into a cold bag at night.")
    (match,) = library(resource).rank(text, TOY.embed([text])[0])
    assert sorted(match.why) == ["cold bag", "cold pens", "night"]


def test_a_word_is_not_shown_beside_the_longer_phrase_that_holds_it() -> None:
    text = "may we have time off for infusion days"
    resource = Resource("r", "Your job: flexible days", "Time off for infusion days is for families.")
    (match,) = library(resource).rank(text, TOY.embed([text])[0])
    assert "infusion days" in match.why
    assert "days" not in match.why


def test_many_edits_leave_what_a_fresh_library_would_have() -> None:
    """Slots and rows are reused, tables grow, the shortlist is in play: the ranking is a fresh library's."""
    draw = np.random.default_rng(3)
    names = [f"topic{i} word{i % 7} thing{i % 11}" for i in range(SHORTLIST + 300)]
    resources = [
        Resource(f"r{i:05}", name, f"About {name}.", asked_as=(f"past {name}",) * (i % 3 == 0))
        for i, name in enumerate(names)
    ]
    edited = library(*resources[::-1])
    for i in draw.permutation(len(resources))[:400]:
        edited.remove(resources[i].id)
        if i % 2:
            put(edited, resources[i])
    kept = [resource for resource in resources if edited.get(resource.id)]
    fresh = library(*kept)
    assert len(fresh) == len(edited) == len(kept) < len(resources)
    for i in range(0, len(names), 97):
        vector = TOY.embed([names[i]])[0]
        assert edited.rank(names[i], vector) == fresh.rank(names[i], vector)


def test_each_way_in_is_as_near_as_it_can_be_to_its_own_words() -> None:
    long = replace(
        POUCH, text="Measure it. " * 60 + "Warm the wafer. " * 60, asked_as=("why does it leak?", "hot wafer")
    )
    index, ways = MemoryIndex(DIMENSION), ways_in(long)
    index.put_all([SCHOOL, long], TOY.embed([*ways_in(SCHOOL).texts(), *ways.texts()]))
    assert len(ways.passages) > 1
    for text in ways.texts():
        found = index.find(text, TOY.embed([text])[0], 2)
        assert (found.ids[0], round(float(found.best[0]), 5)) == ("pouch", 1.0)
    assert round(float(index.find(ways.full, TOY.embed([ways.full])[0], 2).full[0]), 5) == 1.0


def test_past_questions_are_all_looked_at_however_many_resources_fit_better_otherwise() -> None:
    question, faint, fair = (np.array([x, (1 - x * x) ** 0.5, 0.0], np.float32) for x in (1.0, 0.1, 0.2))
    shelf = [Resource(f"r{i}", "Tents", asked_as=("where are they?",) * (i == 7)) for i in range(SHORTLIST + 50)]
    rows = [(faint, faint, question) if resource.asked_as else (fair, fair) for resource in shelf]
    index = MemoryIndex(3)
    index.put_all(shelf, np.array([vector for ways in rows for vector in ways]), [len(ways) for ways in rows])
    found = index.find("anything", question, 1)
    assert (found.ids, found.best.tolist()) == (("r7",), [1.0])


def test_many_put_at_once_are_what_each_put_alone_would_be() -> None:
    long = replace(POUCH, id="long", text="Measure the opening. " * 80, asked_as=("why does it leak?", "hot wafer"))
    spanish = Resource("es", "Cartas para la escuela", "Pida a la oficina 3 cartas.", language="es")
    shelf = [SCHOOL, long, TRAVEL, spanish, replace(SCHOOL, id="draft", state=ReviewState.DRAFT), POUCH]
    published = [r for r in shelf if r.state is ReviewState.PUBLISHED]
    alone, together = library(*published), library(TRAVEL, replace(POUCH, title="Old words", asked_as=("gone",)))
    put(together, replace(SCHOOL, id="draft"))
    counted, vectors = library(), TOY.embed([text for r in published for text in together.ways_in(r)])
    together.put_all(shelf, vectors)
    counted.put_all(shelf, vectors, [len(counted.ways_in(r)) for r in published])
    asked = ["leaking pouch", "flying with pens", "cartas de la escuela", "hot wafer", "old words gone", "3"]
    for text in asked:
        vector = TOY.embed([text])[0]
        assert counted.rank(text, vector) == together.rank(text, vector) == alone.rank(text, vector)
    together.remove("long")
    alone.remove("long")
    assert together.rank("hot wafer", TOY.embed(["hot wafer"])[0]) == alone.rank(
        "hot wafer", TOY.embed(["hot wafer"])[0]
    )


def test_vectors_of_another_count_or_an_id_twice_change_nothing() -> None:
    made = library(SCHOOL, TRAVEL)
    before = made.rank("letters", TOY.embed(["letters"])[0])
    vectors = TOY.embed([text for r in (POUCH, SCHOOL) for text in made.ways_in(r)])
    with pytest.raises(ValueError, match="vectors of shape"):
        made.put_all([POUCH, SCHOOL], vectors[:-1])
    with pytest.raises(ValueError, match="vectors of shape"):
        made.put_all([POUCH, SCHOOL], vectors, [2, 1])
    with pytest.raises(ValueError, match="twice"):
        made.put_all([POUCH, POUCH], vectors)
    assert made.rank("letters", TOY.embed(["letters"])[0]) == before


def test_the_shortlist_loses_no_past_question() -> None:
    index = MemoryIndex(DIMENSION)
    for i in range(SHORTLIST + 500):
        plain = Resource(f"r{i}", f"alpha beta{i}")
        index.put(plain, TOY.embed(ways_in(plain).texts()))
    odd = Resource("odd", "gamma", asked_as=("delta epsilon",))
    index.put(odd, TOY.embed(ways_in(odd).texts()))
    assert index.find("zeta", TOY.embed(["delta epsilon"])[0], 1).ids == ("odd",)


def test_readers_in_other_threads_never_see_half_an_edit() -> None:
    made = library(SCHOOL, TRAVEL, POUCH)
    vector, failures = TOY.embed(["leaking pouch"])[0], []

    def read() -> None:
        for _ in range(200):
            try:
                found = made.rank("leaking pouch", vector)
                if not {m.resource_id for m in found} <= {"school", "travel", "pouch"}:
                    failures.append(found)
            except Exception as error:
                failures.append(error)

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(200):
        made.remove("pouch")
        put(made, POUCH)
    for reader in readers:
        reader.join()
    assert failures == []
