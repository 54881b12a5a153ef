"""Why a model said what it said: contributions that sum to the margin, then the calibration step."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from models.encoder import Encoder
from models.head import Head


@dataclass(frozen=True)
class Explanation:
    """Contributions of n predictions.

    Attributes
    ----------
    question
        What the margin is the log-odds of.
    columns
        Names of the k columns.
    values
        Shape (n, k): contribution of each column to the margin, in log-odds.
    base
        Shape (n,): the margin of the average training row; base + Σ values = margin.
    margin
        Shape (n,): log-odds before calibration.
    calibration
        Shape (n,): log-odds that calibration adds; margin + calibration = log-odds of ``probability``.
    probability
        Shape (n,).
    """

    question: str
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    base: NDArray[np.float64]
    margin: NDArray[np.float64]
    calibration: NDArray[np.float64]
    probability: NDArray[np.float64]


def explain_head(question: str, head: Head, encoder: Encoder, frame: pd.DataFrame) -> Explanation:
    """Explain a head's probabilities for n rows (SHAP of the trees, Lundberg et al. 2020)."""
    X, stages = encoder.matrix(frame), frame["stage"].to_numpy()
    margin = head.margin(X, stages)
    nothing = np.zeros((len(X), len(encoder.columns) + 1))
    parts = nothing if head.score is None else head.score.contributions(X, stages)
    calibrated = head.calibrated(margin, stages)
    return Explanation(
        question,
        encoder.columns,
        parts[:, :-1],
        parts[:, -1],
        margin,
        calibrated - margin,
        np.asarray(expit(calibrated)),
    )


def between(one: Explanation, other: Explanation, share: float) -> Explanation:
    """What lies at a share of the way from one explanation to another of the same columns; it adds up as they do."""
    mixed = {
        name: (1 - share) * getattr(one, name) + share * getattr(other, name)
        for name in ("values", "base", "margin", "calibration", "probability")
    }
    return replace(one, **mixed)
