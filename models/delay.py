"""The shape of a delay's distribution: a centre, a spread, and standardised errors as they really fell.

Delays are modelled as u = asinh(minutes / scale), near linear around plan and logarithmic in the tails, so one
spread serves small and large delays. With centre μ, spread σ and the empirical quantiles z of (u − μ) / σ in the
calibration slice, the shape is G(x) = P(z ≤ (u(x) − μ) / σ). The late head knows better what happens at the one
threshold that matters; G is tilted in log-odds, logit F = logit G + δ, so that F agrees with it exactly there.
F is a distribution whatever the tilt, hence quantiles never cross.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

SCALE_MIN = 15.0
EDGE = 0.0025
LEVELS = np.concatenate([[EDGE], np.arange(0.005, 1.0, 0.005), [1 - EDGE]])
"""Levels at which standardised errors are kept."""
MIN_SPREAD = 0.02


def to_scale(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """u = asinh(minutes / scale)."""
    return np.asarray(np.arcsinh(minutes / SCALE_MIN))


def to_minutes(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of :func:`to_scale`."""
    return np.asarray(np.sinh(u) * SCALE_MIN)


def error_quantiles(standardised: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of (u − μ) / σ at :data:`LEVELS`, strictly rising."""
    found = np.quantile(standardised, LEVELS)
    return np.asarray(found + np.arange(LEVELS.size) * 1e-9)


@dataclass(frozen=True)
class DelayShape:
    """Shape G of the delays of n subjects that share their error quantiles.

    Attributes
    ----------
    centre, spread
        Shape (n,), on the scale u.
    errors
        Shape (len(LEVELS),): quantiles of the standardised error.
    """

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    errors: NDArray[np.float64]

    def below(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """G(minutes) of each row, shape (n,), kept within (0, 1)."""
        return np.asarray(np.interp((to_scale(minutes) - self.centre) / self.spread, self.errors, LEVELS))

    def tilt(self, threshold: NDArray[np.float64], p_above: NDArray[np.float64]) -> NDArray[np.float64]:
        """δ such that the tilted distribution puts ``p_above`` above ``threshold`` (minutes), shape (n,)."""
        p = np.clip(p_above, 1e-9, 1 - 1e-9)
        return np.asarray(logit(1 - p) - logit(self.below(threshold)))

    def quantiles(self, levels: NDArray[np.float64], tilt: NDArray[np.float64]) -> NDArray[np.float64]:
        """Delay in minutes at each level of the tilted distribution, shape (n, len(levels)), rising along rows."""
        wanted = expit(logit(levels)[None, :] - tilt[:, None])
        z = np.interp(wanted, LEVELS, self.errors)
        return to_minutes(self.centre[:, None] + self.spread[:, None] * z)
