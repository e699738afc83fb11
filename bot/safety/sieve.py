"""Which rules can be found in a text at all: one pass of one automaton instead of a search for each rule.

Exact, not a guess: a rule needs its first group, and RE2's set says of every pattern whether it occurs. Whatever goes
wrong in it (its memory is bounded), every rule is tried: the sieve may cost time, never a finding.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from bot.safety.rules import Rule

MEMORY = 128 << 20  # bytes the automaton may take before it gives up; it took some 40 MB on 1,500 messages
ALWAYS = ""  # occurs in every text: when it is not reported, the pass has failed


class Sieve:
    """For the rules that are matched against normalised text, in their order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        options = re2.Options()
        options.log_errors = False
        options.max_mem = MEMORY
        self._set = re2.Set.SearchSet(options)
        self._always = self._set.Add(ALWAYS)
        self._places = {self._set.Add(rule.groups[0].pattern): rule for rule in self._rules if _written(rule)}
        self._set.Compile()
        self._unwritten = tuple(rule for rule in self._rules if not _written(rule))

    def candidates(self, text: str) -> tuple[Rule, ...]:
        """The rules worth a closer look, in their order."""
        try:
            found = self._set.Match(text)
        except Exception:  # then every rule is tried
            found = None
        if not found or self._always not in found:
            return self._rules
        hit = set(found)
        return self._unwritten + tuple(rule for place, rule in self._places.items() if place in hit)


def _written(rule: Rule) -> bool:
    """Whether the rule's first group is an expression that the set can take in."""
    return isinstance(getattr(rule.groups[0], "pattern", None), str)
