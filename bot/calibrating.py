"""`winwin calibrate`: the confidence re-fitted on what became of suggestions here, and kept if it is better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.community import Audit
from bot.confirmed import Became, OwnNumbers, Shown, presses_of
from bot.ports import Store
from knowledge.calibration import Calibration, thresholds
from knowledge.calibration_fit import Presses
from knowledge.calibration_proof import Proof, Verdict, prove, share
from knowledge.confidence import Confidence
from knowledge.evaluation import Figure


@dataclass(frozen=True, slots=True)
class Threshold:
    """`own`: on the corrected scale; `place`: the shipped confidence that this is. `spoken` and `spoken_now`: the share
    of what was shown that lies at or above it as shipped, and by the own numbers. `right`, `right_now`: how many of
    those with a press helped."""

    shipped: float
    own: float
    place: float
    spoken: Figure
    spoken_now: Figure
    right: Figure
    right_now: Figure


@dataclass(frozen=True, slots=True)
class Study:
    """`foreign`: questions whose suggestions another model or other numbers judged. `lowest`: the shipped confidence
    under which nothing is known. `silent` and `sure`: what only the asker sees, and what everybody sees."""

    proof: Proof
    shown: int
    foreign: int
    became: dict[Became, int]
    lowest: float
    numbers: Calibration
    silent: Threshold
    sure: Threshold
    in_use: OwnNumbers | None
    kept: tuple[OwnNumbers, ...]

    @property
    def better(self) -> bool:
        return self.proof.verdict is Verdict.BETTER


async def study(store: Store, shipped: Confidence, basis: str) -> Study:
    """Fit and compare. Reads confidences and presses, never words."""
    async with store.read() as tx:
        everything, kept = await tx.calibrations.shown(), await tx.calibrations.all()
    shown = [one for one in everything if one.basis == basis]
    presses = Presses(presses_of(shown))
    proof, lowest = prove(presses), presses.lowest()
    numbers, (silent_at, sure_at) = thresholds(proof.fit.curve, shipped, lowest)
    best = [max(one.shipped) for one in shown]
    return Study(
        proof,
        len(shown),
        len(everything) - len(shown),
        _counted(shown),
        lowest,
        numbers,
        _threshold(shipped.silent_below, numbers.silent_below, silent_at, best, presses),
        _threshold(shipped.sure_from, numbers.sure_from, sure_at, best, presses),
        next((own for own in kept if own.basis == basis), None),
        tuple(kept),
    )


def _counted(shown: Sequence[Shown]) -> dict[Became, int]:
    counts = Counter(one.became for one in shown)
    return {kind: counts[kind] for kind in Became}


def _threshold(shipped: float, own: float, place: float, best: Sequence[float], presses: Presses) -> Threshold:
    def spoken(at: float) -> Figure:
        return share(sum(one >= at for one in best), len(best))

    def right(at: float) -> Figure:
        above = presses.best >= at
        return share(int(presses.helped[above].sum()), int(above.sum()))

    return Threshold(shipped, own, place, spoken(shipped), spoken(place), right(shipped), right(place))


async def apply(store: Store, found: Study, basis: str, now: datetime, by: str) -> OwnNumbers:
    """Use these numbers from now on, in every process. `found` is better; the caller has looked."""
    own = OwnNumbers(basis, found.numbers, found.proof.presses, now)
    detail = (
        f"presses={own.presses} sure_from={found.sure.shipped:.3f}->{found.sure.place:.3f} "
        f"silent_below={found.silent.shipped:.3f}->{found.silent.place:.3f}"
    )
    async with store.begin() as tx:
        await tx.calibrations.put(own)
        await tx.audit.append([Audit(now, by, "calibrate", basis, detail)])
    return own


async def revert(store: Store, now: datetime, by: str) -> int:
    """Back to the shipped numbers. Returns how many sets of own numbers there were."""
    async with store.begin() as tx:
        kept = await tx.calibrations.all()
        if kept:
            await tx.calibrations.clear()
            await tx.audit.append([Audit(now, by, "calibrate_revert", own.basis) for own in kept])
    return len(kept)
