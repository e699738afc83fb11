"""The packaged rules, compiled once for all tests of safety: they hold no state that a test could change."""

from __future__ import annotations

from functools import cache

from bot.safety.rules import RuleBook, load_rules


@cache
def rulebook() -> RuleBook:
    return load_rules()
