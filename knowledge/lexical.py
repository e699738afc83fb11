"""Which words a question shares with each resource: BM25 over an inverted index that is edited in place.

A resource lives in a numbered slot (see index.py). A posting is a pair of parallel arrays, slots and term counts, so
adding or removing resources touches only the postings of their own words, and scoring reads them as NumPy views.
"""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import log

import numpy as np
from numpy.typing import NDArray

from knowledge.tally import Tally
from knowledge.text import Words, looks_spanish

# Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): the usual values.
K1 = 1.2
B = 0.75
FAMILIAR = 0.4  # worth of an everyday word; from 0.15 to 0.5 the figures of bench/matching.py hardly differ
_PREFIXES = ("un", "non", "pre", "re", "dis", "in")
_EDIT_FROM = 5  # letters from which a word nobody uses is read as a slip of the keyboard
_EDIT_TO = 24  # and up to which; longer ones are no words
MENDED = 40  # words of a question that are looked at for a slip: each has some hundreds of neighbours
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """Per slot, shape (capacity,): BM25, the question's stems found there, and their share of its weight (0 to 1).

    In `shared` an everyday stem counts FAMILIAR, any other one.
    """

    bm25: NDArray[np.float32]
    shared: NDArray[np.float32]
    coverage: NDArray[np.float32]


class _Posting:
    """Slots that hold one stem, each once, with how often."""

    __slots__ = ("counts", "slots", "stem")

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self.slots = array("i")
        self.counts = array("f")

    def add(self, slots: bytes, counts: bytes) -> None:
        """Numbers of four bytes each."""
        self.slots.frombytes(slots)
        self.counts.frombytes(counts)

    def remove(self, slot: int) -> None:
        place = self.slots.index(slot)
        last_slot, last_count = self.slots.pop(), self.counts.pop()
        if place < len(self.slots):
            self.slots[place], self.counts[place] = last_slot, last_count


class InvertedIndex:
    """Stems to slots. Not locked: its owner is. `everyday` holds the stems that tell topics apart least."""

    def __init__(self, everyday: Collection[str] = ()) -> None:
        self._everyday = everyday
        self._postings: dict[str, _Posting] = {}
        self._stems: dict[int, tuple[str, ...]] = {}  # the very strings of the postings: a start has a million of them
        self._lengths = np.zeros(16, np.float32)
        self._total = 0.0

    def put(self, slots: Sequence[int], said: Tally) -> None:
        """Enter how often resources use each stem; text i of the tally goes under `slots[i]`, which is not in use."""
        places = np.array(slots, np.int32)
        lengths = np.bincount(said.texts, said.counts, said.size).astype(np.float32)
        self._reserve(int(places.max(initial=-1)) + 1)
        self._lengths[places] = lengths
        self._total += float(lengths.sum(dtype=np.float64))
        stems = self._post(places, said)
        used = list(map(stems.__getitem__, said.numbers.tolist()))
        ends = np.cumsum(np.bincount(said.texts, minlength=said.size)).tolist()
        for slot, start, end in zip(slots, [0, *ends], ends, strict=False):
            self._stems[slot] = tuple(used[start:end])

    def _post(self, places: NDArray[np.int32], said: Tally) -> list[str]:
        """Into the postings of each stem; returns the stems as the postings have them."""
        order = np.argsort(said.numbers, kind="stable")
        slots = places[said.texts[order]].tobytes()
        counts = said.counts[order].astype(np.float32).tobytes()
        ends = (4 * np.cumsum(np.bincount(said.numbers, minlength=len(said.stems)))).tolist()
        stems: list[str] = []
        for stem, start, end in zip(said.stems, [0, *ends], ends, strict=False):
            posting = self._postings.get(stem)
            if posting is None:
                posting = self._postings[stem] = _Posting(stem)
            posting.add(slots[start:end], counts[start:end])
            stems.append(posting.stem)
        return stems

    def _reserve(self, size: int) -> None:
        if size > len(self._lengths):
            grown = np.zeros(max(size, 2 * len(self._lengths)), np.float32)
            grown[: len(self._lengths)] = self._lengths
            self._lengths = grown

    def remove(self, slot: int) -> None:
        """Forget a slot; unknown slots are passed over."""
        for stem in self._stems.pop(slot, ()):
            posting = self._postings[stem]
            posting.remove(slot)
            if not posting.slots:
                del self._postings[stem]
        if slot < len(self._lengths):
            self._total -= float(self._lengths[slot])
            self._lengths[slot] = 0.0

    def uses(self, stem: str) -> int:
        """How many resources use the stem."""
        posting = self._postings.get(stem)
        return len(posting.slots) if posting else 0

    def matched(self, slot: int, weights: Mapping[str, float]) -> dict[str, float]:
        """The question's stems that the resource in this slot uses, with their weights."""
        used = set(self._stems.get(slot, ()))
        return {stem: weight for stem, weight in weights.items() if stem in used}

    def worth(self, stem: str) -> float:
        """What sharing this stem says about a topic: FAMILIAR for an everyday word, else one."""
        return FAMILIAR if stem in self._everyday else 1.0

    def weight(self, stem: str) -> float:
        """Inverse document frequency times worth, always positive; the highest for a stem no resource uses."""
        return self.worth(stem) * rarity(self.uses(stem), len(self._stems))

    def scores(self, weights: Mapping[str, float], capacity: int) -> LexicalScores:
        """Score every slot below `capacity` against a question's stems with their weights."""
        bm25, shared, coverage = np.zeros((3, capacity), np.float32)
        average = self._total / max(1, len(self._stems)) or 1.0
        for stem, weight in weights.items():
            posting = self._postings.get(stem)
            if posting is None:
                continue
            slots = np.frombuffer(posting.slots, np.int32)
            counts = np.frombuffer(posting.counts, np.float32)
            dampened = counts + K1 * (1 - B + B * self._lengths[slots] / average)
            bm25[slots] += weight * (K1 + 1) * counts / dampened
            shared[slots] += self.worth(stem)
            coverage[slots] += weight
        total = sum(weights.values())
        return LexicalScores(bm25, shared, coverage / total if total else coverage)


def rarity(uses: int, size: int) -> float:
    """Inverse document frequency of a stem that `uses` of `size` resources have; always positive."""
    return log(1 + (size - uses + 0.5) / (uses + 0.5))


def forms(words: Words, text: str) -> list[tuple[str, ...]]:
    """For each content word of a question the stems under which resources may have it, the likeliest first."""
    english = words.stems(text)
    if looks_spanish(text):
        return list(zip(words.stems(text, "es"), english, strict=True))
    return [(stem,) for stem in english]


def stems_of(found: Sequence[tuple[str, ...]], uses: Callable[[str], int], words: Words) -> list[str]:
    """The question's distinct stems, in the form in which the resources use them; slips are mended."""
    used = dict.fromkeys(next(filter(uses, form), form[-1]) for form in found)
    slips = frozenset(islice((stem for stem in used if not uses(stem)), MENDED))
    meant = (_meant(stem, uses, words) if stem in slips else (stem,) for stem in used)
    return list(dict.fromkeys(chain.from_iterable(meant)))


def _meant(stem: str, uses: Callable[[str], int], words: Words) -> Sequence[str]:
    """The stem; if nobody uses it, what stands for a name of the glossary, or a word, one slip of a key away."""
    if not uses(stem):
        named = words.slip(stem)
        if any(map(uses, named)):
            return named
    return (mended(stem, uses),)


def mended(stem: str, uses: Callable[[str], int]) -> str:
    """The stem itself, or, if nobody uses it, one that is used: without its prefix or one slip of a key away.

    `unexcus` becomes `excus`, `vacine` becomes `vaccin`; among several slips the most used wins.
    """
    if uses(stem):
        return stem
    if (rest := next(filter(uses, _rests(stem)), None)) is not None:
        return rest
    near = [edit for edit in _slips(stem) if uses(edit)]
    return max(near, key=lambda s: (uses(s), s)) if near else stem


def mendings(stem: str) -> set[str]:
    """Every stem that `mended` may ask about."""
    return {stem, *_rests(stem), *_slips(stem)}


def _mendable(stem: str) -> bool:
    return _EDIT_FROM <= len(stem) <= _EDIT_TO and stem.isascii() and stem.isalpha()


def _rests(stem: str) -> list[str]:
    """Without each prefix that it may have."""
    if not _mendable(stem):
        return []
    return [stem[len(p) :] for p in _PREFIXES if stem.startswith(p) and len(stem) - len(p) >= _EDIT_FROM - 1]


def _slips(stem: str) -> set[str]:
    return _edits(stem) if _mendable(stem) else set()


def _edits(word: str) -> set[str]:
    """Every string one deletion, swap, replacement or insertion away (P. Norvig, How to Write a Spelling Corrector)."""
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    deletes = {a + b[1:] for a, b in splits if b}
    swaps = {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    replaces = {a + c + b[1:] for a, b in splits if b for c in _LETTERS}
    inserts = {a + c + b for a, b in splits for c in _LETTERS}
    return deletes | swaps | replaces | inserts
