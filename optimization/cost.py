"""Expected cost of service failure under the whole distribution of the delay.

A distribution is its quantiles q(u) at L levels, here :data:`domain.predictions.DENSE_LEVELS`.
Between levels q is linear. Tails: below the first and above the last level q stays at the
outermost quantile, so the rarest 0.5 % count as the 99.5 % quantile and never as more: a cost that
is cautious about extremes no model has seen.

    E[c(D)] = ∫₀¹ c(q(u)) du,   c(d) = 0 for d ≤ t, else a fixed sum, or per_min · (d − t)

is then exact, segment by segment; nothing is sampled.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.predictions import DENSE_LEVELS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LatenessTerms:
    """What lateness costs each of n shipments.

    Attributes
    ----------
    late_after_min
        (n,) minutes after plan up to which a delivery is not late.
    late_penalty
        (n,) fixed money once late; NaN where the cost is per minute instead.
    per_min
        (n,) money for each minute beyond ``late_after_min``, where no penalty is given.
    """

    late_after_min: Floats
    late_penalty: Floats
    per_min: Floats

    def take(self, rows: npt.NDArray[np.int64]) -> "LatenessTerms":
        """The terms of some of the shipments."""
        return LatenessTerms(self.late_after_min[rows], self.late_penalty[rows], self.per_min[rows])


def expected_lateness_cost(delays: Floats, terms: LatenessTerms) -> Floats:
    """Expected money for lateness, shape (n,).

    Parameters
    ----------
    delays
        (n, L) quantiles in minutes, ascending along each row; a row of NaN costs 0.
    """
    fixed = terms.late_penalty * p_late(delays, terms.late_after_min)
    by_minute = terms.per_min * mean_beyond(delays, terms.late_after_min)
    cost = np.where(np.isnan(terms.late_penalty), by_minute, fixed)
    return np.where(np.isnan(delays).any(axis=1), 0.0, cost)


def p_late(delays: Floats, late_after_min: Floats) -> Floats:
    """P(delay > late_after_min) = 1 − F, shape (n,), from the same quantiles; NaN where there are none."""
    low, high, width = _segments(delays)
    over = _over(low, high, late_after_min[:, None])
    return np.where(np.isnan(delays).any(axis=1), np.nan, (width * over).sum(axis=1))


def mean_beyond(delays: Floats, threshold: Floats) -> Floats:
    """E[(delay − threshold)⁺] in minutes, shape (n,)."""
    low, high, width = _segments(delays)
    at = threshold[:, None]
    over = _over(low, high, at)
    # On the part of a segment that lies beyond, q runs from max(low, t) to high.
    mean = (np.maximum(low, at) + np.maximum(high, at)) / 2 - at
    return np.asarray((width * over * mean).sum(axis=1))


def mean_delay(delays: Floats) -> Floats:
    """E[delay] in minutes, shape (n,)."""
    low, high, width = _segments(delays)
    return np.asarray((width * (low + high) / 2).sum(axis=1))


def _segments(delays: Floats) -> tuple[Floats, Floats, Floats]:
    """Ends (n, L+1) and widths (L+1,) of the pieces on which q is linear, the flat tails included."""
    levels = np.asarray(DENSE_LEVELS)
    padded = np.concatenate([delays[:, :1], delays, delays[:, -1:]], axis=1)
    return padded[:, :-1], padded[:, 1:], np.diff(np.concatenate([[0.0], levels, [1.0]]))


def _over(low: Floats, high: Floats, at: Floats) -> Floats:
    """Share of each segment that lies beyond a threshold."""
    span = high - low
    crossing = np.divide(high - at, span, out=np.zeros_like(span), where=span > 0)
    return np.where(low > at, 1.0, np.where(high > at, np.clip(crossing, 0.0, 1.0), 0.0))
