"""ETA risk: the distribution of a shipment's delay, at every stage.

Three scores: how likely the delay exceeds what the shipment tolerates (``late``, calibrated), where the delay
lies and how uncertain that is (``shape``). `delay_law.py` makes one distribution of them.
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
from domain.penalty import PenaltyCurve
from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from models.boosted import Array
from models.boosting import Learner
from models.conformal import within_grain
from models.delay_fit import ShapeModel, fit_shape
from models.distribution import DelayDistribution, Standing, distribution_of
from models.encoder import Encoder
from models.explanation import Explanation, explain_head
from models.groups import Group, group_columns
from models.head import Head, fit_head
from models.model import need_both, when_known
from models.ready import ready_to_fit
from models.recipe import AS_SET, Recipe
from models.shares import Sides
from models.support import Support, learn_support
from store.side_by_side import both

LAG_SHARE = 0.95
SURELY = 1e-12
"""Distance from certainty at which log-odds end, so that an explanation stays finite."""


@dataclass(frozen=True)
class EtaRisk:
    """Distribution of the delay.

    Attributes
    ----------
    late_after_min
        Tolerance of a shipment that names none, in minutes.
    knowledge_lag_min
        Minutes within which nearly every delivery had become known; only beyond them does silence mean "not delivered".
    """

    encoder: Encoder
    late: Head
    shape: ShapeModel
    late_after_min: float
    knowledge_lag_min: float = 0.0
    recipe: Recipe = AS_SET
    known: Support = field(default_factory=Support)
    name: ClassVar[ModelName] = ModelName.ETA_RISK

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``p_late`` and the quantiles of the delay in minutes."""
        delays = self.distribution(frame)
        made = delays.quantiles(QUANTILE_LEVELS)
        columns = {quantile_column(level): made[:, k] for k, level in enumerate(QUANTILE_LEVELS)}
        return pd.DataFrame({"p_late": delays.p_late, **columns}, index=frame.index)

    def distribution(self, frame: pd.DataFrame) -> DelayDistribution:
        """The delays of n rows, given that those not delivered yet will take longer than they already have."""
        X = self.encoder.matrix(frame)
        p_late = self.late.probability(X, frame["stage"].to_numpy())
        standing = _standing(frame, self.late_after_min, self.knowledge_lag_min)
        shapes = self.shape.shapes(X, frame)
        return distribution_of(frame, shapes, standing, p_late, self.shape.in_force).given_overdue()

    def quantiles(self, frame: pd.DataFrame, levels: tuple[float, ...]) -> Array:
        """Delay in minutes at ``levels``, shape (n, len(levels)), rising along each row."""
        return self.distribution(frame).quantiles(levels)

    def exceedance(self, frame: pd.DataFrame, minutes: float | NDArray[np.float64]) -> Array:
        """P(delay > minutes): one number for all, one a row (n,) or several a row (n, m); the answer (n,) or (n, m)."""
        return self.distribution(frame).above(minutes)

    def expected_cost(self, frame: pd.DataFrame, curve: PenaltyCurve) -> Array:
        """E[cost(delay)] in money, shape (n,)."""
        return self.distribution(frame).expected_cost(curve)

    def pit(self, frame: pd.DataFrame, outcome: pd.DataFrame, seed: int = 0) -> Array:
        """Where each delay fell in what was said of it, shape (n,): uniform from 0 to 1 if that was right.

        Parameters
        ----------
        outcome
            n rows as the model is fitted on: ``value`` is the delay in minutes.
        seed
            Of where within the grain of the data a delay fell.
        """
        return self.distribution(frame).pit(outcome["value"].to_numpy(np.float64), self.shape.grain_min, seed)

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of being late; what being overdue already adds belongs to the last step."""
        told = explain_head("the shipment is late", self.late, self.encoder, frame)
        p_late = self.distribution(frame).p_late
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

    def fell(self, frame: pd.DataFrame, outcome: pd.DataFrame, seed: int = 0) -> tuple[Array, NDArray[np.bool_]]:
        """Log-odds of the share that each delay had on its side, as it is put right, and whether it was late; (n,)."""
        tolerated = _standing(frame, self.late_after_min, self.knowledge_lag_min).tolerated
        delay = within_grain(outcome["value"].to_numpy(np.float64), self.shape.grain_min, tolerated, seed)
        return self.distribution(frame).put_right(delay), delay > tolerated

    def with_further(self, further: Mapping[Group, Sides]) -> "EtaRisk":
        """The same model, whose shares outcomes since training put right further."""
        return replace(self, shape=replace(self.shape, further=further))

    def save(self, folder: Path) -> dict[str, Any]:
        """Three scores; the calibration, error quantiles and shares as JSON."""
        return {
            "encoder": self.encoder.as_json(),
            "late": self.late.save(folder, "late"),
            "shape": self.shape.save(folder),
            "late_after_min": self.late_after_min,
            "knowledge_lag_min": self.knowledge_lag_min,
            "recipe": self.recipe.as_json(),
            "support": self.known.as_json(),
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "EtaRisk":
        """Read back what :meth:`save` wrote."""
        return cls(
            encoder=Encoder.from_json(document["encoder"]),
            late=Head.load(folder, "late", document["late"]),
            shape=ShapeModel.load(folder, document["shape"]),
            late_after_min=document["late_after_min"],
            knowledge_lag_min=document["knowledge_lag_min"],
            recipe=Recipe(**document["recipe"]),
            known=Support.from_json(document["support"]),
        )


def fit_eta_risk(
    frame: pd.DataFrame,
    outcome: pd.DataFrame,
    late_after_min: float,
    params: TrainingParams,
    learner: Learner | None = None,
) -> EtaRisk:
    """Fit on n subjects in time order.

    Parameters
    ----------
    outcome
        ``late``; ``value``, the delay in minutes, NaN where only that is known; optionally ``lag_min``, minutes from
        delivery until it was known.
    """
    need_both(outcome["late"], "late", "on time")
    ready = ready_to_fit(frame, outcome, outcome["late"].to_numpy(np.float64), params, learner=learner)
    table, stages = ready.table, frame["stage"].to_numpy()
    lag = max(0.0, float(_column(outcome, "lag_min").fillna(0.0).quantile(LAG_SHARE)))
    told = np.flatnonzero(outcome["value"].notna())
    delay, standing = outcome["value"].to_numpy()[told], _standing(frame, late_after_min, lag).at(told)
    # The recipe was judged by lateness: centre and spread are fitted by the settings.
    late, shape = both(
        lambda: fit_head(table, stages, ready.params, when_known(outcome)),
        lambda: fit_shape(table.rows(told), group_columns(frame).iloc[told], delay, standing, params),
        params.threads,
    )
    known = learn_support(frame, late.used | shape.centre.used | shape.spread.used)
    return EtaRisk(ready.encoder, late, shape, late_after_min, lag, ready.recipe, known)


def _standing(frame: pd.DataFrame, late_after_min: float, lag_min: float) -> Standing:
    tolerated = _column(frame, "late_after_min").fillna(late_after_min).to_numpy()
    passed = -_column(frame, "to_delivery_min").to_numpy() - lag_min
    return Standing(tolerated, np.where(np.isnan(passed), -np.inf, passed))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column as numbers, NaN throughout where the frame lacks it."""
    return frame[name].astype("float64") if name in frame else pd.Series(np.full(len(frame), np.nan))
