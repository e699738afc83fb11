"""What families say is read as what it means; what could mean something else is read as nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.glossary import Glossary, Term, merged
from knowledge.glossary_file import packaged, read_terms
from knowledge.resources import Resource
from knowledge.search import Library
from knowledge.text import Words, letters
from tests.knowledge.toy import DIMENSION, ToyEmbedder

TOY = ToyEmbedder()
REAL_WORDS = Path(__file__).parents[2] / "bot" / "safety" / "real-words.txt"
MEANT = {"biologia", "diarrea"}  # real words whose reading is right
FORMULA = Resource("formula", "Starting exclusive enteral nutrition", "Eight weeks of formula and no food.")
PENS = Resource("pens", "Flying with adalimumab", "Carry it in a cooled bag.")
TUBE = Resource("tube", "Sonda nasogástrica en casa", "Cómo fijarla por la noche.", language="es")
CAMP = Resource("camp", "Summer camp", "A week by the lake with a nurse who knows.")


def meant(text: str, language: str = "en") -> list[str]:
    return Words(packaged()).stems(text, language)


def read(*lines: str) -> tuple[Term, ...]:
    terms, faults = read_terms("\n".join(lines))
    assert faults == ()
    return terms


def why(text: str, resource: Resource) -> tuple[str, ...]:
    """What of the resource matches the text by its words alone; beside another that has none of them."""
    library = Library(DIMENSION)
    for one in (resource, CAMP):
        library.put(one, TOY.embed(library.ways_in(one)))
    said = {match.resource_id: match.why for match in library.rank(text, TOY.embed(["nothing alike"])[0])}
    assert said["camp"] == ()
    return said[resource.id]


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("een", "exclusive enteral nutrition"),
        ("NG tubes", "nasogastric tube"),
        ("The NG fell out and the feed ran over the bed", "nasogastric tube fell out feed ran bed"),
        ("Insurance says no to the PA", "insurance says prior authorization"),
        ("a 504 for school", "504 plan school"),
        ("6-MP or MTX", "mercaptopurine methotrexate"),
        ("C. diff", "Clostridioides difficile"),
        ("Remicade's", "infliximab"),
        ("nappies", "diaper"),
        ("pip of an orange, PIP", "pip orange personal independence payment"),
        ("PIP form", "personal independence payment form"),
        ("A&E tonight", "emergency room tonight"),
        ("UC", "ulcerative colitis"),
        ("two IEPs", "two individualized education program"),
        ("sonda nasogástrica", "nasogastric tube"),
        ("CALPROTECTINA FECAL", "calprotectin"),
    ],
)
def test_a_name_is_read_as_what_it_means(said: str, means: str) -> None:
    assert meant(said) == Words().stems(means)


@pytest.mark.parametrize(
    "said",
    [
        "Our PA was lovely today",  # a physician assistant
        "We live in Scranton, PA",
        "the pa who denied our insurance",  # in small letters
        "Burn it onto a CD for the trip",
        "The ship is in port, any port",
        "My phone needs a USB port, not a needle",
        "vitamins A, E and K",
        "Every pip of the orange",
        "THIS PIP THING IS GETTING ME DOWN",  # in a text of capitals they say nothing
        "He is at UC Davis",
        "Room 504 on the left",
        "The scope of this group",
        "A cream for CRPS",  # no C-reactive protein
        "Take the ER tablet, 9 mg",
        "I got a good seat for the cobra show",
    ],
)
def test_what_could_mean_something_else_is_left_as_it_is(said: str) -> None:
    assert meant(said) == Words().stems(said)


def test_names_meet_in_one_form_whatever_the_language_of_the_text() -> None:
    assert meant("la EII de mi hija", "es")[:3] == meant("inflammatory bowel disease") == meant("IBD", "es")


def test_a_text_without_names_is_the_same_list_of_words() -> None:
    words = letters("nothing of that kind")
    assert packaged().read(words, "nothing of that kind") is words


@pytest.mark.parametrize(
    ("said", "resource", "says"),
    [
        ("Is EEN hard?", FORMULA, "exclusive enteral nutrition"),
        ("humira on a plane", PENS, "adalimumab"),
        ("humria on a plane", PENS, "adalimumab"),  # two letters changed about
        ("NG tube comes out", TUBE, "sonda nasogástrica"),
    ],
)
def test_a_question_finds_the_resource_that_says_it_otherwise(said: str, resource: Resource, says: str) -> None:
    assert why(said, resource) == (says,)


def test_a_resource_that_says_it_shortly_is_found_and_shown_in_its_own_words() -> None:
    short = replace(FORMULA, title="Our first week on EEN", topics=("een and school",))
    assert why("exclusive enteral nutrition", short) == ("een and school",)
    assert why("exclusive enteral nutrition", replace(short, topics=())) == ("een",)
    assert why("exclusive enteral nutrition", replace(FORMULA, title="Eight weeks", text="We did EEN.")) == ("een",)


def test_an_edited_resource_is_found_by_its_new_name_only() -> None:
    library = Library(DIMENSION)
    for resource in (FORMULA, CAMP, replace(FORMULA, title="Starting TPN", text="")):
        library.put(resource, TOY.embed(library.ways_in(resource)))
    vector = TOY.embed(["nothing alike"])[0]
    assert not any(match.why for match in library.rank("EEN?", vector) if match.resource_id == "camp")
    assert [m.why for m in library.rank("parenteral nutrition", vector) if m.resource_id == "formula"] == [("tpn",)]


@pytest.mark.parametrize(
    "text", ["½ EEN İstanbul PIP", "\ud800 PA insurance", "é" * 50 + " EEN", "ﬁ PIP", "EEN " * 2_000]
)
def test_any_text_goes_through(text: str) -> None:
    words = Words(packaged())
    words.stems(text)
    words.units(text)


def test_no_real_word_is_taken_for_a_slip_in_a_name() -> None:
    glossary, words, wrong = packaged(), Words(), set()
    real = REAL_WORDS.read_text(encoding="utf-8").split()
    for language in ("en", "es"):
        stems = zip(real, words.each(real, language), strict=True)
        wrong |= {word for word, stem in stems if glossary.slip(stem)}
    assert wrong == MEANT
    assert [glossary.slip(word) for word in ("remicaid", "entivio", "canada", "program")] == [
        ("infliximab",),
        ("vedolizumab",),
        (),
        (),
    ]


def test_a_communitys_names_win_over_ours() -> None:
    ours = read("prior authorization: [PA]", "exclusive enteral nutrition: [EEN]", "port catheter: [port-a-cath]")
    theirs = read("physician assistant: [PA: as written]", "shake weeks: [EEN]", "leave alone: [port-a-cath]")
    words = Words(Glossary(merged(ours, theirs)))
    assert words.stems("PA") == words.stems("physician assistant")
    assert words.stems("pa") == ["pa"]
    assert words.stems("EEN") == ["shake", "week"]
    assert words.stems("port-a-cath") == ["port", "cath"]


def test_another_name_for_the_long_form_itself_is_followed() -> None:
    theirs = read("shake weeks: [exclusive enteral nutrition]")
    words = Words(Glossary(merged(read("exclusive enteral nutrition: [EEN]"), theirs)))
    assert words.stems("EEN") == words.stems("exclusive enteral nutrition") == ["shake", "week"]
