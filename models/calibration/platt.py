"""A slope and an intercept (Platt 1999), and the intercept alone."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from models.calibration.likelihood import Loss, fitted, smoothed

Array = NDArray[np.float64]
MIN_SLOPE = 0.05
"""Least slope of whatever calibrates: a probability rises with the margin, wherever the folds ranked wrongly too."""


@dataclass(frozen=True)
class Platt:
    """p = 1 / (1 + exp(−(slope · margin + intercept)))."""

    slope: float
    intercept: float
    kind: ClassVar[str] = "platt"

    def log_odds(self, margin: Array, stages: NDArray[Any] | None = None) -> Array:
        """Calibrated log-odds, shape as ``margin``."""
        return self.slope * margin + self.intercept

    def probability(self, margin: Array) -> Array:
        """Calibrated probability, shape as ``margin``."""
        return np.asarray(expit(self.log_odds(margin)))

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"slope": self.slope, "intercept": self.intercept}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Platt":
        """Read back what :meth:`as_json` gave."""
        return cls(document["slope"], document["intercept"])


def fit_platt(margin: Array, outcome: Array, stages: NDArray[Any] | None = None) -> Platt:
    """Fit by maximum likelihood with Platt's smoothed targets in place of 0 and 1; both outcomes must occur."""
    slope, intercept = fitted(Loss(np.column_stack([margin, np.ones(margin.size)]), smoothed(outcome)), (1.0, 0.0))
    return Platt(max(float(slope), MIN_SLOPE), float(intercept))


def fit_intercept(margin: Array, outcome: Array, stages: NDArray[Any] | None = None) -> Platt:
    """The same with slope 1: what is left where the margins are as sure as they should be."""
    (intercept,) = fitted(Loss(np.ones((margin.size, 1)), smoothed(outcome), margin), (0.0,))
    return Platt(1.0, float(intercept))
