"""The glossary: short names, brand names and their like, read as what they mean.

"EEN" finds "exclusive enteral nutrition", and the other way round, because both are counted as the words of the long
form, in every language by their English stems. A wrong reading is worse than none, so a term may ask to be written in a
certain way, or to stand beside certain words. Terms come from glossary.yaml and a community's own file
(glossary_file.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import compress, count

from knowledge.text import LANGUAGES, STEM, Words, fold, letters, unaccented

NEAR = 6  # words before and after a term that may vouch for it
SHOUTED = 3  # a text in capitals of more words than these says nothing by its capitals
SLIP_FROM = 6  # letters from which a word may be a slip of the keyboard in a name

_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Term:
    """One way to say something. `means`: its long form; empty where it is to be left alone. `exact`: it counts only as
    written here; otherwise in capitals or not. `beside`: the words, or how they begin, one of which must be near."""

    name: str
    means: str
    exact: bool = False
    beside: tuple[str, ...] = ()

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(letters(self.name))

    @cached_property
    def written(self) -> tuple[str, ...]:
        return tuple(_LETTERS.findall(unaccented(self.name)))

    @cached_property
    def sure(self) -> bool:
        """Whether it counts wherever it stands."""
        return not self.exact and not self.beside


_Place = tuple[int, int, Term]  # the words from the first number to before the second are the term


class Glossary:
    """Terms and what they mean; unchanging, so any thread may use it. Of two terms at one place the longer one counts,
    then the one with a condition. `digest` tells it from others: an index is asked with the one it was made with."""

    def __init__(self, terms: Iterable[Term]) -> None:
        known = {term.words: term for term in terms if term.sure}
        self._terms: dict[str, list[Term]] = {}  # by their first word
        self._stems: dict[str, tuple[str, ...]] = {"": ()}
        words = Words()
        for term in _all(terms):
            self._terms.setdefault(term.words[0], []).append(term)
            if term.means not in self._stems:
                other = known.get(tuple(letters(term.means)))  # the long form may have a longer one, or another name
                self._stems[term.means] = tuple(words.stems(other.means if other and other.means else term.means))
        for some in self._terms.values():
            some.sort(key=lambda term: (-len(term.words), term.sure))
        self._firsts = frozenset(self._terms)
        # What may come second: most texts have "a" or "family" in them, and few go on to be a name.
        self._seconds = {word: frozenset(t.words[1:2] for t in some) for word, some in self._terms.items()}
        self._marked = {means: [STEM + stem for stem in stems] for means, stems in self._stems.items()}
        self._slips = _slips(words, self._terms)
        alone = [term.name for some in self._terms.values() for term in some if not term.means]
        self.digest = blake2b(repr(sorted(map(repr, _all(terms)))).encode(), digest_size=6).hexdigest()
        self._alone = frozenset(stem for name in alone for code in LANGUAGES for stem in words.stems(name, code))

    def read(self, words: list[str], text: str) -> list[str]:
        """The words of a text (knowledge.text.letters), with terms as the marked stems of what they mean."""
        if self._firsts.isdisjoint(words):
            return words
        found: list[str] = []
        at = 0
        for start, end, term in self._places(words, text):
            if term.means:
                found += words[at:start]
                found += self._marked[term.means]
                at = end
        return found + words[at:] if at else words

    def places(self, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """(start, end, stems of the meaning) of each term in a text, in characters."""
        for start, end, term in self._spans(text):
            yield start, end, self._stems[term.means]

    def slip(self, stem: str) -> tuple[str, ...]:
        """The stems of what a term means whose name is one slip of the keyboard from this stem of a word; empty when
        none is, or several that mean different things."""
        if len(stem) < SLIP_FROM or stem in self._alone:
            return ()
        near = {name for short in _shorter(stem) for name in self._slips.get(short, ()) if _one_slip(stem, name[0])}
        meant = {means for _, means in near}
        return self._stems[meant.pop()] if len(meant) == 1 else ()

    def _spans(self, text: str) -> Iterator[tuple[int, int, Term]]:
        """Where terms with a meaning stand, in characters."""
        plain = letters(text)
        if self._firsts.isdisjoint(plain) or not any(term.means for _, _, term in self._places(plain, text)):
            return
        found = list(_LETTERS.finditer(text))
        words = [fold(match.group()) for match in found]
        for start, end, term in self._places(words, text):
            if term.means:
                yield found[start].start(), found[end - 1].end(), term

    def _places(self, words: list[str], text: str) -> Iterator[_Place]:
        seconds, end = self._seconds, 0
        written: list[str] | None = None
        for start in compress(count(), map(self._firsts.__contains__, words)):
            possible = seconds[words[start]]
            if start < end or (() not in possible and tuple(words[start + 1 : start + 2]) not in possible):
                continue
            for term in self._terms[words[start]]:
                after = start + len(term.words)
                if tuple(words[start:after]) != term.words:
                    continue
                if term.beside and not _vouched(term, start, words):
                    continue
                if term.exact:
                    if term.name not in text or (not term.beside and len(words) > SHOUTED and text.isupper()):
                        continue
                    written = _as_written(text, len(words)) if written is None else written
                    if tuple(written[start:after]) != term.written:
                        continue
                end = after
                yield start, end, term
                break


def merged(ours: Sequence[Term], theirs: Sequence[Term]) -> tuple[Term, ...]:
    """Ours, but where theirs have the same words, theirs."""
    named = {term.words for term in theirs}
    return (*(term for term in ours if term.words not in named), *theirs)


def _all(terms: Iterable[Term]) -> Iterator[Term]:
    """The terms, their plurals, and the long forms, which are names of themselves; each once."""
    given = list(terms)
    taken = {term.words for term in given}
    yield from given
    plurals = [
        Term(t.name + "s", t.means, t.exact or t.name.isupper(), t.beside) for t in given if t.words[-1][-1].isalpha()
    ]  # IEPs as written, because IEPS may be something else
    for term in [*plurals, *(Term(means, means) for means in dict.fromkeys(t.means for t in given) if means)]:
        if term.words not in taken:
            taken.add(term.words)
            yield term


def _vouched(term: Term, start: int, words: Sequence[str]) -> bool:
    """Whether one of the words that vouch for the term is near."""
    end = start + len(term.words)
    near = (*words[max(0, start - NEAR) : start], *words[end : end + NEAR])
    return any(word.startswith(term.beside) for word in near)


def _as_written(text: str, count: int) -> list[str]:
    """The words with their capitals; none where they are not the same `count` words (some signs of other scripts)."""
    found = _LETTERS.findall(unaccented(text))
    return found if len(found) == count else []


def _slips(words: Words, terms: Mapping[str, Sequence[Term]]) -> dict[str, set[tuple[str, str]]]:
    """(stem of a name, what it means) by each string that the stem is with at most one letter less (W. Garbe's
    symmetric deletes)."""
    found: dict[str, set[tuple[str, str]]] = {}
    for term in (term for some in terms.values() for term in some):
        if len(term.words) == 1 and term.sure and term.means:
            for stem in words.stems(fold(term.name)):
                if len(stem) >= SLIP_FROM:
                    for short in _shorter(stem):
                        found.setdefault(short, set()).add((stem, term.means))
    return found


def _shorter(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_slip(one: str, other: str) -> bool:
    """One letter more, less, other, or two changed about; the first one is seldom wrong."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
