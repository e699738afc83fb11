"""docs/roles.md says what bot/permissions.py says."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
DRAWING = runpy.run_path(str(DOCS / "draw_roles.py"))
PAGE = (DOCS / "roles.md").read_text("utf-8")


def test_the_table_of_roles_is_the_one_of_the_code():
    assert DRAWING["drawn"](PAGE) == PAGE, "run: python docs/draw_roles.py"


def test_an_older_table_is_noticed():
    older = PAGE.replace("| retire a resource |  |  | ✓ |", "| retire a resource |  | ✓ | ✓ |")
    assert older != PAGE
    assert DRAWING["drawn"](older) == PAGE


def test_each_line_has_its_words():
    assert set(DRAWING["WORDS"]) == set(DRAWING["TABLE"])
