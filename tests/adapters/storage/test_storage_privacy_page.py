"""docs/privacy.md tells every column there is, and how long words stay in it."""

import runpy
from pathlib import Path

import pytest

from adapters.storage.words import WORDS

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "privacy.md").read_text("utf-8")


@pytest.fixture(scope="module")
def draw() -> dict:
    return runpy.run_path(str(DOCS / "draw_privacy.py"))


def test_every_column_is_told_and_words_are_called_words(draw: dict):
    assert draw["untold"]() == []


def test_the_table_is_the_one_of_the_schema(draw: dict):
    assert draw["drawn"](PAGE) == PAGE, "run: python docs/draw_privacy.py"


def test_what_is_missing_is_noticed(draw: dict, monkeypatch: pytest.MonkeyPatch):
    tables = draw["TABLES"]
    kept = dict(tables)
    del tables["letter"]
    tables["answer"] = type(kept["answer"])("an answer", "a day", "gone", people="member text")
    try:
        found = draw["untold"]()
    finally:
        tables.clear()
        tables.update(kept)
    assert "table letter" in found
    assert "answer.probability" in found
    assert any(f"answer.{column} holds words" in found for _, column in WORDS)
