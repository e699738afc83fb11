"""The sieve saves time and never a finding."""

from __future__ import annotations

import pytest

from bot.safety.rules import load_rules
from bot.safety.sieve import Sieve

RULES = [rule for rule in load_rules().rules if not rule.plain]


@pytest.fixture(scope="module")
def sieve() -> Sieve:
    return Sieve(RULES)


def readings() -> list[str]:
    """The rules' own example sentences, as the normaliser gives them."""
    book = load_rules()
    texts = [text for rule in book.rules for text in (*rule.matches, *rule.spares)]
    return [reading.words for text in texts if (reading := book.normaliser.read(text)).words is not None]


def test_it_lets_through_exactly_the_rules_whose_first_group_occurs(sieve: Sieve) -> None:
    for text in readings():
        assert sieve.candidates(text) == tuple(rule for rule in RULES if rule.groups[0].search(text)), text


def test_most_texts_need_a_closer_look_at_few_rules(sieve: Sieve) -> None:
    counts = [len(sieve.candidates(text)) for text in readings()]
    assert sum(counts) / len(counts) < len(RULES) / 10


class Broken:
    def Match(self, _text: str) -> list[int]:  # noqa: N802 -- the set's own name
        raise MemoryError


class Silent:
    def Match(self, _text: str) -> None:  # noqa: N802
        return None


@pytest.mark.parametrize("set_", [Broken(), Silent()])
def test_when_the_pass_fails_every_rule_is_tried(set_: object) -> None:
    sieve = Sieve(RULES)
    sieve._set = set_
    assert sieve.candidates("a quiet evening ") == tuple(RULES)
