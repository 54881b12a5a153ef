"""ETA risk: the distribution of a shipment's delay, at every stage.

Three boosters: how likely the delay exceeds what the shipment tolerates (``late``, calibrated), where the delay
lies (``centre``) and how uncertain that is (``spread``). `delay.py` makes one distribution of them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.params import TrainingParams
from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from models.boosting import Slices, fit_booster, margins
from models.delay import MIN_SPREAD, DelayShape, error_quantiles, to_scale
from models.encoder import Encoder, learn_encoder
from models.explanation import Explanation, explain_head
from models.head import Head, fit_head
from models.model import need_both, sliced

EVERY_STAGE = "*"
MIN_STAGE_ROWS = 300
"""Calibration rows from which a stage has error quantiles of its own."""


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
    centre: lightgbm.Booster
    spread: lightgbm.Booster
    errors: dict[str, NDArray[np.float64]]
    late_after_min: float
    name: ClassVar[ModelName] = ModelName.ETA_RISK

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``p_late`` and the quantiles of the delay in minutes."""
        X = self.encoder.matrix(frame)
        p_late = self.late.probability(X)
        made = self._quantiles(frame, X, p_late, QUANTILE_LEVELS)
        columns = {quantile_column(level): made[:, k] for k, level in enumerate(QUANTILE_LEVELS)}
        return pd.DataFrame({"p_late": p_late, **columns}, index=frame.index)

    def quantiles(self, frame: pd.DataFrame, levels: tuple[float, ...]) -> NDArray[np.float64]:
        """Delay in minutes at ``levels``, shape (n, len(levels)), rising along each row."""
        X = self.encoder.matrix(frame)
        return self._quantiles(frame, X, self.late.probability(X), levels)

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of being late."""
        return explain_head("the shipment is late", self.late, self.encoder, frame)

    def save(self, folder: Path) -> dict[str, Any]:
        """Three boosters; the calibration and error quantiles as JSON."""
        for name in ("centre", "spread"):
            (folder / f"{name}.txt").write_text(getattr(self, name).model_to_string(), encoding="utf-8")
        return {
            "encoder": self.encoder.as_json(),
            "late": self.late.save(folder, "late"),
            "errors": {stage: list(values) for stage, values in self.errors.items()},
            "late_after_min": self.late_after_min,
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "EtaRisk":
        """Read back what :meth:`save` wrote."""
        centre, spread = (lightgbm.Booster(model_file=folder / f"{name}.txt") for name in ("centre", "spread"))
        errors = {stage: np.array(values) for stage, values in document["errors"].items()}
        head = Head.load(folder, "late", document["late"])
        return cls(
            Encoder.from_json(document["encoder"]), head, centre, spread, errors, float(document["late_after_min"])
        )

    def _quantiles(
        self, frame: pd.DataFrame, X: NDArray[np.float64], p_late: NDArray[np.float64], levels: tuple[float, ...]
    ) -> NDArray[np.float64]:
        centre, spread = margins(self.centre, X), _spread(self.spread, X)
        tolerated = frame["late_after_min"] if "late_after_min" in frame else pd.Series(np.nan, index=frame.index)
        threshold = tolerated.astype("float64").fillna(self.late_after_min).to_numpy()
        made = np.empty((len(frame), len(levels)))
        for stage in frame["stage"].unique():
            rows = (frame["stage"] == stage).to_numpy()
            shape = DelayShape(centre[rows], spread[rows], self.errors.get(stage, self.errors[EVERY_STAGE]))
            made[rows] = shape.quantiles(np.array(levels), shape.tilt(threshold[rows], p_late[rows]))
        return made


def fit_eta_risk(frame: pd.DataFrame, outcome: pd.DataFrame, late_after_min: float, params: TrainingParams) -> EtaRisk:
    """Fit on n subjects in time order; ``outcome`` has ``value`` (delay in minutes) and ``late`` (0.0 or 1.0)."""
    need_both(outcome["late"], "late", "on time")
    encoder = learn_encoder(frame)
    slices = sliced(encoder, frame, params)
    late = fit_head(slices, outcome["late"].to_numpy(), params)
    u = to_scale(outcome["value"].to_numpy())
    centre = fit_booster(slices, u, "regression", params)
    error = u - margins(centre, slices.X)
    spread = fit_booster(slices, np.abs(error), "regression", params)
    errors = _stage_errors(slices, frame["stage"], error / _spread(spread, slices.X))
    return EtaRisk(encoder, late, centre, spread, errors, late_after_min)


def _spread(booster: lightgbm.Booster, X: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(margins(booster, X), MIN_SPREAD)


def _stage_errors(
    slices: Slices, stages: pd.Series, standardised: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    later, stage = slices.later(standardised), slices.later(stages.to_numpy())
    names = [name for name in np.unique(stage) if (stage == name).sum() >= MIN_STAGE_ROWS]
    own = {str(name): error_quantiles(later[stage == name]) for name in names}
    return {EVERY_STAGE: error_quantiles(later), **own}
