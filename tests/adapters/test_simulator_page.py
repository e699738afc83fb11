"""docs/routing.md says what the people of the simulation are like."""

from dataclasses import fields
from pathlib import Path

import pytest

from adapters.simulator.habits import Habits, Town

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text("utf-8")
NUMBERS = [(field.name, field.default) for kind in (Town, Habits) for field in fields(kind)]


@pytest.mark.parametrize(("name", "value"), NUMBERS, ids=[name for name, _ in NUMBERS])
def test_every_number_of_the_people_is_on_the_page_with_its_value(name: str, value: float):
    assert f"| `{name}` | {value:g} | " in PAGE
