"""What a failure costs, for each of the three questions, by the costs in force and what failures cost before."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.params import CostParams
from domain.predictions import ModelName
from optimization.assumptions import assumed

Array = NDArray[np.float64]


def failure_costs(
    model: ModelName,
    frame: pd.DataFrame,
    earlier: pd.DataFrame,
    costs: CostParams,
    thresholds: tuple[float, ...],
) -> Array:
    """Money that each of n subjects costs when it fails, shape (n,).

    Parameters
    ----------
    frame
        Features of the subjects: ``late_penalty`` where the data set has one.
    earlier
        Outcomes that the model learned from.
    thresholds
        Severity's, in units of impact.
    """
    if model is ModelName.ETA_RISK:
        by_minute = costs.late_per_min * _mean_beyond(earlier)
        return np.asarray(_column(frame, "late_penalty").fillna(by_minute), np.float64)
    if model is ModelName.TENDER_FAILURE:
        lost = assumed("retender_wait_min") * costs.late_per_min
        return np.full(len(frame), lost + assumed("retender_handling_min") * costs.handling_per_min)
    return np.full(len(frame), costs.per_impact_unit * _above_less_below(earlier["value"], thresholds[1]))


def _mean_beyond(earlier: pd.DataFrame) -> float:
    """Minutes beyond the tolerance of those that were late."""
    late = earlier[earlier["late"] == 1]
    return float((late["value"] - late["late_after_min"]).mean()) if len(late) else 0.0


def _above_less_below(impact: pd.Series, threshold: float) -> float:
    """By how much impacts above a threshold exceed the others on average."""
    above, below = impact[impact > threshold], impact[impact <= threshold]
    return float(above.mean() - (below.mean() if len(below) else 0.0)) if len(above) else 0.0


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name].astype("float64") if name in frame else pd.Series(np.nan, index=frame.index)
