"""What a file may not bring into the library: somebody's own cry for help, a promised cure, a family's details."""

import pytest

from adapters.commands.importing import POST, READ, read, unfit
from bot.safety.triage import Triage
from knowledge.resources import Resource
from tests.fakes.rulebook import rulebook

CRY = "I am going to kill myself tonight"
LEAFLET = "Call the ward when a child vomits green or has a fever on steroids."
CRIED, CURED, NAMED = "cry for help", "promises a cure", "private details"


@pytest.fixture(scope="module")
def check():
    return Triage(rulebook()).check


def row(text: str = "", title: str = "A note", asked: tuple[str, ...] = ()) -> Resource:
    return Resource("note", title, text, asked_as=asked)


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (row(CRY), CRIED),
        (row(title=CRY), CRIED),
        (row("quiero matarme esta noche"), CRIED),
        (row(LEAFLET, asked=("How do we tell the school?", CRY)), CRIED),
        (row("This tea cures colitis, throw the pills away."), CURED),
        (row("Our son Tom Baker has Crohn's, call me on 555-201-7788."), NAMED),
    ],
)
def test_what_must_not_stand_in_a_library_is_left_out_with_the_reason(check, resource, why):
    assert why in unfit(resource, check)


@pytest.mark.parametrize(
    "resource",
    [
        row(LEAFLET),
        row("When a young person says they want to die, stay with them and call the crisis line."),
        row("They want to operate, and they want us to sign first."),
        row("I call the ward when his fever is 39 on infliximab."),
        row("No tea cures colitis. Never throw the pills away."),
        row("The nurse line is 555-201-7788."),
        row(f"{CRY}, a girl told us. {'What helped her then: ' * (POST // 20)}"),
        row(f"{'Pack a spare bag. ' * (READ // 15)} This tea cures colitis."),
    ],
)
def test_what_explains_a_crisis_is_welcome(check, resource):
    assert unfit(resource, check) == ""


def test_a_row_that_is_left_out_is_named_with_its_line_and_the_others_come_in(check, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text(f"title,text\nTravel,Pack a spare bag.\nHelp,{CRY}\nSchool,Ask for a toilet card.\n")
    found = read(str(rows), None, lambda resource: unfit(resource, check))
    assert [resource.title for resource in found.good] == ["Travel", "School"]
    [bad] = found.bad
    assert (bad.line, CRIED in bad.reason) == (3, True)
    assert CRY not in bad.reason
