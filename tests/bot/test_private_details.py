"""What gives a family away is found, taken out, and shown to a moderator; what only looks like it can be left in."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community import MemberRecord
from bot.judging import Heard
from bot.private_details import Kind, details, names_of, without
from bot.safety.findings import Code
from bot.safety.triage import Triage
from bot.stand_ins import Marks, left_in, without_stand_ins

NAMES = ["Dana Petersen", "Dana", "Petersen", "Will Archer", "Will", "Tess W."]


@pytest.fixture(scope="module")
def triage() -> Triage:
    return Triage.load()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Write to dana.p+ibd@mail.example.co.uk!", "Write to [e-mail]!"),
        ("mail laura.q at gmail dot com please", "mail [e-mail] please"),
        ("Ring +1 (555) 123-4567 or 0151 234567.", "Ring [phone number] or [phone number]."),
        ("42 Alder Street, Norwich is where we live", "[address], Norwich is where we live"),
        ("We live at number 7 Bramble Lane by the gate. Come by.", "[address]. Come by."),
        ("Vivo en calle Olmo 14, segundo piso. Gracias", "[address]. Gracias"),
        ("MRN: 88A-1234 and chart no. 5", "[record number] and chart no. 5"),
        ("mi DNI 12345678Z, gracias", "mi [record number], gracias"),
        ("Elsa Moreno, DOB 04/12/2013, has Crohn's", "[name], [date of birth], has Crohn's"),
        ("the portal password is tulip22, try it", "the portal [password], try it"),
        ("my son Perrin Ashdale has Crohn's", "my son [name] has Crohn's"),
        ("she posts as insta elsa_m13 now", "she posts as [handle] now"),
        ("Ask @dana_p or Dana Petersen, not danaë", "Ask [handle] or [name], not danaë"),
        ("PETERSEN told me, and dana's sister", "[name] told me, and [name]'s sister"),
        ("Will it hurt? It will pass. I asked Will.", "Will it hurt? It will pass. I asked [name]."),
        ("In 2024 we had 3 infusions, 8 weeks apart.", "In 2024 we had 3 infusions, 8 weeks apart."),
        ("calpro 1250000 on 2024-11-03, 3.5 mg per kg", "calpro 1250000 on 2024-11-03, 3.5 mg per kg"),
        ("Tess W. wrote it, not Tess W", "[name] wrote it, not [name]"),
        ("Al told us to wait", "Al told us to wait"),
    ],
)
def test_private_details_are_taken_out_and_plain_figures_stay(text, kept):
    assert without(text, [*NAMES, "Al", ""]) == kept


PARTS = st.sampled_from(
    [
        "Call me on 07700 900 123.",
        "mail pat.doe@mail.example",
        "His MRN is 00482913",
        "born 3/4/2013",
        "we live at 7 Bramble Lane",
        "password: tulip77",
        "My daughter Nadia Ferrol has colitis",
        "the infusion took 4 hours",
        "why though?",
        "\n",
        "(",
        "[name]",
        "Ferrol 3",
    ]
)


@given(st.lists(PARTS, max_size=6).map(" ".join))
def test_of_what_the_rules_find_nothing_is_left(triage: Triage, text: str):
    for wide in (True, False):
        left = without(text, (), wide=wide)
        assert [f for f in triage.check(left) if f.code is Code.P1] == [], left


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=3))
def test_any_text_has_its_details_apart_and_inside_it(text: str, names: list[str]):
    found = details(text, names)
    assert all(0 <= d.start < d.end <= len(text) for d in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    without(text, names)


def test_several_are_told_apart_and_one_that_comes_again_is_the_same():
    marks = Marks(NAMES)
    text = marks.mark("Dana Petersen: 0800 555 0100, or 07700 900 123")
    asked = marks.mark("who has the number 0800 555 0100 of dana petersen?")
    assert text == "[name]: [phone number 2], or [phone number]"
    assert asked == "who has the number [phone number 2] of [name]?"
    assert [(t.kind, t.words) for t in marks.taken] == [
        (Kind.PHONE, "07700 900 123"),
        (Kind.PHONE, "0800 555 0100"),
        (Kind.NAME, "Dana Petersen"),
    ]


def test_what_a_moderator_left_in_is_put_back_and_stays():
    marks = Marks(())
    marks.mark("0800 555 0100, or 07700 900 123")
    left = left_in(marks.taken[1].choice)
    assert left == {"[phone number 2]": "0800 555 0100"}
    spared = without("0800 555 0100, or 07700 900 123", spare=left.values())
    assert spared == "0800 555 0100, or [phone number]"
    assert left_in("nonsense,[x") == {}


def test_what_stands_in_for_a_detail_is_not_searched_for():
    text = without("Call 07700 900 123 about the bathroom pass [sic]")
    assert without_stand_ins(text).split() == ["Call", "about", "the", "bathroom", "pass", "[sic]"]
    assert Heard("The [phone number 2] of [name]?", ()).words.split() == ["The", "of", "?"]


def test_parts_of_names_are_names():
    assert names_of([MemberRecord("a", "a", "Dana  Petersen"), MemberRecord("b", "b", " ")]) == [
        "Dana  Petersen",
        "Dana",
        "Petersen",
    ]
