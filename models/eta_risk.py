"""ETA risk: the distribution of a shipment's delay, at every stage.

Three scores: how likely the delay exceeds what the shipment tolerates (``late``, calibrated), where the delay
lies (``centre``) and how uncertain that is (``spread``). `delay.py` makes one distribution of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from domain.params import TrainingParams
from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from models.boosted import Array
from models.boosting import Table
from models.delay import MIN_SPREAD, DelayShape, Scale, error_quantiles, learn_scale
from models.encoder import Encoder, learn_encoder
from models.explanation import Explanation, explain_head
from models.head import Head, fit_head
from models.model import need_both, table_of, when_known
from models.staged import StagedScore, fit_pooled
from models.support import Support, learn_support
from store.side_by_side import both

EVERY_STAGE = "*"
LAG_SHARE = 0.95
LEAST_LEFT = 1e-6
"""Smallest probability of being still on the way that is reckoned with."""
SURELY = 1e-12
"""Distance from certainty at which log-odds end, so that an explanation stays finite."""
MIN_STAGE_ERRORS = 300
"""Judged rows from which a stage has error quantiles of its own."""


@dataclass(frozen=True)
class EtaRisk:
    """Distribution of the delay.

    Attributes
    ----------
    late_after_min
        Tolerance of a shipment that names none, in minutes.
    knowledge_lag_min
        Minutes within which nearly every delivery had become known; only beyond them does silence mean "not delivered".
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
    knowledge_lag_min: float = 0.0
    known: Support = field(default_factory=Support)
    name: ClassVar[ModelName] = ModelName.ETA_RISK

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``p_late`` and the quantiles of the delay in minutes."""
        p_late, made = self._distribution(frame, QUANTILE_LEVELS)
        columns = {quantile_column(level): made[:, k] for k, level in enumerate(QUANTILE_LEVELS)}
        return pd.DataFrame({"p_late": p_late, **columns}, index=frame.index)

    def quantiles(self, frame: pd.DataFrame, levels: tuple[float, ...]) -> Array:
        """Delay in minutes at ``levels``, shape (n, len(levels)), rising along each row."""
        return self._distribution(frame, levels)[1]

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of being late; what being overdue already adds belongs to the last step."""
        told = explain_head("the shipment is late", self.late, self.encoder, frame)
        p_late = self._distribution(frame, QUANTILE_LEVELS)[0]
        surely = logit(np.clip(p_late, SURELY, 1 - SURELY)) - told.margin
        last = np.where(p_late == told.probability, told.calibration, surely)
        return replace(told, calibration=last, probability=p_late)

    def support(self, frame: pd.DataFrame) -> pd.Series:
        """Why each of n rows lies outside what the model was trained on, null where it does not."""
        return self.known.reasons(frame)

    @property
    def heads(self) -> Mapping[str, Head]:
        """One: ``late``."""
        return {"late": self.late}

    def answers(self, outcome: pd.DataFrame) -> Mapping[str, Array]:
        """1 for a late delivery."""
        return {"late": outcome["late"].to_numpy(np.float64)}

    def with_heads(self, heads: Mapping[str, Head]) -> "EtaRisk":
        """The same model with another late head; the delay's distribution follows it."""
        return replace(self, late=heads["late"])

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
            "knowledge_lag_min": self.knowledge_lag_min,
            "support": self.known.as_json(),
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
            knowledge_lag_min=document["knowledge_lag_min"],
            known=Support.from_json(document["support"]),
        )

    def _distribution(self, frame: pd.DataFrame, levels: tuple[float, ...]) -> tuple[Array, Array]:
        """P(late), shape (n,), and the delay at ``levels``; given how long a shipment is overdue already."""
        X, stages = self.encoder.matrix(frame), frame["stage"].to_numpy()
        p_late = self.late.probability(X, stages)
        centre, spread = self.centre.margin(X, stages), _spread(self.spread.margin(X, stages))
        tolerated = _column(frame, "late_after_min").fillna(self.late_after_min).to_numpy()
        overdue = -_column(frame, "to_delivery_min").to_numpy() - self.knowledge_lag_min
        made = np.empty((len(frame), len(levels)))
        for stage in np.unique(stages.astype(str)):
            rows = stages == stage
            shape = DelayShape(self.scale, centre[rows], spread[rows], self.errors.get(stage, self.errors[EVERY_STAGE]))
            p_late[rows], made[rows] = _given_overdue(shape, levels, tolerated[rows], p_late[rows], overdue[rows])
        return p_late, made


def fit_eta_risk(frame: pd.DataFrame, outcome: pd.DataFrame, late_after_min: float, params: TrainingParams) -> EtaRisk:
    """Fit on n subjects in time order; ``outcome`` has ``value`` (delay in minutes), ``late`` and ``lag_min``."""
    need_both(outcome["late"], "late", "on time")
    encoder = learn_encoder(frame)
    table, stages = table_of(encoder, frame, outcome["late"]), frame["stage"].to_numpy()
    delay, when = outcome["value"].to_numpy(), when_known(outcome)
    late, shape = both(
        lambda: fit_head(table, stages, params, when), lambda: _fit_shape(table, stages, delay, params), params.threads
    )
    lag = max(0.0, float(_column(outcome, "lag_min").fillna(0.0).quantile(LAG_SHARE)))
    known = learn_support(frame, late.used | shape.centre.used | shape.spread.used)
    return EtaRisk(encoder, late, shape.scale, shape.centre, shape.spread, shape.errors, late_after_min, lag, known)


@dataclass(frozen=True)
class _Shape:
    """What the delay's distribution is made of beside the late head; attributes as in :class:`EtaRisk`."""

    scale: Scale
    centre: StagedScore
    spread: StagedScore
    errors: dict[str, Array]


def _fit_shape(table: Table, stages: NDArray[Any], delay: Array, params: TrainingParams) -> _Shape:
    scale = learn_scale(delay)
    u = scale.of(delay)
    centre, expected = fit_pooled(table.target(u), "regression", params)
    later = ~np.isnan(expected)
    error = (u - expected)[later]
    spread, typical = _fit_spread(table.rows(later).target(np.abs(error)), stages[later], params)
    return _Shape(scale, centre, spread, _stage_errors(stages[later], error / typical))


def _given_overdue(
    shape: DelayShape, levels: tuple[float, ...], tolerated: Array, p_late: Array, overdue: Array
) -> tuple[Array, Array]:
    """P(late) and quantiles given that the delay exceeds the ``overdue`` minutes that have passed since plan."""
    certain = np.maximum(overdue, 0.0) > 0
    still = np.where(certain, shape.above(np.where(certain, overdue, 0.0), tolerated, p_late), 1.0)
    still = np.clip(still, LEAST_LEFT, 1.0)
    u = np.array(levels)[None, :]
    made = shape.quantiles(np.where(certain[:, None], 1 - still[:, None] * (1 - u), u), tolerated, p_late)
    made = np.where(certain[:, None], np.maximum(made, overdue[:, None]), made)
    late = np.where(certain & (overdue >= tolerated), 1.0, np.minimum(1.0, p_late / still))
    return np.where(certain, late, p_late), made


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column as numbers, NaN throughout where the frame lacks it."""
    return frame[name].astype("float64") if name in frame else pd.Series(np.nan, index=frame.index)


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
