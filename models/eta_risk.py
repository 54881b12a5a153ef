"""ETA risk: the distribution of a shipment's delay, at every stage.

Three scores: how likely the delay exceeds what the shipment tolerates (``late``, calibrated), where the delay
lies (``centre``) and how uncertain that is (``spread``). `delay.py` makes one distribution of them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.params import TrainingParams
from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from models.boosting import Array, Table
from models.delay import MIN_SPREAD, DelayShape, Scale, error_quantiles, learn_scale
from models.encoder import Encoder, learn_encoder
from models.explanation import Explanation, explain_head
from models.head import Head, fit_head
from models.model import need_both, table_of
from models.staged import StagedScore, fit_pooled

EVERY_STAGE = "*"
MIN_STAGE_ERRORS = 300
"""Judged rows from which a stage has error quantiles of its own."""


@dataclass(frozen=True)
class EtaRisk:
    """Distribution of the delay.

    Attributes
    ----------
    late_after_min
        Tolerance of a shipment that names none, in minutes.
    errors
        Quantiles of the standardised error for each stage seen often enough, and for ``*``.
    """

    encoder: Encoder
    late: Head
    scale: Scale
    centre: StagedScore
    spread: StagedScore
    errors: dict[str, Array]
    late_after_min: float
    name: ClassVar[ModelName] = ModelName.ETA_RISK

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``p_late`` and the quantiles of the delay in minutes."""
        X = self.encoder.matrix(frame)
        p_late = self.late.probability(X, frame["stage"].to_numpy())
        made = self._quantiles(frame, X, p_late, QUANTILE_LEVELS)
        columns = {quantile_column(level): made[:, k] for k, level in enumerate(QUANTILE_LEVELS)}
        return pd.DataFrame({"p_late": p_late, **columns}, index=frame.index)

    def quantiles(self, frame: pd.DataFrame, levels: tuple[float, ...]) -> Array:
        """Delay in minutes at ``levels``, shape (n, len(levels)), rising along each row."""
        X = self.encoder.matrix(frame)
        return self._quantiles(frame, X, self.late.probability(X, frame["stage"].to_numpy()), levels)

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of being late."""
        return explain_head("the shipment is late", self.late, self.encoder, frame)

    def save(self, folder: Path) -> dict[str, Any]:
        """Three scores; the calibration and error quantiles as JSON."""
        return {
            "encoder": self.encoder.as_json(),
            "late": self.late.save(folder, "late"),
            "unit_min": self.scale.unit_min,
            "centre": self.centre.save(folder, "centre"),
            "spread": self.spread.save(folder, "spread"),
            "errors": {stage: list(values) for stage, values in self.errors.items()},
            "late_after_min": self.late_after_min,
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "EtaRisk":
        """Read back what :meth:`save` wrote."""
        return cls(
            encoder=Encoder.from_json(document["encoder"]),
            late=Head.load(folder, "late", document["late"]),
            scale=Scale(document["unit_min"]),
            centre=StagedScore.load(folder, "centre", document["centre"]),
            spread=StagedScore.load(folder, "spread", document["spread"]),
            errors={stage: np.array(values) for stage, values in document["errors"].items()},
            late_after_min=document["late_after_min"],
        )

    def _quantiles(self, frame: pd.DataFrame, X: Array, p_late: Array, levels: tuple[float, ...]) -> Array:
        stages = frame["stage"].to_numpy()
        centre, spread = self.centre.margin(X, stages), _spread(self.spread.margin(X, stages))
        tolerated = frame["late_after_min"] if "late_after_min" in frame else pd.Series(np.nan, index=frame.index)
        threshold = tolerated.astype("float64").fillna(self.late_after_min).to_numpy()
        made = np.empty((len(frame), len(levels)))
        for stage in np.unique(stages.astype(str)):
            rows = stages == stage
            shape = DelayShape(self.scale, centre[rows], spread[rows], self.errors.get(stage, self.errors[EVERY_STAGE]))
            made[rows] = shape.quantiles(np.array(levels), threshold[rows], p_late[rows])
        return made


def fit_eta_risk(frame: pd.DataFrame, outcome: pd.DataFrame, late_after_min: float, params: TrainingParams) -> EtaRisk:
    """Fit on n subjects in time order; ``outcome`` has ``value`` (delay in minutes) and ``late`` (0.0 or 1.0)."""
    need_both(outcome["late"], "late", "on time")
    encoder = learn_encoder(frame)
    table, stages = table_of(encoder, frame, outcome["late"]), frame["stage"].to_numpy()
    late = fit_head(table, stages, params)
    scale = learn_scale(outcome["value"].to_numpy())
    u = scale.of(outcome["value"].to_numpy())
    centre, expected = fit_pooled(table.target(u), "regression", params)
    later = ~np.isnan(expected)
    error = (u - expected)[later]
    spread, typical = _fit_spread(table.rows(later).target(np.abs(error)), stages[later], params)
    errors = _stage_errors(stages[later], error / typical)
    return EtaRisk(encoder, late, scale, centre, spread, errors, late_after_min)


def _fit_spread(table: Table, stages: NDArray[Any], params: TrainingParams) -> tuple[StagedScore, Array]:
    """The expected size of an error of the centre, learned from rows the centre's folds had not seen.

    Each row is standardised by what other folds expected of it; those that none judged by the final score.
    """
    spread, judged = fit_pooled(table, "regression", params)
    return spread, _spread(np.where(np.isnan(judged), spread.margin(table.X, stages), judged))


def _spread(margin: Array) -> Array:
    return np.maximum(margin, MIN_SPREAD)


def _stage_errors(stages: NDArray[Any], standardised: Array) -> dict[str, Array]:
    names, counts = np.unique(stages.astype(str), return_counts=True)
    often = names[counts >= MIN_STAGE_ERRORS]
    own = {str(name): error_quantiles(standardised[stages == name]) for name in often}
    return {EVERY_STAGE: error_quantiles(standardised), **own}
