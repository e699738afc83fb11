"""The curve is the likeliest one, the prior holds it back, and no threshold goes where nothing is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from knowledge.calibration import Curve, thresholds
from knowledge.calibration_fit import MORE, MORE_TELLS, TELLS, WORTH, Press, Presses
from knowledge.confidence import Confidence, fitted
from tests.fakes.presses import pressed

SHIPPED = Confidence((0.0,) * 9, 0.0, silent_below=0.34, sure_from=0.73)


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p / (1 - p))


def test_a_curve_that_changes_nothing_changes_nothing():
    p = np.array([0.01, 0.3, 0.9])
    assert Curve().of(p) == pytest.approx(p)
    assert Curve(2.0, 2.0, -1.0).of(np.array([0.5]))[0] == pytest.approx(1 / (1 + np.e))


@pytest.mark.parametrize("curve", [Curve(), Curve(0.5, 0.5, -1.0), Curve(1.7, 0.6, 0.4)])
def test_back_is_the_way_back(curve):
    for p in (0.05, 0.34, 0.73, 0.99):
        assert curve.back(float(curve.of(np.array([p]))[0])) == pytest.approx(p, abs=1e-6)


def test_what_no_confidence_becomes_has_no_way_back():
    assert Curve(1.0, 1.0, -20.0).back(0.9) == 1.0
    assert Curve(1.0, 1.0, 20.0).back(0.1) == 0.0


def test_of_single_suggestions_it_is_logistic_regression():
    """With so many presses the prior weighs next to nothing."""
    presses = pressed(4_000, shift=-0.8, slope=0.7, most=1)
    found = Presses(presses).fit().curve
    x = logit(np.array([p.shown[0] for p in presses]))[:, None]
    known = LogisticRegression(C=np.inf).fit(x, [p.helped for p in presses])
    assert found.rise == found.fall == pytest.approx(known.coef_[0, 0], abs=0.03)
    assert found.shift == pytest.approx(known.intercept_[0], abs=0.03)


@pytest.mark.parametrize("beta", [False, True])
def test_of_several_it_is_the_top_of_what_is_said_to_be_climbed(beta):
    presses = pressed(120, shift=-0.8)
    fit = Presses(presses).fit(beta=beta)
    parts = [np.column_stack((np.log(p.shown), -np.log1p(-np.array(p.shown)))) for p in presses]
    columns = parts if beta else [part.sum(axis=1, keepdims=True) for part in parts]
    centre = np.concatenate(columns).mean(axis=0)
    prior = np.array([*(1.0 for _ in centre), centre.sum(), MORE])
    strength = np.array([*(WORTH * TELLS for _ in centre), WORTH * TELLS, MORE_TELLS])

    def depth(at):
        total = (strength * (at - prior) ** 2).sum() / 2
        for press, column in zip(presses, columns, strict=True):
            wrong = np.log1p(-1 / (1 + np.exp(-((column - centre) @ at[:-2] + at[-2]))))
            best = np.argmax(press.shown)
            none = np.exp(wrong[best] + at[-1] * (wrong.sum() - wrong[best]))
            total -= np.log(1 - none if press.helped else none)
        return total

    top = minimize(depth, prior, method="L-BFGS-B").x
    found = [fit.curve.rise, fit.curve.fall] if beta else [fit.curve.rise]
    assert found == pytest.approx(top[:-2], abs=0.01)
    assert fit.curve.shift == pytest.approx(top[-2] - top[:-2] @ centre, abs=0.01)
    assert fit.more == pytest.approx(top[-1], abs=0.01)


def test_twenty_presses_do_not_overturn_the_shipped_numbers():
    twenty = Presses([Press((0.8,), False, str(n)) for n in range(20)])
    found = float(twenty.fit().curve.of(np.array([0.8]))[0])
    assert 0.45 < found < 0.75
    many = Presses([Press((0.8,), False, str(n)) for n in range(2_000)])
    assert float(many.fit().curve.of(np.array([0.8]))[0]) < 0.05


def test_a_curve_never_falls_however_odd_the_presses():
    odd = Presses([Press((0.4 if helped else 0.9,), helped, str(n)) for n in range(100) for helped in (True, False)])
    for beta in (False, True):
        curve = odd.fit(beta=beta).curve
        p = curve.of(np.linspace(0.01, 0.99, 50))
        assert (np.diff(p) > 0).all()


def test_company_of_the_best_is_told_from_chances_of_their_own():
    assert Presses(pressed(1_500, company=True)).fit().more < 0.25
    assert Presses(pressed(1_500)).fit().more > 0.7


def test_thresholds_stay_where_nothing_changes():
    own, places = thresholds(Curve(), SHIPPED, lowest=0.4)
    assert (own.silent_below, own.sure_from) == pytest.approx((0.34, 0.73))
    assert places == pytest.approx((0.34, 0.73))


def test_where_the_numbers_were_too_sure_both_thresholds_rise():
    own, (silent, sure) = thresholds(Curve(1.0, 1.0, -1.0), SHIPPED, lowest=0.34)
    assert (own.silent_below, own.sure_from) == (0.34, 0.73)
    assert silent == pytest.approx(1 / (1 + np.exp(-(logit(np.array(0.34)) + 1))), abs=1e-6)
    assert sure == pytest.approx(1 / (1 + np.exp(-(logit(np.array(0.73)) + 1))), abs=1e-6)


def test_no_threshold_goes_down_to_where_nothing_was_shown():
    timid = Curve(1.0, 1.0, 2.0)
    own, (silent, sure) = thresholds(timid, SHIPPED, lowest=0.5)
    assert (silent, sure) == (0.34, 0.5)
    assert own.sure_from == pytest.approx(timid.of(np.array([0.5]))[0])
    assert own.silent_below == pytest.approx(timid.of(np.array([0.34]))[0])
    assert thresholds(timid, SHIPPED, lowest=1.0)[1] == (0.34, 0.73)


def test_the_range_begins_where_there_are_ten_presses():
    presses = [Press((n / 100, 0.01), True, str(n)) for n in range(40, 60)]
    assert Presses(presses).lowest() == 0.49
    assert Presses(presses[:9]).lowest() == 1.0


def test_other_shipped_numbers_have_another_mark():
    assert fitted().mark == fitted().mark != replace(fitted(), sure_from=0.99).mark
