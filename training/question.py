"""The yes/no question by which a model is pictured."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.predictions import ModelName


@dataclass(frozen=True)
class Question:
    """What was asked of n subjects, what came of it and what was predicted.

    Attributes
    ----------
    words
        Such as "late".
    y
        Shape (n,): 1.0 where it happened, else 0.0.
    p
        Shape (n,): predicted probability.
    """

    words: str
    y: NDArray[np.float64]
    p: NDArray[np.float64]


def question_of(
    model: ModelName, outcome: pd.DataFrame, predicted: pd.DataFrame, thresholds: tuple[float, ...]
) -> Question:
    """Late, refused, or major and worse; ``thresholds`` cut severity's classes."""
    if model is ModelName.ETA_RISK:
        return Question("late", outcome["late"].to_numpy(), predicted["p_late"].to_numpy())
    if model is ModelName.TENDER_FAILURE:
        return Question("tender fails", outcome["value"].to_numpy(), predicted["p_fail"].to_numpy())
    worse = (predicted["p_major"] + predicted["p_critical"]).to_numpy()
    return Question("major or critical", (outcome["value"] > thresholds[1]).to_numpy(np.float64), worse)
