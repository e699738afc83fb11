"""The sieve saves time and never a finding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.grammar import WordLists
from bot.safety.needed import Needs
from bot.safety.sieve import Sieve
from tests.fakes.rulebook import rulebook

BOOK = rulebook()
RULES = [rule for rule in BOOK.rules if not rule.plain]
WORDS = sorted(
    {word.rstrip("*") for rule in RULES for line in rule.needed for wanted in line for word in wanted}
    | {"i", "my", "."}
)


@pytest.fixture(scope="module")
def sieve() -> Sieve:
    return Sieve(RULES)


def readings() -> list[str]:
    """The rules' own example sentences, as the normaliser gives them."""
    texts = [text for rule in BOOK.rules for text in (*rule.matches, *rule.spares)]
    return [reading.words for text in texts if (reading := BOOK.normaliser.read(text)).words is not None]


def lost(sieve: Sieve, text: str) -> list[str]:
    """Rules that are in the text and that the sieve would not have tried."""
    tried = sieve.candidates(text)
    return [rule.id for rule in RULES if rule not in tried and rule.groups[0].search(text)]


def test_it_lets_through_every_rule_whose_first_group_occurs(sieve: Sieve) -> None:
    assert {text: rules for text in readings() if (rules := lost(sieve, text))} == {}


@given(
    st.sampled_from(readings()),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(WORDS), st.booleans()), max_size=6),
)
def test_no_change_of_words_makes_it_lose_a_rule(sieve: Sieve, text: str, changes: list[tuple[int, str, bool]]) -> None:
    words = text.split(" ")
    for place, word, instead in changes:
        words[place : place + instead] = [word]
    assert lost(sieve, " ".join(words)) == []


def test_most_texts_need_a_closer_look_at_few_rules(sieve: Sieve) -> None:
    counts = [len(sieve.candidates(text)) for text in readings()]
    assert sum(counts) / len(counts) < len(RULES) / 10


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("i took pills", [{"pills"}, {"took"}, {"i"}]),
        ("(took|swallowed) all? the <pills>", [{"took", "swallowed"}, {"aspirin", "tablets"}, {"the"}]),
        ("(a (b|c d)|e)? pee*", [{"pee*"}]),
        (".. tablets / ... $", [{"tablets"}]),
        ("(took|..) it", [{"it"}]),
    ],
)
def test_a_line_needs_every_word_that_cannot_be_missing(line: str, found: list[set[str]]) -> None:
    words = WordLists({"pills": ("the (tablets|aspirin)", "tablets")})
    assert sorted(map(sorted, Needs(words).of(line))) == sorted(map(sorted, found))


def test_when_it_fails_every_rule_is_tried(sieve: Sieve) -> None:
    broken = Sieve(RULES)
    broken._lines = None  # type: ignore[assignment]  # whatever may go wrong
    assert broken.candidates("a quiet evening ") == tuple(RULES)
