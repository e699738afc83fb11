"""The packaged rules, and triage by them."""

from __future__ import annotations

import pytest

from bot.safety.rules import RuleBook
from bot.safety.triage import Triage
from tests.fakes.rulebook import rulebook


@pytest.fixture(scope="session")
def book() -> RuleBook:
    return rulebook()


@pytest.fixture(scope="session")
def triage(book: RuleBook) -> Triage:
    return Triage(book)
