"""By how much log-odds are off, told by outcomes: a shift with an interval, and a slope; the calibrator's own step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
USUAL = np.array([0.5, 0.25])
"""Standard deviations of shifts and slopes before any outcome is known: few outcomes move the estimate little."""
Z_95 = 1.959963984540054
ROUNDS = 50


@dataclass(frozen=True)
class Shift:
    """What would put predictions right: m → centre + slope · (m − centre) + value.

    ``value`` is above 0 where more happens than was predicted; ``low`` and ``high`` bound 95 % of it. ``slope`` is
    below 1 where predictions are too sure of themselves.
    """

    value: float
    low: float
    high: float
    slope: float
    centre: float

    def right(self, margin: Array, by: float | None = None) -> Array:
        """Probabilities put right, shape as ``margin``; with another shift ``by`` where one is given."""
        turned = self.centre + self.slope * (margin - self.centre)
        return np.asarray(expit(turned + (self.value if by is None else by)))


def shift_of(margin: Array, happened: Array, swing: float = 0.0, days: float = 1.0) -> Shift:
    """The likeliest shift and slope of n outcomes under normal priors of spread :data:`USUAL`.

    Parameters
    ----------
    margin
        Predicted log-odds, shape (n,).
    happened
        Shape (n,): 1.0 or 0.0.
    swing, days
        τ² of days and over how many the outcomes are spread, by which the outcomes of a day tell less together.
    """
    centre = float(margin.mean()) if margin.size else 0.0
    design = np.stack([np.ones_like(margin), margin - centre])
    at, prior = np.array([0.0, 1.0]), 1 / USUAL**2
    p = expit(margin)
    spread = 1 + swing * float(np.sum(p * (1 - p))) / max(days, 1.0)
    information = np.diag(prior)
    for _ in range(ROUNDS):
        p = expit(centre + design.T @ at)
        surplus = design @ (happened - p) / spread - prior * (at - np.array([0.0, 1.0]))
        information = (design * (p * (1 - p))) @ design.T / spread + np.diag(prior)
        step = np.clip(np.linalg.solve(information, surplus), -1.0, 1.0)
        at = at + step
        if np.abs(step).max() < 1e-10:
            break
    half = Z_95 * float(np.sqrt(np.linalg.inv(information)[0, 0]))
    return Shift(float(at[0]), float(at[0]) - half, float(at[0]) + half, float(at[1]), centre)
