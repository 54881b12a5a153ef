"""The shape of a delay's distribution: a centre, a spread, and standardised errors as they really fell.

Delays are modelled as u = asinh(minutes / unit), near linear around plan and logarithmic in the tails, so one
spread serves small and large delays. With centre μ, spread σ and the empirical quantiles z of (u − μ) / σ on rows
that were judged, the shape is G(x) = P(z ≤ (u(x) − μ) / σ); beyond the outermost quantiles it goes on logistically.
`delay_law.py` makes of it a distribution that agrees with the late head.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

EDGE = 0.0025
LEVELS = np.concatenate([[EDGE], np.arange(0.005, 1.0, 0.005), [1 - EDGE]])
"""Levels at which standardised errors are kept."""
LOG_ODDS = logit(LEVELS)
TAIL = 10
"""Levels from the edge, the outermost twentieth, whose slope the tail goes on with."""
BEYOND = 2.0
"""How many times as far as the farthest delay seen, or as long as has passed already, a delay may be."""
MIN_SPREAD, MIN_SLOPE = 0.02, 1e-6


@dataclass(frozen=True)
class Scale:
    """The scale u = asinh(minutes / unit_min) on which delays are modelled.

    Attributes
    ----------
    reach_min
        Delays are said to lie no farther from plan than this, unless more has already passed: on this scale a tail
        would run to centuries, whose costs are nobody's.
    """

    unit_min: float
    reach_min: float = math.inf

    def of(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Minutes to u."""
        return np.asarray(np.arcsinh(minutes / self.unit_min))

    def minutes(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`of`."""
        return np.asarray(np.sinh(u) * self.unit_min)


def learn_scale(minutes: NDArray[np.float64]) -> Scale:
    """The unit is the half-width of the middle 80 % of delays, so that only the tails are drawn in.

    They reach :data:`BEYOND` times as far as the farthest that was seen.
    """
    low, high = np.quantile(minutes, [0.1, 0.9])
    return Scale(max(1.0, float(high - low) / 2), BEYOND * float(np.abs(minutes).max()))


def error_quantiles(standardised: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of (u − μ) / σ at :data:`LEVELS`, strictly rising."""
    found = np.quantile(standardised, LEVELS)
    return np.asarray(found + np.arange(LEVELS.size) * 1e-9)


@dataclass(frozen=True)
class DelayShape:
    """Shape G of the delays of n subjects that share their error quantiles.

    Attributes
    ----------
    scale
        Between minutes and u.
    centre, spread
        Shape (n,), on the scale u.
    errors
        Shape (len(LEVELS),): quantiles of the standardised error.
    """

    scale: Scale
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    errors: NDArray[np.float64]

    def log_odds(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """logit G of minutes of shape (n, m), for every row as many."""
        z = (self.scale.of(minutes) - self.centre[:, None]) / self.spread[:, None]
        inside = np.interp(z, self.errors, LOG_ODDS)
        low, high = self._tails()
        return np.asarray(inside + np.minimum(z - self.errors[0], 0) / low + np.maximum(z - self.errors[-1], 0) / high)

    def minutes(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`log_odds`, shape (n, m)."""
        inside = np.interp(log_odds, LOG_ODDS, self.errors)
        low, high = self._tails()
        z = inside + np.minimum(log_odds - LOG_ODDS[0], 0) * low + np.maximum(log_odds - LOG_ODDS[-1], 0) * high
        return self.scale.minutes(self.centre[:, None] + self.spread[:, None] * z)

    def _tails(self) -> tuple[float, float]:
        """Standardised error per unit of log-odds in each outermost twentieth."""
        low = (self.errors[TAIL] - self.errors[0]) / (LOG_ODDS[TAIL] - LOG_ODDS[0])
        high = (self.errors[-1] - self.errors[-1 - TAIL]) / (LOG_ODDS[-1] - LOG_ODDS[-1 - TAIL])
        return max(float(low), MIN_SLOPE), max(float(high), MIN_SLOPE)
