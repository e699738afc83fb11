"""A community's own correction of the confidence: what a 0.8 of the shipped numbers has meant here.

The shipped confidence p goes through one rising curve, logit p' = rise ln p - fall ln(1 - p) + shift. With rise = fall
that is Platt's scaling of the log odds (J. Platt, 1999), with the two apart it is beta calibration (M. Kull, T. Silva
Filho, P. Flach, 2017). knowledge.calibration_fit finds it, knowledge.calibration_proof says whether it is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.confidence import Confidence

Floats = NDArray[np.float64]

EDGE = 1e-6  # a probability stays so far from 0 and 1
STEPS = 50


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
