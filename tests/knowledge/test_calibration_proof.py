"""It is called better only where it is, beyond chance; and by how much the shipped numbers are off is found."""

import numpy as np
import pytest

from knowledge.calibration import thresholds
from knowledge.calibration_fit import Presses
from knowledge.calibration_proof import FOLDS, NEEDED, Form, Proof, Verdict, _folds, held_out, prove, share
from knowledge.confidence import Confidence
from tests.fakes.presses import pressed

SHIPPED = Confidence((0.0,) * 9, 0.0, silent_below=0.34, sure_from=0.73)


def test_where_the_shipped_confidence_is_right_nothing_is_better():
    found = [prove(Presses(pressed(300, seed=seed))).verdict for seed in range(6)]
    assert found.count(Verdict.NOT_BETTER) >= 5  # one in forty by chance, on average


def test_what_is_too_sure_by_a_known_amount_is_found():
    presses = Presses(pressed(600, shift=-1.0, most=1))
    found = prove(presses)
    assert found.verdict is Verdict.BETTER
    assert found.fit.curve.of(np.array([0.73]))[0] == pytest.approx(0.5, abs=0.07)  # log odds of 0.73, less 1
    sure_at = thresholds(found.fit.curve, SHIPPED, presses.lowest())[1][1]
    assert sure_at == pytest.approx(0.88, abs=0.04)
    assert found.log_loss is not None
    assert found.brier is not None
    assert found.log_loss.gain.low > 0
    assert found.brier.gain.low > 0


def test_too_sure_is_found_where_several_are_shown_too():
    found = [prove(Presses(pressed(400, shift=-1.0, seed=seed))).verdict for seed in range(3)]
    assert found.count(Verdict.BETTER) >= 2


def test_that_suggestions_stand_or_fall_together_is_no_fault_of_the_confidence():
    found = [prove(Presses(pressed(200, company=True, seed=seed))).verdict for seed in range(3)]
    assert found.count(Verdict.BETTER) == 0


def test_of_few_presses_nothing_is_said():
    presses = pressed(NEEDED - 1, shift=-3.0)
    found = prove(Presses(presses))
    assert found == Proof(Verdict.TOO_LITTLE, NEEDED - 1, sum(p.helped for p in presses), found.askers)
    assert prove(Presses([])).verdict is Verdict.TOO_LITTLE


def test_of_presses_that_all_say_the_same_nothing_is_said():
    alike = [p for p in pressed(400) if p.helped]
    assert len(alike) > NEEDED
    assert prove(Presses(alike)).verdict is Verdict.TOO_LITTLE


def test_a_bent_curve_is_taken_only_where_there_are_many_and_it_is_better():
    assert prove(Presses(pressed(600, shift=-1.0, most=1))).form is Form.PLATT


def test_nobody_is_learnt_from_and_tried_on():
    presses = Presses(pressed(200))
    folds = _folds(presses)
    for who in set(presses.who.tolist()):
        assert len(set(folds[presses.who == who])) == 1
    sizes = np.bincount(folds.astype(int))
    assert len(sizes) == FOLDS
    assert sizes.max() - sizes.min() <= 2
    seen = []

    def fitted(among):
        seen.append(among)
        return presses.as_shipped(among)

    held_out(presses, fitted)
    assert sum(~among for among in seen).tolist() == [1] * 200


def test_the_table_has_every_press_once_and_at_most_ten_rows():
    found = prove(Presses(pressed(430, shift=-1.0)))
    assert (len(found.bins), sum(b.count for b in found.bins)) == (10, 430)
    assert [b.shipped for b in found.bins] == sorted(b.shipped for b in found.bins)
    assert len(prove(Presses(pressed(120, shift=-1.0))).bins) == 6


def test_wilsons_interval_is_his():
    """8 of 10: 0.490 to 0.943 (as R's prop.test without correction says)."""
    found = share(8, 10)
    assert (found.value, round(found.low, 3), round(found.high, 3)) == (0.8, 0.490, 0.943)
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)
