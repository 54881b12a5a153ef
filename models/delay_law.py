"""The distribution F of a delay: the shape G, made to agree with the late head, given what is certain already.

The late head knows better what happens at the one threshold t that matters. So the mass on each side of t is what
the head says, p above it, distributed within each side as the shape says, put right for the group (`shares.py`). A
shipment not delivered e minutes after plan (before it, if negative) has a delay above e for certain, hence the shares
are those of what is left above e:

    below: V(x) = (G(x) − G(e)) / (G(t) − G(e)),    F(x) = (1 − p) · U(V(x))      e ≤ x ≤ t
    above: W(x) = (1 − G(x)) / (1 − G(max(t, e))),  1 − F(x) = p · U(W(x))        x > max(t, e)

F is a distribution whatever p is, hence quantiles never cross, and P(delay > t) = p exactly.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from models.boosted import Array
from models.delay import BEYOND, DelayShape
from models.shares import AS_SAID, SAID, Sides

SMALLEST = 1e-12
"""Distance from certainty at which the levels of a quantile end, so that it stays finite."""
LEAST_LEFT = 1e-6
"""Smallest probability of being still on the way that is reckoned with."""


@dataclass(frozen=True)
class DelayLaw:
    """Distribution of the delays of n subjects of one group.

    Attributes
    ----------
    shape
        How delays spread where nothing else is known.
    threshold, p_above
        Shape (n,): minutes t, and the probability of a delay above it.
    passed
        Shape (n,): minutes after plan that have passed without a delivery; −inf where that is not known.
    sides
        How the shape's shares are put right.
    """

    shape: DelayShape
    threshold: Array
    p_above: Array
    passed: Array
    sides: Sides = AS_SAID

    def given_overdue(self) -> "DelayLaw":
        """The law of shipments whose plan has passed: P(delay > t) over what was left of it, and 1 beyond t.

        The head learned from shipments at the moments of their milestones; since then time went by.
        """
        overdue = self.passed > 0
        if not overdue.any():
            return self
        before = replace(self, passed=np.full_like(self.passed, -np.inf))
        left = np.clip(before.above(np.where(overdue, self.passed, 0.0)[:, None])[:, 0], LEAST_LEFT, 1.0)
        late = np.where(self.passed >= self.threshold, 1.0, np.minimum(1.0, self.p_above / left))
        return replace(self, p_above=np.where(overdue, late, self.p_above))

    def above(self, minutes: NDArray[np.float64]) -> Array:
        """P(delay > minutes), shape (n, m) as ``minutes``."""
        p, late = self.p_above[:, None], self._late(minutes)
        said = self._said(minutes, late)
        share = np.where(late, self.sides.above.true(said), self.sides.below.true(said))
        told = np.where(late, p * expit(share), p + (1 - p) * expit(-share))
        told = np.where(minutes == self.threshold[:, None], p, told)
        return np.asarray(np.where(minutes < self.passed[:, None], 1.0, told))

    def quantiles(self, levels: NDArray[np.float64]) -> Array:
        """Delay in minutes at each level; ``levels`` of shape (m,) or (n, m), the answer (n, m) rising with them."""
        u, p = np.atleast_2d(levels), np.clip(self.p_above, SMALLEST, 1 - SMALLEST)[:, None]
        late = u > 1 - p
        share = logit(np.clip(np.where(late, (1 - u) / p, u / (1 - p)), SMALLEST, 1 - SMALLEST))
        said = np.where(late, self.sides.above.said(share), self.sides.below.said(share))
        minutes, t = self._within_reach(self.shape.minutes(self._log_odds_at(said, late))), self.threshold[:, None]
        within = np.where(late, np.maximum(minutes, t), np.minimum(minutes, t))
        return np.asarray(np.maximum(within, self.passed[:, None]))

    def _within_reach(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """No farther than anything was seen, or than has passed, :data:`models.delay.BEYOND` times."""
        reach = self.shape.scale.reach_min
        return np.clip(minutes, -reach, np.maximum(reach, BEYOND * self.passed)[:, None])

    def shares(self, minutes: Array) -> Array:
        """Log-odds of the share that the shape says to each subject's delay on its own side, shape (n,)."""
        at = minutes[:, None]
        return self._said(at, self._late(at))[:, 0]

    def put_right(self, minutes: Array) -> Array:
        """Log-odds of the share that each delay had on its side, as it is put right, shape (n,)."""
        said, late = self.shares(minutes), minutes > self.threshold
        return np.where(late, self.sides.above.true(said), self.sides.below.true(said))

    def _late(self, minutes: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(minutes > self.threshold[:, None])

    def _said(self, minutes: NDArray[np.float64], late: NDArray[np.bool_]) -> Array:
        """logit V up to the threshold, logit W above it: of what lies further inside, over what lies further out."""
        at, passed, threshold, top = self._mass(minutes), *self._edges()
        inner = np.where(late, at.above, at.beyond(passed))
        outer = np.where(late, at.beyond(top), threshold.beyond(at))
        with np.errstate(divide="ignore", invalid="ignore"):
            said = np.log(inner) - np.log(outer)
        # Nothing on either side: at a threshold that has passed already, where no share is asked for.
        return np.asarray(np.clip(np.nan_to_num(said, posinf=SAID, neginf=-SAID), -SAID, SAID))

    def _log_odds_at(self, said: Array, late: NDArray[np.bool_]) -> Array:
        """logit G where the share of the side is ``said`` (log-odds): the inverse of :meth:`_said`."""
        passed, threshold, top = self._edges()
        width, share, rest = threshold.beyond(passed), expit(said), expit(-said)
        below = np.where(late, top.below + rest * top.above, passed.below + share * width)
        above = np.where(late, share * top.above, threshold.above + rest * width)
        return np.asarray(np.log(below) - np.log(above))

    def _edges(self) -> tuple["_Mass", "_Mass", "_Mass"]:
        """What lies on both sides of e, of t, and of the later of them; shape (n, 1)."""
        passed, threshold = self.passed[:, None], self.threshold[:, None]
        return tuple(map(self._mass, (passed, threshold, np.maximum(passed, threshold))))  # type: ignore[return-value]

    def _mass(self, minutes: NDArray[np.float64]) -> "_Mass":
        log_odds = np.clip(self.shape.log_odds(minutes), -SAID, SAID)
        return _Mass(expit(log_odds), expit(-log_odds))


@dataclass(frozen=True)
class _Mass:
    """G and 1 − G at some points, each as precise as the other, so that neither tail is lost to rounding."""

    below: Array
    above: Array

    def beyond(self, earlier: "_Mass") -> Array:
        """The mass between an earlier point and this one; 0 where it is not earlier."""
        direct, rest = self.below - earlier.below, earlier.above - self.above
        return np.maximum(np.where(earlier.below < earlier.above, direct, rest), 0.0)
