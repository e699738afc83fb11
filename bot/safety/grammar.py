"""The small language in which rules are written, and its translation to RE2.

A pattern is a line of plain words, so that a clinician can read it:

    i (am|was) going to .. <kill> myself
    he has not ... pee*

`(a|b c)` one of these, `(a|b)?` or `word?` may be missing, `<name>` a word list of the lexicon,
`word*` any ending, `..` up to two words between, `...` up to five, `/` here a sentence may end (elsewhere a
pattern stays inside one sentence), `$` here it must. Patterns are matched against normalised text (normalise.py).

Everything is run by RE2, whose time is linear in the text whatever the pattern (Cox, "Regular Expression
Matching Can Be Simple And Fast", 2007; "... in the Wild", 2010).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, cast

import re2

WORD = r"[a-z0-9]+ "
SHORT_GAP, LONG_GAP = 2, 5
_TOKEN = re.compile(r"\(|\)\??|\||<[a-z0-9_]+>\??|\.{2,3}|/|\$|[a-z0-9]+\*?\??")
_BRACKET = re.compile(r"[()]")
_FIXED = {
    "(": "(?:",
    ")": ")",
    ")?": ")?",
    "|": "|",
    "/": r"(?:\. )?",
    "$": r"(?:\. |$)",
    "..": f"(?:{WORD}){{0,{SHORT_GAP}}}",
    "...": f"(?:{WORD}){{0,{LONG_GAP}}}",
}
_LITERAL = re.compile(r"<[a-z0-9_]+>|([a-z0-9]+\*?)")


class Span(Protocol):
    """The part of a match object that is used: where it stands."""

    def start(self) -> int: ...
    def end(self) -> int: ...


class Pattern(Protocol):
    """A compiled RE2 pattern, as far as it is used."""

    @property
    def pattern(self) -> str: ...

    def search(self, text: str, pos: int = ...) -> Span | None: ...
    def sub(self, repl: str, text: str) -> str: ...


class PatternError(ValueError):
    """A pattern cannot be read. Says which, and why."""


def compile_raw(patterns: Iterable[str]) -> Pattern:
    """One RE2 pattern that finds any of these expressions. Raises PatternError."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    try:
        return cast("Pattern", re2.compile(joined, options))
    except re2.error as error:
        raise PatternError(f"RE2 refuses {joined[:80]!r}: {error}") from error


class Written:
    """A pattern that RE2 compiles when it is first searched for: few messages need more than a few of the rules.

    What the rule language can say, RE2 takes; a test compiles all of ours.
    """

    __slots__ = ("_compiled", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._compiled: Pattern | None = None

    def search(self, text: str, pos: int = 0) -> Span | None:
        """See Pattern."""
        return self.compiled().search(text, pos)

    def sub(self, repl: str, text: str) -> str:
        """See Pattern."""
        return self.compiled().sub(repl, text)

    def compiled(self) -> Pattern:
        """The pattern that RE2 runs. Raises PatternError."""
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = compile_raw([self.pattern])
        return compiled


class WordLists:
    """The word lists of the lexicon by their names, and the units of the rule language as expressions, each
    translated once."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        self._lists = lists
        self._units = dict(_FIXED)

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """The lines of a list. Raises KeyError."""
        return self._lists[name]

    def expression(self, units: Sequence[str]) -> str:
        """Units one after the other, as a regular expression. Raises KeyError with the name of a list that there is
        not, and PatternError."""
        for unit in units:
            if unit not in self._units:
                self._units[unit] = self._translated(unit)
        return "".join(map(self._units.__getitem__, units))

    def _translated(self, unit: str) -> str:
        optional = "?" if unit.endswith("?") else ""
        bare = unit.removesuffix("?")
        if bare.startswith("<"):
            return f"(?:{'|'.join([translate(line, self) for line in self._lists[bare[1:-1]]])}){optional}"
        word = bare.replace("*", "[a-z0-9]*") + " "
        return f"(?:{word})?" if optional else word


def compile_patterns(patterns: Iterable[str], words: WordLists) -> Pattern:
    """One RE2 pattern that finds any of these lines of the rule language. Raises PatternError."""
    return Written("|".join(rf"(?:\b{translate(pattern, words)})" for pattern in patterns))


def translate(pattern: str, words: WordLists) -> str:
    """A line of the rule language as a regular expression. Each unit eats the blank that follows it."""
    units, depth = tokens(pattern), 0
    for bracket in _BRACKET.findall(pattern):
        depth += 1 if bracket == "(" else -1
        if depth < 0:
            break
    if depth:
        raise PatternError(f"Brackets do not pair in the pattern {pattern!r}.")
    try:
        return words.expression(units)
    except KeyError as error:
        raise PatternError(f"There is no word list <{error.args[0]}> for the pattern {pattern!r}.") from None


def literals(pattern: str) -> set[str]:
    """The plain words of a pattern, "word*" with its star: what the spelling corrector may correct towards."""
    return {word for word in _LITERAL.findall(pattern) if word}


def tokens(pattern: str) -> list[str]:
    """The units of a pattern, without blanks. Raises PatternError."""
    found: list[str] = _TOKEN.findall(pattern)
    if "".join(found) != "".join(pattern.split()):
        strange = _TOKEN.sub(" ", pattern).split()[0][0]
        raise PatternError(f"{strange!r} is not part of the rule language, in the pattern {pattern!r}.")
    return found
