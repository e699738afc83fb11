"""From match features to the probability that a resource helps, and when to stay silent.

One cosine says little: the same number means a good match in one corpus and a look-alike in another. So every
candidate is described relative to the whole list and to the words of the question, and a logistic model fitted by
bench/fit_confidence.py turns that into a probability. The fitted numbers are in confidence.json beside this file.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Candidates

FEATURES = (
    "full",
    "known",
    "margin",
    "gap",
    "alone",
    "deviation",
    "coverage",
    "shared",
    "length",
    "spanish",
)
ENOUGH = {"margin": 0.1, "gap": 0.2}  # cosine by which being ahead says about all that it can say
SAME = 0.97  # cosine from which a question is a past one again, but for a word or two that say nothing
TOLD = 0.95  # what is known then: a moderator has let in that the resource answers it
DEPTH = 10  # candidates the features look at


@dataclass(frozen=True, slots=True)
class Confidence:
    """A logistic model over FEATURES, and the two probabilities that divide silence, suggestion and good match.

    Held out, seven in ten first suggestions from `silent_below` on are right in each of six communities; from
    `sure_from` on nine in ten over all of them, and at most one near miss in twenty is spoken on (docs/matching.md).
    """

    weights: tuple[float, ...]
    bias: float
    silent_below: float
    sure_from: float

    @property
    def mark(self) -> str:
        """Says these numbers and no others: what was noted of a confidence holds as long as it stays the same."""
        numbers = json.dumps((self.weights, self.bias, self.silent_below, self.sure_from))
        return hashlib.sha256(numbers.encode()).hexdigest()[:12]

    def judge(self, candidates: Candidates, words: int) -> NDArray[np.float64]:
        """Probability that each candidate helps, shape (k,); `words` is the number of distinct stems asked."""
        if not candidates.ids:
            return np.zeros(0)
        logits = features(candidates, words) @ np.asarray(self.weights) + self.bias
        likely = np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float64)
        return np.where(candidates.past >= SAME, np.maximum(likely, TOLD), likely)


def features(candidates: Candidates, words: int) -> NDArray[np.float64]:
    """One row of FEATURES per candidate, shape (k, len(FEATURES)).

    known: how much nearer a past question is than the text. margin: score above the best other candidate (negative
    unless first). gap: score above the mean of the other nine; a corpus of fewer is filled up with its mean. Both as
    tanh(x / ENOUGH): between far ahead and still further nothing is to be learnt. alone: full times margin. deviation:
    standard deviations above the corpus mean, less what the best of that many would reach by chance, sqrt(2 ln n).
    shared, length: log of 1 + words. spanish: 1 or 0; one of the two models is not asked then, so cosines are lower.
    """
    score = candidates.score.astype(np.float64)
    count = len(score)
    top = np.full(DEPTH, candidates.mean)
    top[: min(count, DEPTH)] = score[:DEPTH]
    others = top[_others(count)]
    rival = others.max(axis=1) if count > 1 else np.full(count, candidates.mean)
    chance = np.sqrt(2 * np.log(max(2, candidates.size)))
    deviation = (score - candidates.mean) / max(candidates.spread, 0.02) - chance
    margin = np.tanh((score - rival) / ENOUGH["margin"])
    gap = np.tanh((score - others.mean(axis=1)) / ENOUGH["gap"])
    return np.column_stack(
        (
            candidates.full,
            candidates.past - candidates.full,
            margin,
            gap,
            candidates.full * margin,
            deviation,
            candidates.coverage,
            np.log1p(candidates.shared),
            np.full(count, np.log1p(words)),
            np.full(count, float(candidates.spanish)),
        )
    )


@cache
def _others(count: int) -> NDArray[np.intp]:
    """For each of `count` candidates, the places of the other nine among the first ten, shape (count, DEPTH - 1)."""
    rows = [[other for other in range(DEPTH) if other != place][: DEPTH - 1] for place in range(count)]
    return np.array(rows, np.intp).reshape(count, DEPTH - 1)


@cache
def fitted() -> Confidence:
    """The numbers that ship with the package, read once."""
    numbers = json.loads(files("knowledge").joinpath("confidence.json").read_text("utf-8"))
    weights = tuple(float(numbers["weights"][name]) for name in FEATURES)
    return Confidence(weights, float(numbers["bias"]), float(numbers["silent_below"]), float(numbers["sure_from"]))
