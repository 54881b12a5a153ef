"""Maximum likelihood of a logistic regression whose log-odds are offset + Z · θ, with a penalty on some of θ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """Mean log loss of n targets at θ (k,), with its first and second derivatives.

    Attributes
    ----------
    Z
        Shape (n, k).
    target
        Shape (n,): the outcome to be expected, from 0 to 1.
    offset
        Shape (n,): part of the log-odds that is given.
    penalty
        Shape (k,): ½ Σ penalty · θ² is added to the sum of losses.
    """

    Z: Array
    target: Array
    offset: Array | float = 0.0
    penalty: Array | float = 0.0

    def mean(self, at: Array) -> float:
        """The mean loss, its penalty included."""
        log_odds = self._log_odds(at)
        lost = float(np.mean(np.logaddexp(0, log_odds) - self.target * log_odds))
        return lost + float(np.sum(self.penalty * at**2)) / (2 * self.target.size)

    def slope(self, at: Array) -> Array:
        """First derivatives, shape (k,)."""
        error = expit(self._log_odds(at)) - self.target
        return np.asarray((error @ self.Z + self.penalty * at) / self.target.size)

    def curvature(self, at: Array) -> Array:
        """Second derivatives, shape (k, k)."""
        p = expit(self._log_odds(at))
        held = np.diag(np.broadcast_to(self.penalty, at.shape))
        return np.asarray(((self.Z * (p * (1 - p))[:, None]).T @ self.Z + held) / self.target.size)

    def _log_odds(self, at: Array) -> Array:
        return np.asarray(self.offset + self.Z @ at)


def fitted(loss: Loss, start: tuple[float, ...]) -> Array:
    """θ at which the loss is least."""
    found = minimize(loss.mean, start, jac=loss.slope, hess=loss.curvature, method="trust-exact", tol=1e-8)
    return np.asarray(found.x)


def smoothed(outcome: Array) -> Array:
    """Platt's targets in place of 0 and 1, so that certainty in a sample is none in what is learned from it."""
    positives, negatives = float(outcome.sum()), float((1 - outcome).sum())
    return np.where(outcome == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2)).astype(np.float64)
