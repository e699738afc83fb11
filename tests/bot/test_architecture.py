"""docs/architecture.md says what the code does."""

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "architecture.md").read_text("utf-8")


def test_the_table_of_transitions_is_the_one_of_the_code():
    drawn = runpy.run_path(str(DOCS / "draw_transitions.py"))["drawn"]
    assert drawn(PAGE) == PAGE, "run: python docs/draw_transitions.py"


def test_an_older_table_is_noticed():
    drawn = runpy.run_path(str(DOCS / "draw_transitions.py"))["drawn"]
    older = PAGE.replace("| `OfferSent` |", "| `OfferSend` |")
    assert older != PAGE
    assert drawn(older) == PAGE


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`((?:tests|docs|bot|adapters)/[\w/.]+\.\w+)`", PAGE))))
def test_every_file_the_page_names_exists(named):
    assert (DOCS.parent / named).exists()


@pytest.mark.parametrize("decision", sorted((DOCS / "decisions").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_says_what_was_decided_and_why_and_what_else_was_weighed(decision):
    text = decision.read_text("utf-8")
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Decided", "Why", "Weighed", "Price"]
