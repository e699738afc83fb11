"""Whether a community's own calibration (knowledge.calibration) beats the shipped numbers, and how sure that is.

Rules this file keeps:
- Every figure of the re-fitted numbers comes from presses they were not fitted on (FOLDS parts, nobody in two).
- Intervals are percentiles of a bootstrap over askers, 95 %; shares have Wilson's (E. Wilson, 1927).
- Better means: the whole interval of the gain in log loss lies above 0, and the Brier score is not worse.
- The plain curve (Platt) is taken unless there are BETA_FROM presses and the other (beta) is better by the same rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import sqrt

import numpy as np

from knowledge.calibration import Floats
from knowledge.calibration_fit import Fit, Flags, Presses
from knowledge.evaluation import Figure

NEEDED = 100  # presses, before anything is said
OF_EACH = 15  # of those that helped, and of those that did not
BETA_FROM = 500
FOLDS = 5
DRAWS = 2_000
SEED = 20_260_101
BINS, IN_A_BIN = 10, 20
Z = 1.959964
AS_SHIPPED = Fit()


class Verdict(StrEnum):
    TOO_LITTLE = "too_little"
    NOT_BETTER = "not_better"
    BETTER = "better"


class Form(StrEnum):
    PLATT = "platt"
    BETA = "beta"


@dataclass(frozen=True, slots=True)
class Compared:
    """One loss per press on average: lower is better. `gain` is shipped less refitted."""

    shipped: Figure
    refitted: Figure
    gain: Figure


@dataclass(frozen=True, slots=True)
class Bin:
    """So many presses, what was said of them on average, and how many of them helped."""

    count: int
    shipped: float
    refitted: float
    helped: Figure


@dataclass(frozen=True, slots=True)
class Proof:
    """`log_loss` and what follows it are there unless too little is known."""

    verdict: Verdict
    presses: int
    helped: int
    askers: int
    fit: Fit = AS_SHIPPED
    form: Form = Form.PLATT
    log_loss: Compared | None = None
    brier: Compared | None = None
    bins: tuple[Bin, ...] = ()


def prove(presses: Presses) -> Proof:
    """Fit, and compare with the shipped numbers."""
    count, helped = len(presses), int(presses.helped.sum())
    askers = len(set(presses.who.tolist()))
    if count < NEEDED or min(helped, count - helped) < OF_EACH or askers < FOLDS:
        return Proof(Verdict.TOO_LITTLE, count, helped, askers)
    shipped, refitted, form = held_out(presses, presses.as_shipped), held_out(presses, presses.fit), Form.PLATT
    drawn = _drawn(presses)
    if count >= BETA_FROM:
        bent = held_out(presses, partial(presses.fit, beta=True))
        if _compared(_log_loss, presses, refitted, bent, drawn).gain.low > 0:
            refitted, form = bent, Form.BETA
    log_loss = _compared(_log_loss, presses, shipped, refitted, drawn)
    brier = _compared(_brier, presses, shipped, refitted, drawn)
    better = log_loss.gain.low > 0 and brier.gain.value >= 0
    return Proof(
        Verdict.BETTER if better else Verdict.NOT_BETTER,
        count,
        helped,
        askers,
        presses.fit(beta=form is Form.BETA),
        form,
        log_loss,
        brier,
        _bins(presses, shipped, refitted),
    )


def held_out(presses: Presses, fitted: Callable[[Flags], Fit]) -> Floats:
    """For each press the probability that it helped, by what was `fitted` on everybody but its asker and others."""
    folds = _folds(presses)
    found = np.empty(len(presses))
    for fold in range(FOLDS):
        left_out = folds == fold
        found[left_out] = presses.likely(fitted(~left_out))[left_out]
    return found


def _folds(presses: Presses) -> Floats:
    """Askers go where the fewest presses are so far, those with the most first."""
    counts = np.bincount(presses.who)
    order = np.random.default_rng(SEED).permutation(len(counts))
    sizes, fold = np.zeros(FOLDS), np.empty(len(counts))
    for who in order[np.argsort(-counts[order], kind="stable")]:
        fold[who] = sizes.argmin()
        sizes[int(fold[who])] += counts[who]
    return fold[presses.who]


def _log_loss(helped: Floats, likely: Floats) -> Floats:
    return np.asarray(-np.log(np.where(helped > 0, likely, 1 - likely)), np.float64)


def _brier(helped: Floats, likely: Floats) -> Floats:
    return np.asarray((helped - likely) ** 2, np.float64)


Loss = Callable[[Floats, Floats], Floats]


def _compared(loss: Loss, presses: Presses, shipped: Floats, refitted: Floats, drawn: Floats) -> Compared:
    before, after = (loss(presses.helped.astype(float), likely) for likely in (shipped, refitted))
    return Compared(*(_figure(values, presses, drawn) for values in (before, after, before - after)))


def _drawn(presses: Presses) -> Floats:
    """How often each asker is drawn in each sample, shape (DRAWS, askers)."""
    askers = int(presses.who.max()) + 1
    drawn = np.random.default_rng(SEED).multinomial(askers, np.full(askers, 1 / askers), DRAWS)
    return np.asarray(drawn, np.float64)


def _figure(values: Floats, presses: Presses, drawn: Floats) -> Figure:
    sums, counts = np.bincount(presses.who, values), np.bincount(presses.who)
    means = (drawn @ sums) / (drawn @ counts)
    low, high = np.quantile(means, (0.025, 0.975))
    return Figure(float(values.mean()), float(low), float(high))


def _bins(presses: Presses, shipped: Floats, refitted: Floats) -> tuple[Bin, ...]:
    """As many presses in each, in order of what was said of them as shipped."""
    order = np.argsort(shipped, kind="stable")
    parts = np.array_split(order, max(1, min(BINS, len(order) // IN_A_BIN)))
    return tuple(
        Bin(
            len(part),
            float(shipped[part].mean()),
            float(refitted[part].mean()),
            share(int(presses.helped[part].sum()), len(part)),
        )
        for part in parts
    )


def share(hits: int, of: int) -> Figure:
    """A share with Wilson's interval; nan of nothing."""
    if not of:
        return Figure(float("nan"), 0.0, 1.0)
    rate, square = hits / of, Z * Z / of
    middle = (rate + square / 2) / (1 + square)
    half = Z * sqrt(rate * (1 - rate) / of + square / of / 4) / (1 + square)
    return Figure(rate, max(0.0, middle - half), min(1.0, middle + half))
