"""A calibrated probability of one yes/no question: a staged score, then Platt's step."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.params import TrainingParams
from models.boosted import Array
from models.boosting import FOLD_EDGES, Table
from models.calibration import Platt, fit_platt
from models.stacked import Stacked
from models.staged import StagedScore, fit_staged

MIN_CASES = 20
"""Fewest cases of either answer for a booster, and in what the folds judged for a calibration of its own."""


@dataclass(frozen=True)
class Head:
    """Score and calibration; without a score (hardly a case was ever seen) a constant."""

    score: StagedScore | Stacked | None
    platt: Platt

    def margin(self, X: Array, stages: NDArray[Any]) -> Array:
        """Uncalibrated log-odds, shape (n,)."""
        return np.zeros(len(X)) if self.score is None else self.score.margin(X, stages)

    def log_odds(self, X: Array, stages: NDArray[Any]) -> Array:
        """Calibrated log-odds, shape (n,)."""
        return self.calibrated(self.margin(X, stages), stages)

    def calibrated(self, margin: Array, stages: NDArray[Any]) -> Array:
        """Calibrated log-odds of margins, shape (n,)."""
        return self.platt.slope * margin + self.platt.intercept

    def probability(self, X: Array, stages: NDArray[Any]) -> Array:
        """Calibrated probability, shape (n,)."""
        return self.platt.probability(self.margin(X, stages))

    def save(self, folder: Path, name: str) -> dict[str, Any]:
        """Write the boosters; return what belongs in the JSON."""
        score = None if self.score is None else self.score.save(folder, name)
        return {"slope": self.platt.slope, "intercept": self.platt.intercept, "score": score}

    @classmethod
    def load(cls, folder: Path, name: str, document: dict[str, Any]) -> "Head":
        """Read back what :meth:`save` wrote."""
        score = None if document["score"] is None else StagedScore.load(folder, name, document["score"])
        return cls(score, Platt(document["slope"], document["intercept"]))


def fit_head(table: Table, stages: NDArray[Any], params: TrainingParams) -> Head:
    """Fit on rows in time order; calibrate on what the last fold said of rows later than those it learned from."""
    if too_few(table.y):
        return constant_head(table.y)
    return fit_calibration(*fit_staged(table, stages, "binary", params), table.y)


def too_few(y: Array) -> bool:
    """Whether there are too few cases of either answer for a booster."""
    return _fewest(y) < MIN_CASES


def constant_head(y: Array) -> Head:
    """The base rate, where hardly a case was ever seen."""
    rate = (y.sum() + 0.5) / (y.size + 1)
    return Head(None, Platt(1.0, float(np.log(rate / (1 - rate)))))


def fit_calibration(score: StagedScore | Stacked, judged: Array, y: Array) -> Head:
    """A head with a score that is there; ``judged`` is what it said of rows its folds had not seen, NaN elsewhere."""
    later = _latest_judged(judged, y)
    return Head(score, fit_platt(judged[later], y[later]) if later.any() else Platt(1.0, 0.0))


def _latest_judged(judged: Array, y: Array) -> NDArray[np.bool_]:
    """Rows to calibrate on: the last slice that was judged, by boosters that had learned from nearly everything.

    Slices further back are added where the last alone has too few cases; base rates drift, so the latest count.
    """
    for share in FOLD_EDGES[-2::-1]:
        rows = ~np.isnan(judged) & (np.arange(y.size) >= round(y.size * share))
        if _fewest(y[rows]) >= MIN_CASES:
            return rows
    return np.zeros(y.size, dtype=bool)


def _fewest(outcome: Array) -> int:
    """Rows of the rarer answer."""
    return int(min(outcome.sum(), (1 - outcome).sum()))
