"""Corrects misspelt words towards the words that the rules use, and only those.

A word is corrected when nobody would write it on purpose (it is neither in the rules nor in the list of real
words that resemble them) and one edit away (a letter missing, added, changed, or two swapped) stands a word
of the rules. Lookup by common deletions is constant time per word (Garbe, SymSpell, 2012).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

SHORTEST = 4  # letters; shorter words have too many real neighbours
# Words of one or two letters that may stand inside a run-together one.
SMALL = frozenset(
    {
        "i",
        "a",
        "y",
        "am",
        "an",
        "as",
        "at",
        "be",
        "by",
        "do",
        "go",
        "he",
        "if",
        "in",
        "is",
        "it",
        "me",
        "my",
        "no",
        "of",
        "on",
        "or",
        "so",
        "to",
        "up",
        "us",
        "we",
        "de",
        "la",
        "el",
        "mi",
    }
)
# Endings of words of which the rules know the stem, English and Spanish.
ENDINGS = frozenset(
    {"s", "es", "ed", "d", "er", "ers", "ing", "ings", "ion", "ions", "ation", "al", "ally", "ality", "ly", "y"}
    | {"ies", "ied", "ment", "ness", "able", "ful", "less", "e", "en", "ted", "ting", "ned", "ning", "ped", "ping"}
    | {"a", "o", "as", "os", "ar", "arse", "arme", "arlo", "arla", "ado", "ada", "ados", "adas", "ando", "aba", "an"}
    | {"io", "ia", "ido", "ida", "idas", "idos", "iendo", "ir", "irse", "irme", "me", "se", "te", "lo", "la", "le"}
)
LONGEST = 24  # letters; longer chunks are not words
LEET = str.maketrans("013457892@$!|+", "oieastbgzasilt")
LEET_L = str.maketrans("1!|", "lll")


class Speller:
    """Built once from the words of the rules; holds no state that changes afterwards."""

    def __init__(self, words: Mapping[str, int], real: Iterable[str] = ()) -> None:
        """`words`: those of the rules ("word*" for any ending), and how often they use them; `real`: other
        words that people mean, not to be taken for misspelt ones."""
        self._uses: Counter[str] = Counter()
        for word, count in words.items():
            self._uses[word.rstrip("*")] += count
        self._stems = frozenset(word[:-1] for word in words if word.endswith("*") and len(word) > SHORTEST)
        self._words = frozenset(self._uses)
        self._known = self._words | frozenset(real)
        self._near: dict[str, list[str]] = {}
        for word in sorted(w for w in self._words if len(w) >= SHORTEST and w.isalpha()):
            for key in {word, *deletions(word)}:
                self._near.setdefault(key, []).append(word)
        self._parts = frozenset(w for w in self._words if w.isalpha() and (len(w) > 2 or w in SMALL))

    def knows(self, word: str) -> bool:
        """Whether somebody may have written this word on purpose."""
        if word in self._known:
            return True
        stems = range(SHORTEST, min(len(word), LONGEST))
        return any(word[:end] in self._stems and word[end:] in ENDINGS for end in stems)

    def uses(self, word: str) -> bool:
        """Whether the rules have this word."""
        return word in self._words

    def correct(self, word: str) -> str | None:
        """The word of the rules that this one stands for, or None."""
        if self.knows(word) or not SHORTEST - 1 <= len(word) <= LONGEST:
            return None
        candidates = set(self._near.get(word, ()))
        for key in deletions(word):
            candidates.update(self._near.get(key, ()))
        close = [c for c in candidates if one_edit(word, c)]
        # A first letter is seldom wrong, a letter changed is rarer than one lost, doubled or swapped.
        rank = {c: (c[0] != word[0], _changed(word, c), -self._uses[c], c) for c in close}
        return min(rank, key=lambda c: rank[c]) if rank else None

    def unmask(self, chunk: str) -> str | None:
        """The word behind digits and signs ("k1ll", "su*cide"), or None."""
        if "*" in chunk:
            if chunk.count("*") > 3 or not SHORTEST <= len(chunk) <= LONGEST or not chunk[0].isalpha():
                return None
            shape = re.compile(re.escape(chunk).replace(r"\*", "."))
            return min((w for w in self._words if len(w) == len(chunk) and shape.fullmatch(w)), default=None)
        for plain in (chunk.translate(LEET), chunk.translate(LEET_L).translate(LEET)):
            if plain.isalpha() and (plain in self._words or (len(plain) >= SHORTEST and self.knows(plain))):
                return plain
        plain = chunk.translate(LEET)
        return self.correct(plain) if plain.isalpha() and chunk[0].isalpha() and len(plain) >= SHORTEST else None

    def spell(self, chunk: str) -> str | None:
        """The word of the rules that digits spell ("70" for "to"), or None."""
        plain = chunk.translate(LEET)
        return plain if plain in self._words and plain.isalpha() else None

    def split(self, chunk: str) -> list[str] | None:
        """Run-together words of the rules ("killmyself"), longest first, or None."""
        if not chunk.isalpha() or len(chunk) > 60:
            return None
        best: list[list[str] | None] = [[]] + [None] * len(chunk)
        for end in range(1, len(chunk) + 1):
            for start in range(max(0, end - LONGEST), end):
                before = best[start]
                if before is not None and chunk[start:end] in self._parts:
                    here = best[end]
                    if here is None or len(before) + 1 < len(here):
                        best[end] = [*before, chunk[start:end]]
        return best[-1]


def deletions(word: str) -> list[str]:
    """The word with one letter left out, in every way."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _changed(a: str, b: str) -> bool:
    return len(a) == len(b) and sorted(a) != sorted(b)


def one_edit(a: str, b: str) -> bool:
    """Whether one edit, or one swap of neighbours, turns `a` into `b` (Damerau 1964)."""
    if a == b or abs(len(a) - len(b)) > 1:
        return a == b
    first = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[first:], b[first:]
    if len(a) != len(b):
        return rest_a[1:] == rest_b if len(a) > len(b) else rest_a == rest_b[1:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return rest_a[1:] == rest_b[1:] or swapped
