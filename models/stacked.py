"""Two scores of one question as one: a booster of its own, and one shared with other questions (Wolpert 1992).

An answer "above or not" tells a booster little; a score of where the impact lies learned from all of it, but knows no
threshold. What each is worth is learned from what both said of rows that they had not seen.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.boosted import Array
from models.calibration.likelihood import Loss, fitted, smoothed
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
    target, kept = smoothed(outcome), list(range(scores.shape[1]))
    while True:
        loss = Loss(np.column_stack([scores[:, kept], np.ones(len(scores))]), target)
        found = fitted(loss, (0.0,) * (len(kept) + 1))
        if not kept or found[:-1].min() >= 0:
            weights = dict(zip(kept, map(float, found[:-1]), strict=True))
            return Weights(tuple(weights.get(k, 0.0) for k in range(scores.shape[1])), float(found[-1]))
        kept.pop(int(np.argmin(found[:-1])))
