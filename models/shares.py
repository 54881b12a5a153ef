"""Where on its side of the threshold an outcome fell, and how that is put right for a group.

A share v of a side, as the shape says it, is uniform from 0 to 1 among the outcomes of that side if the shape is right.
Where it is not, the quantiles of v at :data:`LEVELS` tell what share u the group's outcomes really had: u is a rising
function of v, linear in log-odds between the levels and a shift of log-odds beyond them, so 0 stays 0 and 1 stays 1
(quantile recalibration, Kuleshov, Fenner & Ermon 2018, on each side alone).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from models.boosted import Array

LEVELS = np.array([0.01, 0.025, *np.arange(1, 20) / 20, 0.975, 0.99])
"""Levels at which the quantiles of a share are kept."""
LOG_ODDS = logit(LEVELS)
LEAST_STEP = 1e-6
"""Log-odds between neighbouring quantiles at least, so that the function has an inverse."""
SAID = 500.0
"""Log-odds beyond which a share is as good as 0 or 1."""


@dataclass(frozen=True)
class ShareMap:
    """From the share that a shape says to the true one and back.

    Attributes
    ----------
    quantiles
        Shape (len(LEVELS),): log-odds of the shape's share at each level of the true one, strictly rising.
    """

    quantiles: Array

    def true(self, log_odds: Array) -> Array:
        """Log-odds of the true share where the shape's are ``log_odds``, any shape."""
        return _through(log_odds, self.quantiles, LOG_ODDS)

    def said(self, log_odds: Array) -> Array:
        """The inverse of :meth:`true`."""
        return _through(log_odds, LOG_ODDS, self.quantiles)


@dataclass(frozen=True)
class Sides:
    """A map for outcomes up to the threshold, as shares from below, and one for later ones, as shares from above."""

    below: ShareMap
    above: ShareMap

    def then(self, further: "Sides") -> "Sides":
        """Shares put right by this, and what comes of it by ``further``."""
        return Sides(*(ShareMap(one.said(more.quantiles)) for one, more in zip(self.both, further.both, strict=True)))

    @property
    def both(self) -> tuple[ShareMap, ShareMap]:
        """Below, above."""
        return self.below, self.above

    def rounded(self, digits: int) -> "Sides":
        """With quantiles of so many decimals, still rising."""
        return Sides(*(ShareMap(rising(one.quantiles.round(digits))) for one in self.both))

    @property
    def farthest(self) -> float:
        """Log-odds by which the middle nine tenths of shares are moved at most, on either side."""
        middle = np.abs(LOG_ODDS) <= logit(0.951)
        return max(float(np.abs(one.quantiles - LOG_ODDS)[middle].max()) for one in self.both)

    def as_json(self) -> dict[str, list[float]]:
        """Plain values for JSON."""
        return {"below": self.below.quantiles.tolist(), "above": self.above.quantiles.tolist()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Sides":
        """Read back what :meth:`as_json` gave."""
        return cls(ShareMap(np.array(document["below"])), ShareMap(np.array(document["above"])))


AS_SAID = Sides(ShareMap(LOG_ODDS), ShareMap(LOG_ODDS))
"""Shares that need not be put right."""


def learn_shares(log_odds: Array, parent: ShareMap, weight: float, each: Array | None = None) -> ShareMap:
    """The map of a group, drawn towards that of the group it is part of.

    Parameters
    ----------
    log_odds
        Shape (n,): of the share that the shape said to each outcome of the group.
    parent
        What holds where nothing is known of the group.
    weight
        Number of outcomes that ``parent`` counts for.
    each
        Shape (n,): how much each outcome counts; by default 1.
    """
    if not log_odds.size:
        return parent
    order = np.argsort(log_odds, kind="stable")
    own, counted = np.clip(log_odds[order], -SAID, SAID), (np.ones(order.size) if each is None else each)[order]
    # The k-th smallest of n stands at the level k / (n + 1): what split conformal prediction corrects few rows by.
    total = float(counted.sum())
    standing = np.cumsum(counted) / (total + 1)
    met = np.sort(np.concatenate([own, parent.quantiles]))
    seen, around = np.interp(met, own, standing, left=0.0, right=1.0), expit(parent.true(met))
    levels = (total * seen + weight * around) / (total + weight)
    return ShareMap(rising(np.interp(LEVELS, levels, met)))


def rising(values: Array) -> Array:
    """The values, each at least :data:`LEAST_STEP` above the one before."""
    steps = LEAST_STEP * np.arange(values.size)
    return np.asarray(np.maximum.accumulate(values - steps) + steps)


def _through(x: NDArray[np.float64], knots: Array, values: Array) -> Array:
    inside = np.interp(x, knots, values)
    return np.asarray(inside + np.minimum(x - knots[0], 0.0) + np.maximum(x - knots[-1], 0.0))
