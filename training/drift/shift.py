"""By how much log-odds are shifted, told by outcomes: the calibrator's own step, with an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
USUAL = 0.5
"""Standard deviation of shifts before any outcome is known: few outcomes move the estimate little."""
Z_95 = 1.959963984540054
ROUNDS = 30


@dataclass(frozen=True)
class Shift:
    """A shift of the log-odds, above 0 where more happens than was predicted; ``low`` and ``high`` bound 95 %."""

    value: float
    low: float
    high: float


def shift_of(margin: Array, happened: Array, swing: float = 0.0, days: float = 1.0) -> Shift:
    """The likeliest shift of n outcomes under a normal prior of spread :data:`USUAL`.

    Parameters
    ----------
    margin
        Predicted log-odds, shape (n,).
    happened
        Shape (n,): 1.0 or 0.0.
    swing, days
        τ² of days and over how many the outcomes are spread: a share τ² / days of the variance is the days' own.
    """
    at, surplus = 0.0, 0.0
    information = 1 / USUAL**2
    for _ in range(ROUNDS):
        p = expit(margin + at)
        spread = 1 + swing * float(np.sum(p * (1 - p))) / max(days, 1.0)
        surplus = float(np.sum(happened - p)) / spread - at / USUAL**2
        information = float(np.sum(p * (1 - p))) / spread + 1 / USUAL**2
        at += float(np.clip(surplus / information, -1.0, 1.0))
        if abs(surplus / information) < 1e-10:
            break
    half = Z_95 / np.sqrt(information)
    return Shift(at, at - half, at + half)
