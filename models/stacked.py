"""Two scores of one question as one: a booster of its own, and one shared with other questions (Wolpert 1992).

An answer "above or not" tells a booster little; a score of where the impact lies learned from all of it, but knows no
threshold. What each is worth is learned from what both said of rows that they had not seen.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from models.boosted import Array
from models.staged import StagedScore


@dataclass(frozen=True)
class Stacked:
    """own · w₁ + shared · w₂, in log-odds but for an intercept; contributions are weighted alike, so they add up."""

    own: StagedScore
    shared: StagedScore
    weights: tuple[float, float]

    def margin(self, X: Array, stages: NDArray[Any]) -> Array:
        """Shape (n,)."""
        return self.of(self.own.margin(X, stages), self.shared.margin(X, stages))

    def contributions(self, X: Array, stages: NDArray[Any]) -> Array:
        """Contributions and base (last), shape (n, features + 1); they sum to the margin."""
        return self.of(self.own.contributions(X, stages), self.shared.contributions(X, stages))

    @property
    def used(self) -> frozenset[str]:
        """Columns that either score depends on."""
        return self.own.used | self.shared.used

    def of(self, own: Array, shared: Array) -> Array:
        """The same sum of what both scores said already."""
        return self.weights[0] * own + self.weights[1] * shared

    def save(self, folder: Path, name: str) -> dict[str, Any]:
        """Write the booster of its own; whoever shares the other writes it."""
        return {**self.own.save(folder, name), "weights": self.weights}


@dataclass(frozen=True)
class Weights:
    """log-odds = Σ score · weight + intercept; no weight is below 0."""

    weights: tuple[float, ...]
    intercept: float

    def log_odds(self, scores: Array) -> Array:
        """Of n subjects with k scores, shape (n,); summed score by score, as BLAS would round by the number of rows."""
        return np.asarray(sum(scores[:, k] * weight for k, weight in enumerate(self.weights)) + self.intercept)


def fit_weights(scores: Array, outcome: Array) -> Weights:
    """By maximum likelihood of n outcomes, 0 or 1, both of which occur; ``scores`` has shape (n, k).

    A score that would count against its own answer is left out (Breiman 1996: stacked with weights ≥ 0).
    """
    positives, negatives = outcome.sum(), (1 - outcome).sum()
    target = np.where(outcome == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    kept = list(range(scores.shape[1]))
    while True:
        loss = _Loss([*(scores[:, k] for k in kept), np.ones(len(scores))], target)
        start = np.zeros(len(kept) + 1)
        found = minimize(loss.mean, start, jac=loss.slope, hess=loss.curvature, method="trust-exact", tol=1e-8).x
        if not kept or found[:-1].min() >= 0:
            weights = dict(zip(kept, map(float, found[:-1]), strict=True))
            return Weights(tuple(weights.get(k, 0.0) for k in range(scores.shape[1])), float(found[-1]))
        kept.pop(int(np.argmin(found[:-1])))


@dataclass(frozen=True)
class _Loss:
    """Mean log loss of n targets, with its first and second derivatives; ``columns`` are of shape (n,) each."""

    columns: list[Array]
    target: Array

    def mean(self, at: Array) -> float:
        log_odds = self._log_odds(at)
        return float(np.mean(np.logaddexp(0, log_odds) - self.target * log_odds))

    def slope(self, at: Array) -> Array:
        error = expit(self._log_odds(at)) - self.target
        return np.array([np.mean(error * column) for column in self.columns])

    def curvature(self, at: Array) -> Array:
        p = expit(self._log_odds(at))
        weight = p * (1 - p)
        return np.array([[np.mean(weight * a * b) for b in self.columns] for a in self.columns])

    def _log_odds(self, at: Array) -> Array:
        return np.asarray(sum(value * column for value, column in zip(at, self.columns, strict=True)))
