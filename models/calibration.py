"""Calibration of a binary margin on a later slice: a slope and an intercept (Platt 1999)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

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
    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    X = np.tile(margin, 2)[:, None]
    y = np.repeat([1, 0], margin.size)
    soft = np.where(outcome == 1, high, low)
    fitted = LogisticRegression(C=np.inf).fit(X, y, sample_weight=np.concatenate([soft, 1 - soft]))
    return Platt(max(float(fitted.coef_[0, 0]), MIN_SLOPE), float(fitted.intercept_[0]))
