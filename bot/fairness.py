"""How evenly work is spread over people: the Gini coefficient. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def gini(load: Sequence[float]) -> float:
    """0 when everybody carries the same, near 1 when one carries all; nobody carrying anything is even.

    Half the mean difference between two people, divided by the mean (Gini 1912)."""
    total = sum(load)
    if not total:
        return 0.0
    n = len(load)
    return sum((2 * rank - n - 1) * carried for rank, carried in enumerate(sorted(load), 1)) / (n * total)
