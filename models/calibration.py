"""Calibration of a binary margin on a later slice: a slope and an intercept (Platt 1999)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

MIN_SLOPE = 0.05


@dataclass(frozen=True)
class Platt:
    """p = 1 / (1 + exp(−(slope · margin + intercept)))."""

    slope: float
    intercept: float

    def probability(self, margin: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probability, shape as ``margin``."""
        return np.asarray(expit(self.slope * margin + self.intercept))


def fit_platt(margin: NDArray[np.float64], outcome: NDArray[np.float64]) -> Platt:
    """Fit by maximum likelihood with Platt's smoothed targets in place of 0 and 1; both outcomes must occur."""
    positives, negatives = outcome.sum(), (1 - outcome).sum()
    target = np.where(outcome == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    loss = _Loss(margin, target)
    fitted = minimize(loss.mean, (1.0, 0.0), jac=loss.slope, hess=loss.curvature, method="trust-exact", tol=1e-8)
    return Platt(max(float(fitted.x[0]), MIN_SLOPE), float(fitted.x[1]))


@dataclass(frozen=True)
class _Loss:
    """Mean log loss of n targets at (slope, intercept), with its first and second derivatives."""

    margin: NDArray[np.float64]
    target: NDArray[np.float64]

    def mean(self, at: NDArray[np.float64]) -> float:
        log_odds = at[0] * self.margin + at[1]
        return float(np.mean(np.logaddexp(0, log_odds) - self.target * log_odds))

    def slope(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        error = expit(at[0] * self.margin + at[1]) - self.target
        return np.array([np.mean(error * self.margin), np.mean(error)])

    def curvature(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        p = expit(at[0] * self.margin + at[1])
        weight = p * (1 - p)
        mixed = np.mean(weight * self.margin)
        return np.array([[np.mean(weight * self.margin**2), mixed], [mixed, np.mean(weight)]])
