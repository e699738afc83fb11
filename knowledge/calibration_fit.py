"""Finds the curve (knowledge.calibration) that makes what became of suggestions most likely.

A prior worth WORTH presses says that nothing changes: so a few presses move the curve little.

Where several resources were shown, a press is about all of them together: it says that one at least was right, or that
none was. How far the others add to the best of them nobody knows beforehand: nothing, when all stand or fall with the
question, or as much as if each had a chance of its own. So that is fitted as well, as `more`:
P(none was right) = (1 - p1) ((1 - p2) (1 - p3)) ** more. The shipped numbers get a `more` of their own where they are
compared: what is a matter of company is not to look like a fault of the confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import EDGE, Curve, Floats

WORTH = 50  # presses that the prior of a curve is worth
TELLS = 0.2  # what one press tells of the shift: p (1 - p), as it is for most that are shown
MORE, MORE_TELLS = 0.5, 4.0  # between nothing and a chance of its own; standard deviation 0.5
FLATTEST = 0.05  # a curve that does not rise orders nothing
STEPS = 50
CLOSE = 1e-9
FEW = 10  # presses under the end of a range, without which it says nothing there

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Press:
    """What became of one question: the shipped confidences of what was shown, at least one; whether it helped; and who
    asked, so that nobody's presses are on both sides of a comparison."""

    shown: tuple[float, ...]
    helped: bool
    who: str


@dataclass(frozen=True, slots=True)
class Fit:
    """`more`: how far the others that were shown add to the best."""

    curve: Curve = Curve()  # noqa: RUF009 -- a value that never changes
    more: float = MORE


class Presses:
    """Many presses as arrays. `who` numbers the askers from 0; `best` is the highest confidence of each."""

    def __init__(self, presses: Sequence[Press]) -> None:
        askers = {who: n for n, who in enumerate(dict.fromkeys(p.who for p in presses))}
        self.helped = np.array([p.helped for p in presses], bool)
        self.who = np.array([askers[p.who] for p in presses], np.intp)
        self.best = np.array([max(p.shown) for p in presses], np.float64)
        ordered = [sorted(p.shown, reverse=True) for p in presses]
        self._whose = np.repeat(np.arange(len(presses)), [len(shown) for shown in ordered])
        self._first = np.array([n == 0 for shown in ordered for n in range(len(shown))], bool)
        p = np.clip(np.array([c for shown in ordered for c in shown], np.float64), EDGE, 1 - EDGE)
        self._parts = np.column_stack((np.log(p), -np.log1p(-p)))  # of what was shown, shape (n, 2)

    def __len__(self) -> int:
        return len(self.helped)

    def lowest(self) -> float:
        """The shipped confidence under which there are fewer than FEW presses; 1 where there are not even as many."""
        return float(np.sort(self.best)[FEW - 1]) if len(self) >= FEW else 1.0

    def likely(self, fit: Fit) -> Floats:
        """For each the probability that one at least of what was shown helps."""
        curve = fit.curve
        rows = np.column_stack((self._parts, np.ones(len(self._parts))))
        return self._predicted(rows, np.array([curve.rise, curve.fall, curve.shift, fit.more]))[2]

    def as_shipped(self, among: Flags | None = None) -> Fit:
        """The shipped numbers, with the `more` that suits the presses `among` all."""
        rows = np.column_stack((self._parts, np.ones(len(self._parts))))
        prior, free = np.array([1.0, 1.0, 0.0, MORE]), np.array([False, False, False, True])
        return Fit(Curve(), float(self._uphill(rows, prior, free, self._chosen(among))[-1]))

    def fit(self, among: Flags | None = None, *, beta: bool = False) -> Fit:
        """The curve that suits the presses `among` all best, the prior counted in."""
        chosen = self._chosen(among)
        columns = self._parts if beta else self._parts.sum(axis=1, keepdims=True)
        centre = columns[chosen[self._whose]].mean(axis=0)  # where shift and slope come apart
        rows = np.column_stack((columns - centre, np.ones(len(columns))))
        width = columns.shape[1]
        prior = np.concatenate((np.ones(width), [centre.sum(), MORE]))
        found = self._uphill(rows, prior, np.ones(len(prior), bool), chosen, floors=np.full(width, FLATTEST))
        shift = float(found[width] - found[:width] @ centre)
        return Fit(Curve(float(found[0]), float(found[width - 1]), shift), float(found[-1]))

    def _chosen(self, among: Flags | None) -> Flags:
        return np.ones(len(self), bool) if among is None else among

    def _uphill(self, rows: Floats, prior: Floats, free: Flags, chosen: Flags, floors: Floats | None = None) -> Floats:
        """Of the slopes, the shift and `more` those that are `free`; what falls under its floor stays there."""
        least = np.full(len(prior), -np.inf)
        least[-1] = 0.0
        if floors is not None:
            least[: len(floors)] = floors
        found = self._scored(rows, prior, prior, free, chosen)
        while (fallen := (found < least) & free).any():
            free = free & ~fallen
            found = self._scored(rows, np.where(fallen | ~free, np.maximum(found, least), prior), prior, free, chosen)
        return found

    def _scored(self, rows: Floats, at: Floats, prior: Floats, free: Flags, chosen: Flags) -> Floats:
        """Fisher's scoring from `at`; what is not `free` stays as it is there."""
        strength = np.full(len(prior), WORTH * TELLS)
        strength[-1] = MORE_TELLS
        height = self._height(rows, at, prior, strength, chosen)
        for _ in range(STEPS):
            right, weight, one = self._predicted(rows, at)
            others = np.where(self._first, 0.0, -np.log1p(-right))
            pull = np.column_stack([*((weight * right)[:, None] * rows).T, others])
            pull = np.column_stack([self._together(column) for column in pull.T])[chosen]
            y, q = self.helped[chosen], one[chosen]
            gradient = ((y - q) / q) @ pull - strength * (at - prior)
            told = (pull * ((1 - q) / q)[:, None]).T @ pull + np.diag(strength)
            step = np.zeros(len(prior))
            step[free] = np.linalg.solve(told[np.ix_(free, free)], gradient[free])
            for _ in range(STEPS):  # a step that overshoots is halved
                if (new := self._height(rows, at + step, prior, strength, chosen)) >= height:
                    break
                step = step / 2
            if new <= height + CLOSE:
                break
            at, height = at + step, new
        return at

    def _height(self, rows: Floats, at: Floats, prior: Floats, strength: Floats, chosen: Flags) -> float:
        q = self._predicted(rows, at)[2][chosen]
        likelihood = np.log(np.where(self.helped[chosen], q, 1 - q)).sum()
        return float(likelihood - (strength * (at - prior) ** 2).sum() / 2)

    def _predicted(self, rows: Floats, at: Floats) -> tuple[Floats, Floats, Floats]:
        """For each that was shown that it is right, and its weight; and for each press that one at least is."""
        right = np.clip(1 / (1 + np.exp(-np.clip(rows @ at[:-1], -30, 30))), EDGE, 1 - EDGE)
        weight = np.where(self._first, 1.0, at[-1])
        one = -np.expm1(self._together(weight * np.log1p(-right)))
        return right, weight, np.asarray(np.clip(one, EDGE, 1 - EDGE), np.float64)

    def _together(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self._whose, values, len(self)), np.float64)
