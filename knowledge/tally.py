"""How often resources use each stem, counted for many at once: most of what a start with thousands of them computes.

Every word becomes a number as it is read; NumPy then sorts and counts the numbers of a thousand texts in one go, and
each word that occurs in them is stemmed once.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from knowledge.text import LANGUAGES, Words, language_code

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Text:
    """What one resource says. The words of `head` count twice."""

    head: str
    body: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Tally:
    """Text `texts[i]` uses the stem `stems[numbers[i]]` `counts[i]` times; ordered by text, each pair once.

    `size` is the number of texts, with those that say nothing.
    """

    size: int
    stems: tuple[str, ...]
    texts: Integers
    numbers: Integers
    counts: Integers


def tally(words: Words, texts: Sequence[Text]) -> Tally:
    """Count the stems of the content words of each text."""
    stems: dict[str, int] = {}
    parts = [
        _numbered(words, [(place, text) for place, text in enumerate(texts) if _is_in(text, code)], code, stems)
        for code in LANGUAGES
    ]
    owners, numbers = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    pairs, counts = np.unique(owners * max(1, len(stems)) + numbers, return_counts=True)
    places, found = np.divmod(pairs, max(1, len(stems)))
    return Tally(len(texts), tuple(stems), places, found, counts)


def _is_in(text: Text, code: str) -> bool:
    return language_code(text.language) == code


def _numbered(
    words: Words, texts: Iterable[tuple[int, Text]], code: str, stems: dict[str, int]
) -> tuple[Integers, Integers]:
    """For every content word of these texts, in order: the place of its text, and the number of its stem in `stems`,
    which grows."""
    vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
    spoken, places, lengths = array("q"), array("q"), array("q")
    for place, text in texts:
        head = words.said(text.head)
        found = [*head, *head, *words.said(text.body)]
        spoken.extend(map(vocabulary.__getitem__, found))
        places.append(place)
        lengths.append(len(found))
    meant = [stems.setdefault(stem, len(stems)) if stem else -1 for stem in words.each(vocabulary, code)]
    said = np.array(meant, np.int64)[np.array(spoken, np.int64)]
    kept = said >= 0
    return np.repeat(np.array(places, np.int64), np.array(lengths, np.int64))[kept], said[kept]
