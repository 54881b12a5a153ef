"""The shape of a delay's distribution: a centre, a spread, and standardised errors as they really fell.

Delays are modelled as u = asinh(minutes / unit), near linear around plan and logarithmic in the tails, so one
spread serves small and large delays. With centre μ, spread σ and the empirical quantiles z of (u − μ) / σ in the
calibration slice, the shape is G(x) = P(z ≤ (u(x) − μ) / σ). The late head knows better what happens at the one
threshold that matters; G is tilted in log-odds, logit F = logit G + δ, so that F agrees with it exactly there.
F is a distribution whatever the tilt, hence quantiles never cross.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

EDGE = 0.0025
LEVELS = np.concatenate([[EDGE], np.arange(0.005, 1.0, 0.005), [1 - EDGE]])
"""Levels at which standardised errors are kept."""
MIN_SPREAD = 0.02


@dataclass(frozen=True)
class Scale:
    """The scale u = asinh(minutes / unit_min) on which delays are modelled."""

    unit_min: float

    def of(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Minutes to u."""
        return np.asarray(np.arcsinh(minutes / self.unit_min))

    def minutes(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`of`."""
        return np.asarray(np.sinh(u) * self.unit_min)


def learn_scale(minutes: NDArray[np.float64]) -> Scale:
    """The unit is the half-width of the middle 80 % of delays, so that only the tails are drawn in."""
    low, high = np.quantile(minutes, [0.1, 0.9])
    return Scale(max(1.0, float(high - low) / 2))


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

    def below(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """G(minutes) of each row, shape (n,), kept within (0, 1)."""
        return np.asarray(np.interp((self.scale.of(minutes) - self.centre) / self.spread, self.errors, LEVELS))

    def tilt(self, threshold: NDArray[np.float64], p_above: NDArray[np.float64]) -> NDArray[np.float64]:
        """δ such that the tilted distribution puts ``p_above`` above ``threshold`` (minutes), shape (n,)."""
        p = np.clip(p_above, 1e-9, 1 - 1e-9)
        return np.asarray(logit(1 - p) - logit(self.below(threshold)))

    def quantiles(self, levels: NDArray[np.float64], tilt: NDArray[np.float64]) -> NDArray[np.float64]:
        """Delay in minutes at each level of the tilted distribution, shape (n, len(levels)), rising along rows."""
        wanted = expit(logit(levels)[None, :] - tilt[:, None])
        z = np.interp(wanted, LEVELS, self.errors)
        return self.scale.minutes(self.centre[:, None] + self.spread[:, None] * z)
