"""A calibrated probability of one yes/no question: a staged score, its calibrator, and a shift as outcomes come in."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from domain.params import TrainingParams
from models.boosted import Array
from models.boosting import FOLD_EDGES, Table
from models.calibration.calibrator import Calibrator, from_json, to_json
from models.calibration.choice import fit_chosen
from models.calibration.following import Forgetting, Known, by_stage, learn_forgetting
from models.calibration.platt import Platt, fit_platt
from models.calibration.shift import UNSHIFTED, Shifts
from models.stacked import Stacked
from models.staged import StagedScore, fit_staged

MIN_CASES = 20
"""Fewest cases of either answer for a booster, and in what the folds judged for a calibration of its own."""


@dataclass(frozen=True)
class WhenKnown:
    """When the outcomes of n rows count: ``day`` (since 1970) and ``weight``, both (n,); see :class:`Known`."""

    day: NDArray[np.int64]
    weight: Array


@dataclass(frozen=True)
class Head:
    """Score and calibration; without a score (hardly a case was ever seen) a constant.

    Attributes
    ----------
    calibrator
        From margins to log-odds, as they were when it was trained.
    forgetting
        How fast the past fades where outcomes are followed after that.
    shift
        What outcomes that became known after training have added since, stage by stage. It is no part of what is
        saved: a sub-version of the model keeps it.
    """

    score: StagedScore | Stacked | None
    calibrator: Calibrator
    forgetting: Forgetting = field(default_factory=Forgetting)
    shift: Shifts = UNSHIFTED

    def margin(self, X: Array, stages: NDArray[Any]) -> Array:
        """Uncalibrated log-odds, shape (n,)."""
        return np.zeros(len(X)) if self.score is None else self.score.margin(X, stages)

    def calibrated(self, margin: Array, stages: NDArray[Any]) -> Array:
        """Calibrated log-odds of margins, shape (n,); they rise strictly with the margin."""
        return self.shift.of(self.calibrator.log_odds(margin, stages), stages)

    def log_odds(self, X: Array, stages: NDArray[Any]) -> Array:
        """Calibrated log-odds, shape (n,)."""
        return self.calibrated(self.margin(X, stages), stages)

    def probability(self, X: Array, stages: NDArray[Any]) -> Array:
        """Calibrated probability, shape (n,)."""
        return np.asarray(expit(self.log_odds(X, stages)))

    @property
    def used(self) -> frozenset[str]:
        """Columns that the score depends on."""
        return frozenset() if self.score is None else self.score.used

    def shifted(self, shift: Shifts) -> "Head":
        """The same head with other shifts."""
        return replace(self, shift=shift)

    def save(self, folder: Path, name: str) -> dict[str, Any]:
        """Write the boosters; return what belongs in the JSON."""
        score = None if self.score is None else self.score.save(folder, name)
        return {"score": score, "calibrator": to_json(self.calibrator), "forgetting": self.forgetting.as_json()}

    @classmethod
    def load(cls, folder: Path, name: str, document: dict[str, Any]) -> "Head":
        """Read back what :meth:`save` wrote."""
        score = None if document["score"] is None else StagedScore.load(folder, name, document["score"])
        return cls(score, from_json(document["calibrator"]), Forgetting.from_json(document["forgetting"]))


def fit_head(table: Table, stages: NDArray[Any], params: TrainingParams, when: WhenKnown | None = None) -> Head:
    """Fit on rows in time order; calibrate on what the last fold said of rows later than those it learned from."""
    if too_few(table.y):
        return constant_head(table.y)
    return fit_calibration(*fit_staged(table, stages, "binary", params), table.y, stages, when)


def too_few(y: Array) -> bool:
    """Whether there are too few cases of either answer for a booster."""
    return _fewest(y) < MIN_CASES


def constant_head(y: Array) -> Head:
    """The base rate, where hardly a case was ever seen."""
    rate = (y.sum() + 0.5) / (y.size + 1)
    return Head(None, Platt(1.0, float(np.log(rate / (1 - rate)))))


def fit_calibration(
    score: StagedScore | Stacked, judged: Array, y: Array, stages: NDArray[Any], when: WhenKnown | None = None
) -> Head:
    """A head with a score that is there; ``judged`` is what it said of rows its folds had not seen, NaN elsewhere."""
    slices = _slices(judged, y)
    if not slices:
        return Head(score, Platt(1.0, 0.0))
    calibrator = fit_chosen(judged, y, stages, slices, _recent(judged, slices[-1]))
    return Head(score, calibrator, _forgetting(judged, y, stages, slices, when))


def _slices(judged: Array, y: Array) -> list[NDArray[np.int64]]:
    """The judged rows in time order, cut as the folds were; the last were judged by boosters that knew nearly all.

    A slice with too few cases is joined with the one before it; base rates drift, so the latest shall be short.
    """
    rows = np.flatnonzero(~np.isnan(judged))
    made: list[NDArray[np.int64]] = []
    waiting = rows[:0]
    for part in reversed(np.array_split(rows, len(FOLD_EDGES) - 1)):
        waiting = np.concatenate([part, waiting])
        if _fewest(y[waiting]) >= MIN_CASES:
            made.insert(0, waiting)
            waiting = rows[:0]
    return made


def _recent(judged: Array, last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows to fit on: what was judged of the latest rows, as many as a fold is of all there are.

    Of a table so long that folds judge its latest days only, the last slice would be the weather of a weekend.
    """
    rows = np.flatnonzero(~np.isnan(judged) & (np.arange(judged.size) >= round(judged.size * FOLD_EDGES[-2])))
    return rows if rows.size > last.size else last


def _forgetting(
    judged: Array, y: Array, stages: NDArray[Any], slices: list[NDArray[np.int64]], when: WhenKnown | None
) -> Forgetting:
    """Half-lives weighed on the later slices, their margins calibrated by the first."""
    if when is None or len(slices) == 1:
        return Forgetting()
    later = np.concatenate(slices[1:])
    later = later[np.argsort(when.day[later], kind="stable")]
    said = fit_platt(judged[slices[0]], y[slices[0]]).log_odds(judged[later])
    return learn_forgetting(by_stage(Known(said, y[later], when.day[later], when.weight[later]), stages[later]))


def _fewest(outcome: Array) -> int:
    """Rows of the rarer answer."""
    return int(min(outcome.sum(), (1 - outcome).sum()))
