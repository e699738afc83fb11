"""Which rules can be found in a text at all, told from its words: no expression is run for the others.

Exact where it says no: a line of a rule cannot match unless the text holds the words that the line needs
(bot.safety.needed), whatever the text. Whatever goes wrong in it, every rule is tried: the sieve may cost time, never
a finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.safety.needed import Needed
from bot.safety.rules import Rule

_WORDS = re.compile(r"[a-z0-9]+")  # what a pattern's words are made of, see bot.safety.grammar.WORD


class Sieve:
    """For the rules that are matched against normalised text, in their order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._always = frozenset(place for place, rule in enumerate(rules) if not rule.needed or not all(rule.needed))
        self._lines: dict[str, list[tuple[int, tuple[Needed, ...]]]] = {}  # by each word of a line's rarest set
        for place, rule in enumerate(rules):
            for rarest, *others in filter(None, rule.needed):
                for word in rarest:
                    self._lines.setdefault(word, []).append((place, tuple(others)))
        every = (word for rule in rules for line in rule.needed for wanted in line for word in wanted)
        self._beginnings = sorted({len(word) - 1 for word in every if word.endswith("*")})  # their lengths

    def candidates(self, text: str) -> tuple[Rule, ...]:
        """The rules worth a closer look, in their order."""
        try:
            found = self._found(text)
        except Exception:  # then every rule is tried
            return self._rules
        return tuple(self._rules[place] for place in sorted(found))

    def _found(self, text: str) -> set[int]:
        words = set(_WORDS.findall(text))
        words |= {f"{word[:length]}*" for word in words for length in self._beginnings if length <= len(word)}
        found = set(self._always)
        for word in self._lines.keys() & words:
            for place, others in self._lines[word]:
                if place not in found and not any(words.isdisjoint(wanted) for wanted in others):
                    found.add(place)
        return found
