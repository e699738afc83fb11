"""Communities whose presses are drawn: as the shipped confidence says, or off by a known amount."""

from __future__ import annotations

import numpy as np

from knowledge.calibration_fit import Press


def pressed(
    count: int, *, shift: float = 0.0, slope: float = 1.0, seed: int = 1, most: int = 3, company: bool = False
) -> list[Press]:
    """Up to `most` shown a question, from 0.34 on; right as their log odds times `slope` plus `shift` say, each by
    itself. With `company` all stand or fall with the best. Three questions an asker, more or less."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        best = 0.34 + 0.65 * draw.random()
        shown = np.array([best, *(0.34 + (best - 0.34) * draw.random(draw.integers(0, most)))])
        right = 1 / (1 + np.exp(-(np.log(shown / (1 - shown)) * slope + shift)))
        helped = (draw.random(len(shown)) < right).any() if not company else draw.random() < right[0]
        found.append(Press(tuple(shown.round(6).tolist()), bool(helped), f"asker-{draw.integers(max(1, count // 3))}"))
    return found
