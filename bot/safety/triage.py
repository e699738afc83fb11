"""Triage: what every message goes through before it is searched, stored or answered.

Deterministic, in memory, a fraction of a millisecond for a message, linear in the length of the text. It
fails safe: whatever goes wrong inside counts as a crisis to be looked at by people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from bot.safety.findings import (
    CRISES,
    DETECTOR_FAILED,
    Code,
    Finding,
    Speaker,
    by_severity,
    is_crisis,
    most_severe,
)
from bot.safety.grammar import Pattern
from bot.safety.rules import Rule, RuleBook, load_rules
from bot.safety.scope import Found, effective_code, found, speaker
from bot.safety.sieve import Sieve

__all__ = ["CRISES", "DETECTOR_FAILED", "Code", "Finding", "Speaker", "Triage", "is_crisis", "most_severe"]

NEAR = 300  # characters between the parts of a rule that needs several
WINDOW, OVERLAP = 6_000, 1_500  # characters; the overlap is longer than anything a rule looks at
LEAD = 25  # characters before an identifier in which its exceptions count ("zoom id", "freephone")
MOST = 60  # matches of one rule that are weighed; a text with more is not explained away
Hits = dict[Code, dict[str, Speaker]]


class Triage:
    """Holds the compiled rules and nothing else; safe to share between tasks and threads."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self._plain_rules = tuple(rule for rule in book.rules if rule.plain)
        self._sieve = Sieve([rule for rule in book.rules if not rule.plain])

    @classmethod
    def load(cls) -> Triage:
        """With the packaged rules. Takes a quarter of a second; raises RuleError when they are broken."""
        return cls(load_rules())

    def warm_up(self) -> None:
        """Run every expression once: RE2 makes its automata when they are first needed, which takes milliseconds."""
        for rule in self._book.rules:
            for text in (*rule.matches, *rule.spares):
                self.check(text)

    def check(self, text: str) -> tuple[Finding, ...]:
        """What the text may be, most severe first; () when nothing was found. Never raises."""
        hits: Hits = {}
        try:
            reading = self._book.normaliser.read(text)
            said = [self._spare(words) for words in (reading.words, reading.named) if words is not None]
            spoken = [part for words in said for part in windows(words)]
            plain = windows(reading.plain)
        except Exception:  # whatever it is, people must look at the message
            return (Finding(Code.C2, Speaker.SELF, (DETECTOR_FAILED,)),)
        for words in spoken:
            for rule in self._sieve.candidates(words):
                self._apply(rule, words, hits)
        for words in plain:
            for rule in self._plain_rules:
                self._apply(rule, words, hits)
        return by_severity(_finding(code, about) for code, about in hits.items())

    def words(self, text: str) -> str:
        """The text as the rules read it, for another reader."""
        return self._book.normaliser.read(text).words

    def _spare(self, words: str) -> str:
        """Without idioms, which must not reach across a comma, and then without commas."""
        return self._book.idioms.sub("xx ", words).replace(", ", "")

    def _apply(self, rule: Rule, text: str, hits: Hits) -> None:
        if rule.id in hits.get(rule.code, ()):
            return  # found in an earlier part of a long text: nothing more to learn
        try:
            self._weigh(rule, text, hits)
        except Exception:  # one broken rule must neither hide the others nor let the message pass
            hits.setdefault(Code.C2, {})[DETECTOR_FAILED] = Speaker.SELF

    def _weigh(self, rule: Rule, text: str, hits: Hits) -> None:
        """Adds the rule under the most severe code that one of its matches deserves."""
        scopes = self._book.scopes
        for count, match in enumerate(_matches(rule, text)):
            code = rule.code if rule.plain or count >= MOST else effective_code(rule, match, scopes)
            if code is None:
                continue
            about = Speaker.SELF if rule.plain else speaker(rule, match, scopes)
            hits.setdefault(code, {}).setdefault(rule.id, about)
            if code is rule.code:
                return


def whereabouts(rule: Rule, text: str) -> Iterator[Found]:
    """Where a rule that reads the text as typed is found in it, its exceptions left out."""
    return _matches(rule, text)


def windows(text: str) -> list[str]:
    """A long text in overlapping parts, cut at blanks where there are any, so that each search is short."""
    parts: list[str] = []
    start = 0
    while len(text) - start > WINDOW:
        end = text.rfind(" ", start + WINDOW - OVERLAP, start + WINDOW) + 1 or start + WINDOW
        parts.append(text[start:end])
        start = text.find(" ", end - OVERLAP, end) + 1 or end - OVERLAP
    return [*parts, text[start:]]


def _finding(code: Code, about: dict[str, Speaker]) -> Finding:
    """One person speaking of themselves is enough to be answered as such."""
    who = Speaker.SELF if Speaker.SELF in about.values() else Speaker.OTHER
    return Finding(code, who, tuple(about))


def _matches(rule: Rule, text: str) -> Iterator[Found]:
    """Where the rule is found, its exceptions left out."""
    for count, match in enumerate(_together(rule, text)):
        excepted = _excepted_plain if rule.plain else _excepted
        if count >= MOST or rule.unless is None or not excepted(rule.unless, match):
            yield match
        if count >= MOST:
            return


def _excepted(unless: Pattern, match: Found) -> bool:
    return unless.search(match.sentence()) is not None


def _excepted_plain(unless: Pattern, match: Found) -> bool:
    """Whether the exception stands where the match does."""
    around = match.text[max(0, match.start - LEAD) : match.end]
    return unless.search(around) is not None


def _together(rule: Rule, text: str) -> Iterator[Found]:
    if len(rule.groups) == 1:
        yield from _each(rule.groups[0], text)
        return
    parts = [list(_each(group, text)) for group in rule.groups]
    for first in parts[0]:
        near = [first, *(_nearest(first, part) for part in parts[1:])]
        chosen = [match for match in near if match is not None]
        if len(chosen) == len(parts) and (rule.plain or _close(chosen)):
            yield first if rule.plain else _whole(chosen)


def _whole(parts: list[Found]) -> Found:
    return Found(parts[0].text, min(part.start for part in parts), max(part.end for part in parts))


def _nearest(first: Found, others: list[Found]) -> Found | None:
    distance: Callable[[Found], int] = lambda other: abs(other.start - first.start)  # noqa: E731 - one use
    return min(others, key=distance, default=None)


def _close(matches: list[Found]) -> bool:
    ordered = sorted(matches, key=lambda match: match.start)
    return all(after.start - before.end <= NEAR for before, after in pairwise(ordered))


def _each(pattern: Pattern, text: str) -> Iterator[Found]:
    """Every match, also overlapping ones: the next is looked for one word further on."""
    at = 0
    for _ in range(MOST + 1):
        span = pattern.search(text, at)
        if span is None:
            return
        yield found(text, span)
        at = text.find(" ", span.start()) + 1
        if at <= 0:
            return
