"""Platt's step is the maximum of the likelihood, as scikit-learn finds it too."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.calibration import MIN_SLOPE, Platt, fit_platt


def drawn(rows: int, slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(rows)
    margin = random.normal(0, 2, rows)
    return margin, (random.random(rows) < expit(slope * margin + intercept)).astype(float)


def reference(margin: np.ndarray, outcome: np.ndarray) -> Platt:
    """Each row twice, as a yes and as a no, weighed by Platt's target: an unpenalised logistic regression."""
    positives, negatives = outcome.sum(), (1 - outcome).sum()
    target = np.where(outcome == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    X, y, weight = np.tile(margin, 2)[:, None], np.repeat([1, 0], margin.size), np.concatenate([target, 1 - target])
    fitted = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10).fit(X, y, sample_weight=weight)
    return Platt(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))


@pytest.mark.parametrize(("rows", "slope", "intercept"), [(100, 1.0, 0.0), (2000, 0.6, -3.0), (9000, 1.4, 2.0)])
def test_slope_and_intercept_are_those_of_a_logistic_regression(rows, slope, intercept):
    """To 1e-5, where outcomes are balanced and where they are rare."""
    margin, outcome = drawn(rows, slope, intercept)
    found, expected = fit_platt(margin, outcome), reference(margin, outcome)
    assert found.slope == pytest.approx(expected.slope, abs=1e-5)
    assert found.intercept == pytest.approx(expected.intercept, abs=1e-5)


def test_margins_that_separate_the_answers_stay_finite():
    """Platt's targets are not 0 and 1, so that certainty in the sample is none in the probability."""
    margin = np.repeat([-1.0, 1.0], 20)
    p = fit_platt(margin, (margin > 0).astype(float)).probability(margin)
    assert p[-1] == pytest.approx(21 / 22, abs=1e-6)
    assert p[0] == pytest.approx(1 / 22, abs=1e-6)


def test_margins_that_tell_nothing_give_the_base_rate():
    """A constant margin leaves the intercept alone to say how often it happened."""
    outcome = np.repeat([0.0, 1.0], [90, 30])
    p = fit_platt(np.zeros(120), outcome).probability(np.zeros(120))
    assert p == pytest.approx((30 * 31 / 32 + 90 / 92) / 120, abs=1e-6)


def test_a_probability_never_falls_as_the_margin_rises():
    """Where the folds ranked the wrong way round the slope stays above 0."""
    margin, outcome = drawn(1000, -1.0, 0.0)
    assert fit_platt(margin, outcome).slope == MIN_SLOPE
