"""The shape of a delay's distribution: a centre, a spread, and standardised errors as they really fell.

Delays are modelled as u = asinh(minutes / unit), near linear around plan and logarithmic in the tails, so one
spread serves small and large delays. With centre μ, spread σ and the empirical quantiles z of (u − μ) / σ on rows
that were judged, the shape is G(x) = P(z ≤ (u(x) − μ) / σ); beyond the outermost quantiles it goes on logistically.

The late head knows better what happens at the one threshold t that matters. So the mass on each side of t is what
the head says, distributed within each side as the shape says: F(x) = (1 − p) · G(x) / G(t) up to t, and
1 − F(x) = p · (1 − G(x)) / (1 − G(t)) above. F is a distribution whatever p is, hence quantiles never cross, and
P(delay > t) = p exactly.

A shipment not delivered e minutes after plan has a delay above e for certain: what is said of it is F given
delay > e, whose quantile at u is that of F at F(e) + u · (1 − F(e)).
"""

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
MIN_SPREAD, MIN_SLOPE, SMALLEST = 0.02, 1e-6, 1e-12


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

    def above(
        self, minutes: NDArray[np.float64], threshold: NDArray[np.float64], p_above: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """P(delay > minutes) under F, shape (n,), where ``p_above`` lies above ``threshold`` (minutes)."""
        at = self._log_odds((self.scale.of(threshold) - self.centre) / self.spread)
        asked = self._log_odds((self.scale.of(minutes) - self.centre) / self.spread)
        p = np.clip(p_above, SMALLEST, 1 - SMALLEST)
        below = -np.expm1(np.log1p(-p) - np.logaddexp(0, -asked) + np.logaddexp(0, -at))
        beyond = np.exp(np.log(p) + np.logaddexp(0, at) - np.logaddexp(0, asked))
        return np.asarray(np.where(minutes <= threshold, below, beyond))

    def quantiles(
        self, levels: NDArray[np.float64], threshold: NDArray[np.float64], p_above: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Delay in minutes at each level, with ``p_above`` above ``threshold`` (minutes).

        ``levels`` has shape (m,) for all rows or (n, m); the answer (n, m) rises along rows.
        """
        p = np.clip(p_above, SMALLEST, 1 - SMALLEST)[:, None]
        at = self._log_odds((self.scale.of(threshold) - self.centre) / self.spread)[:, None]
        log_below, log_above = -np.logaddexp(0, -at), -np.logaddexp(0, at)
        v = np.clip(np.atleast_2d(levels), SMALLEST, 1 - SMALLEST)
        within_below = np.log(v) + log_below - np.log1p(-p)
        within_above = np.log1p(-v) + log_above - np.log(p)
        lower = within_below - _log_complement(within_below)
        upper = _log_complement(within_above) - within_above
        z = self._errors_at(np.where(v <= 1 - p, lower, upper))
        return self.scale.minutes(self.centre[:, None] + self.spread[:, None] * z)

    def _log_odds(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """logit G at standardised errors."""
        inside = np.interp(z, self.errors, LOG_ODDS)
        low, high = self._tails()
        return np.asarray(inside + np.minimum(z - self.errors[0], 0) / low + np.maximum(z - self.errors[-1], 0) / high)

    def _errors_at(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`_log_odds`."""
        inside = np.interp(log_odds, LOG_ODDS, self.errors)
        low, high = self._tails()
        return np.asarray(
            inside + np.minimum(log_odds - LOG_ODDS[0], 0) * low + np.maximum(log_odds - LOG_ODDS[-1], 0) * high
        )

    def _tails(self) -> tuple[float, float]:
        """Standardised error per unit of log-odds in each outermost twentieth."""
        low = (self.errors[TAIL] - self.errors[0]) / (LOG_ODDS[TAIL] - LOG_ODDS[0])
        high = (self.errors[-1] - self.errors[-1 - TAIL]) / (LOG_ODDS[-1] - LOG_ODDS[-1 - TAIL])
        return max(float(low), MIN_SLOPE), max(float(high), MIN_SLOPE)


def _log_complement(log_share: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 − share) of log(share); a share that is 1 but for rounding stays below it."""
    return np.asarray(np.log(-np.expm1(np.minimum(log_share, -SMALLEST))))
