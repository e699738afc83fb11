"""A community's own correction of the confidence: what a 0.8 of the shipped numbers has meant here.

The shipped confidence p goes through one rising curve, logit p' = rise ln p - fall ln(1 - p) + shift. With rise = fall
that is Platt's scaling of the log odds (J. Platt, 1999), with the two apart it is beta calibration (M. Kull, T. Silva
Filho, P. Flach, 2017). It is fitted on what became of suggestions, with a prior worth WORTH presses that it changes
nothing: so a few presses move it little.

Where several resources were shown, a press is about all of them together: that it helped says that one at least was
right, which has the probability 1 - (1 - p1)(1 - p2)...; that it did not help says that none was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.confidence import Confidence

Floats = NDArray[np.float64]

WORTH = 50  # presses that the prior is worth
TELLS = 0.2  # what one press tells of the shift: p (1 - p), as it is for most that are shown
FLATTEST = 0.05  # a curve that does not rise orders nothing
EDGE = 1e-6  # a probability stays so far from 0 and 1
STEPS = 50
CLOSE = 1e-9
FEW = 10  # presses under the end of a range, without which it says nothing there


@dataclass(frozen=True, slots=True)
class Curve:
    """From the shipped confidence to a community's own; see above."""

    rise: float = 1.0
    fall: float = 1.0
    shift: float = 0.0

    def of(self, shipped: Floats) -> Floats:
        """Elementwise."""
        p = np.clip(shipped, EDGE, 1 - EDGE)
        logits = self.rise * np.log(p) - self.fall * np.log1p(-p) + self.shift
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float64)

    def back(self, own: float) -> float:
        """The shipped confidence that becomes `own`; 0 or 1 where none does."""
        low, high = 0.0, 1.0
        for _ in range(STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.of(np.array([middle]))[0] < own else (low, middle)
        return 1.0 if low >= 1 - EDGE else 0.0 if high <= EDGE else (low + high) / 2


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a community uses instead of the shipped confidence, and of its two thresholds (see knowledge.confidence)."""

    curve: Curve
    silent_below: float
    sure_from: float


@dataclass(frozen=True, slots=True)
class Press:
    """What became of one question: the shipped confidences of what was shown, at least one; whether it helped; and who
    asked, so that nobody's presses are on both sides of a comparison."""

    shown: tuple[float, ...]
    helped: bool
    who: str

    @property
    def best(self) -> float:
        return max(self.shown)


class Presses:
    """Many presses as arrays. `who` numbers the askers from 0."""

    def __init__(self, presses: Sequence[Press]) -> None:
        askers = {who: n for n, who in enumerate(dict.fromkeys(p.who for p in presses))}
        self.helped = np.array([p.helped for p in presses], bool)
        self.who = np.array([askers[p.who] for p in presses], np.intp)
        self.best = np.array([p.best for p in presses], np.float64)
        self._shown = np.array([c for p in presses for c in p.shown], np.float64)
        self._whose = np.repeat(np.arange(len(presses)), [len(p.shown) for p in presses])

    def __len__(self) -> int:
        return len(self.helped)

    def likely(self, curve: Curve) -> Floats:
        """For each the probability that one at least of what was shown helps."""
        none = np.log1p(-curve.of(self._shown))
        return np.asarray(np.clip(-np.expm1(self._together(none)), EDGE, 1 - EDGE))

    def fit(self, among: NDArray[np.bool_] | None = None, *, beta: bool = False) -> Curve:
        """The curve that makes the presses (those `among` all) most likely, the prior counted in: Fisher's scoring."""
        chosen = np.ones(len(self), bool) if among is None else among
        p = np.clip(self._shown, EDGE, 1 - EDGE)
        parts = np.column_stack((np.log(p), -np.log1p(-p)))
        columns = parts if beta else parts.sum(axis=1, keepdims=True)
        of_chosen = columns[chosen[self._whose]]
        centre = of_chosen.mean(axis=0) if len(of_chosen) else columns.mean(axis=0)  # shift and slope come apart there
        rows = np.column_stack((columns - centre, np.ones(len(columns))))
        prior, free = np.append(np.ones(columns.shape[1]), centre.sum()), np.ones(columns.shape[1] + 1, bool)
        found = self._scored(rows, prior, free, chosen)
        while (flat := np.append(found[:-1] < FLATTEST, False) & free).any():
            free, prior = free & ~flat, np.where(flat, FLATTEST, prior)
            found = self._scored(rows, prior, free, chosen)
        shift = float(found[-1] - found[:-1] @ centre)
        return Curve(float(found[0]), float(found[-2]), shift)

    def _scored(self, rows: Floats, prior: Floats, free: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> Floats:
        """From the prior uphill, as far as it goes; what is not `free` stays."""
        strength = np.full(len(prior), WORTH * TELLS)
        at, height = prior, self._height(rows, prior, prior, chosen)
        for _ in range(STEPS):
            right, one = self._predicted(rows, at)
            pull = self._sums(right[:, None] * rows)[chosen]
            y, q = self.helped[chosen], one[chosen]
            gradient = ((y - q) / q) @ pull - strength * (at - prior)
            told = (pull * ((1 - q) / q)[:, None]).T @ pull + np.diag(strength)
            step = np.zeros(len(prior))
            step[free] = np.linalg.solve(told[np.ix_(free, free)], gradient[free])
            for _ in range(STEPS):  # a step that overshoots is halved
                if (new := self._height(rows, at + step, prior, chosen)) >= height:
                    break
                step = step / 2
            if new <= height + CLOSE:
                break
            at, height = at + step, new
        return at

    def _height(self, rows: Floats, at: Floats, prior: Floats, chosen: NDArray[np.bool_]) -> float:
        q = self._predicted(rows, at)[1][chosen]
        likelihood = np.log(np.where(self.helped[chosen], q, 1 - q)).sum()
        return float(likelihood - WORTH * TELLS * ((at - prior) ** 2).sum() / 2)

    def _predicted(self, rows: Floats, at: Floats) -> tuple[Floats, Floats]:
        """For each that was shown that it is right, and for each press that one at least is."""
        right = 1 / (1 + np.exp(-np.clip(rows @ at, -30, 30)))
        one = np.clip(-np.expm1(self._together(np.log1p(-right))), EDGE, 1 - EDGE)
        return right, one

    def _together(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self._whose, values, len(self)), np.float64)

    def _sums(self, values: Floats) -> Floats:
        return np.column_stack([self._together(column) for column in values.T])


def thresholds(curve: Curve, shipped: Confidence, lowest: float) -> tuple[Calibration, tuple[float, float]]:
    """A confidence of `silent_below`, and one of `sure_from`, are to mean here what they mean where the numbers were
    fitted; so both keep their values on the corrected scale. Returned beside them: which shipped confidences that are.

    Nothing is known of what was never shown: neither threshold comes to lie under `lowest`, a shipped confidence, and
    one that lies under it as shipped does not go down at all.
    """
    silent, silent_at = _threshold(curve, shipped.silent_below, lowest)
    sure, sure_at = _threshold(curve, shipped.sure_from, lowest)
    return Calibration(curve, silent, sure), (silent_at, sure_at)


def _threshold(curve: Curve, value: float, lowest: float) -> tuple[float, float]:
    back = curve.back(value)
    place = max(back, min(lowest, value))
    return value if place == back else float(curve.of(np.array([place]))[0]), place


def lowest_known(presses: Presses) -> float:
    """The shipped confidence under which there are fewer than FEW presses; 1 where there are not even as many."""
    return float(np.sort(presses.best)[FEW - 1]) if len(presses) >= FEW else 1.0
