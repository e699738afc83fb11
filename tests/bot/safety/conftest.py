"""The packaged rules are compiled once for all tests of safety: they hold no state that a test could change."""

from __future__ import annotations

import pytest

from bot.safety.rules import RuleBook, load_rules
from bot.safety.triage import Triage


@pytest.fixture(scope="session")
def book() -> RuleBook:
    return load_rules()


@pytest.fixture(scope="session")
def triage(book: RuleBook) -> Triage:
    return Triage(book)
