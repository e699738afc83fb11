"""The second detector: a small calibrated classifier that reads what the rules have no line for.

A logistic model over six outcomes (none, C1 to C5) weighs the hashed letters and words of the normalised text, and
where these leave a doubt what the reader says of it (bot.reading): the reader knows meanings, the letters know Spanish,
slang and slips of the pen. Of a long message it reads the stretch that the letters find likeliest:
a cry for help is often one clause in a long story. Its numbers are fitted by bench/fit_safety.py and sit in
detector.npz beside this file; no word can be read out of them. It only ever adds a finding to those of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from math import sqrt
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.safety.findings import Code, Finding, Speaker

Logits = NDArray[np.float32]  # shape (6,): what the reader says of a text (bot.reading.CRISIS)
OUTCOMES = (None, Code.C1, Code.C2, Code.C3, Code.C4, Code.C5)
BUCKETS = 8_192
STRETCH, STEP = 36, 18  # words that are judged together, and from one such stretch to the next
SIZES = (3, 4, 5)  # letters in a row, inside a word and its blanks
_OTHERS = """
son daughter kid child boy girl baby toddler brother sister friend husband wife niece nephew mum dad he she him her
hijo hija hermano hermana amigo amiga nino nina bebe marido mujer el ella
"""
ABOUT_OTHERS = frozenset(_OTHERS.split())
OF_ONESELF = frozenset({"i", "me", "my", "myself", "am", "yo", "mi", "quiero", "estoy"})


@dataclass(frozen=True, slots=True)
class Numbers:
    """`grams`: a row per bucket; `said`: a row for each of the reader's logits; columns are OUTCOMES.
    `at`: the probability of a crisis from which people are told."""

    bias: NDArray[np.float32]
    grams: NDArray[np.float32]
    said: NDArray[np.float32]
    at: float


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely each outcome is, in the order of OUTCOMES, and from where on a crisis is told."""

    each: tuple[float, ...]
    at: float

    @property
    def crisis(self) -> float:
        return 1.0 - self.each[0]

    @property
    def code(self) -> Code | None:
        """The likeliest crisis; None where it is too unlikely that there is one."""
        if self.crisis < self.at:
            return None
        return OUTCOMES[max(range(1, len(OUTCOMES)), key=lambda at: self.each[at])]


class Detector:
    """Holds numbers and nothing else; safe to share."""

    def __init__(self, full: Numbers, surface: Numbers) -> None:
        """`surface` reads letters only: where no reader was asked."""
        self._full = full
        self._surface = surface

    @classmethod
    def load(cls) -> Detector:
        """With the packaged numbers, read once."""
        return _packaged()

    def judge(self, words: str, said: Logits | None) -> Likely:
        """`words` as the rules read them (bot.safety.normalise)."""
        return self._weigh(self._surface if said is None else self._full, grams(words), said)

    def _weigh(self, numbers: Numbers, found: list[int], said: Logits | None = None) -> Likely:
        total = numbers.bias.astype(np.float64)
        if found:
            total = total + numbers.grams[found].sum(axis=0) * (1.0 / sqrt(len(found)))
        if said is not None:
            total = total + said @ numbers.said
        grown = np.exp(total - total.max())
        return Likely(tuple((grown / grown.sum()).tolist()), numbers.at)

    def likeliest(self, words: str) -> str:
        """The stretch of a text, as the rules read it, that the letters find most like a crisis; a short text whole."""
        parts = stretches(words)
        if len(parts) == 1:
            return parts[0]
        known: dict[str, frozenset[int]] = {}
        crises = [self._weigh(self._surface, _grams(part.split(), known)).crisis for part in parts]
        return parts[max(range(len(parts)), key=crises.__getitem__)]

    def find(self, words: str, said: Logits | None) -> Finding | None:
        """What the text may be, or None."""
        code = self.judge(words, said).code
        return Finding(code, _speaker(words), (f"learnt-{code.lower()}",)) if code is not None else None


def stretches(words: str) -> list[str]:
    """Overlapping parts of a text of STRETCH words; a shorter text is one."""
    said = words.split()
    if len(said) <= STRETCH:
        return [words]
    return [" ".join(said[start : start + STRETCH]) for start in range(0, len(said) - STRETCH + STEP, STEP)]


def grams(words: str) -> list[int]:
    """Hash numbers of words, neighbouring pairs and letters in a row; numbers are all alike."""
    return _grams(words.split(), {})


def _grams(said: list[str], known: dict[str, frozenset[int]]) -> list[int]:
    """`known`: what was made of single words before."""
    tokens = ["0" if token[0].isdigit() else token for token in said if token not in {".", ","}]
    found = {_bucket(f"{a} {b}") for a, b in zip(["^", *tokens], [*tokens, "$"], strict=True)}
    for token in set(tokens):
        letters = known.get(token)
        if letters is None:
            letters = known[token] = _letters(token)
        found |= letters
    return sorted(found)


def _letters(token: str) -> frozenset[int]:
    padded = f"_{token[:24]}_"
    rows = {padded[at : at + size] for size in SIZES for at in range(len(padded) - size + 1)}
    return frozenset(map(_bucket, {token, *rows}))


def _bucket(gram: str) -> int:
    return crc32(gram.encode("utf-8", "replace")) % BUCKETS


def _speaker(words: str) -> Speaker:
    """Somebody who cares for the one it is about says "my son", seldom "I"; in doubt the author is meant."""
    said = words.split()
    others = sum(word in ABOUT_OTHERS for word in said)
    return Speaker.OTHER if others > sum(word in OF_ONESELF for word in said) else Speaker.SELF


@cache
def _packaged() -> Detector:
    with as_file(files("bot.safety") / "detector.npz") as path, np.load(path) as kept:
        full, surface = (
            Numbers(
                kept[f"{name}_bias"].astype(np.float32),
                kept[f"{name}_grams"].astype(np.float32),
                np.ascontiguousarray(kept[f"{name}_said"].astype(np.float32)),
                float(kept[f"{name}_at"]),
            )
            for name in ("full", "surface")
        )
        return Detector(full, surface)
