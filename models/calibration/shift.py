"""What outcomes since training add to calibrated log-odds: at each stage an intercept, a slope around a point, bends.

What has longer to go is shifted further or less, span by span (:mod:`models.horizon`).
A bend is what is added at a knot; between knots it passes into the next one in a straight line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration.platt import MIN_SLOPE
from models.horizon import HOURS

Array = NDArray[np.float64]
Spans = NDArray[np.int64]
KNOTS = np.array([-3.5, -2.5, -1.5, -0.5, 0.5, 2.0, 4.0])
"""Log-odds at which a curve bends: probabilities of 3, 8, 18, 38, 62, 88 and 98 %; beyond them it goes straight on."""
FLAT, ALIKE = (0.0,) * KNOTS.size, (0.0,) * len(HOURS)


@dataclass(frozen=True)
class Shift:
    """ℓ becomes ℓ + by + slope · (ℓ − around) + bend(ℓ) + span, and rises with ℓ whatever they are.

    Attributes
    ----------
    by
        Log-odds, at ``around``.
    slope
        Below 0 it draws log-odds together, above 0 it spreads them.
    bends
        What is added at each of :data:`KNOTS`.
    spans
        What is added in each span of hours to go after the first.
    """

    by: float = 0.0
    slope: float = 0.0
    around: float = 0.0
    bends: tuple[float, ...] = FLAT
    spans: tuple[float, ...] = ALIKE

    def of(self, log_odds: Array, span: Spans | None = None) -> Array:
        """Log-odds (n,), shifted; ``span`` (n,) is that in which each lies, all in the first where it is None."""
        slope = max(self.slope, MIN_SLOPE - 1)
        made = log_odds + self.by + slope * (log_odds - self.around)
        if any(self.bends):
            made = made + tents(log_odds) @ self._held(1 + slope - MIN_SLOPE)
        return made if span is None else made + np.array([0.0, *self.spans])[span]

    def _held(self, steepest: float) -> Array:
        """The bends; one that falls by more than ``steepest`` from knot to knot is lifted until the curve rises."""
        return np.maximum.accumulate(steepest * KNOTS + self.bends) - steepest * KNOTS

    @property
    def bend(self) -> float:
        """The largest of its bends, in absolute value."""
        return max(map(abs, self.bends))

    @property
    def span(self) -> float:
        """The largest of what is added in spans, in absolute value."""
        return max(map(abs, self.spans))

    def rounded(self, digits: int) -> "Shift":
        """With so many decimals; ``around`` as it is."""
        bends, spans = (tuple(round(one, digits) for one in those) for those in (self.bends, self.spans))
        return Shift(round(self.by, digits), round(self.slope, digits), self.around, bends, spans)


NONE = Shift()


def tents(log_odds: Array) -> Array:
    """How much of each knot's bend is added to n log-odds, shape (n, knots); each row sums to 1."""
    return np.column_stack([np.interp(log_odds, KNOTS, one) for one in np.eye(KNOTS.size)])


@dataclass(frozen=True)
class Shifts:
    """A shift for each stage.

    Attributes
    ----------
    own
        Stages with theirs.
    others
        Of every stage that is not among them.
    """

    own: tuple[tuple[str, Shift], ...] = ()
    others: Shift = NONE

    def of(self, log_odds: Array, stages: NDArray[Any], span: Spans | None = None) -> Array:
        """Log-odds (n,), shifted by what their stages (n,) have, in their spans (n,)."""
        made = self.others.of(log_odds, span)
        for stage, shift in self.own:
            made = np.where(stages == stage, shift.of(log_odds, span), made)
        return np.asarray(made)

    @property
    def by_stage(self) -> dict[str, Shift]:
        """Stages that have a shift, :data:`OTHERS` among them where all others have one."""
        return dict(self.own) | ({} if self.others == NONE else {OTHERS: self.others})


OTHERS = ""
"""Stands for every stage that is not named."""
UNSHIFTED = Shifts()


def shifts_of(by_stage: Mapping[str, Shift]) -> Shifts:
    """The inverse of :attr:`Shifts.by_stage`."""
    own = tuple((stage, shift) for stage, shift in sorted(by_stage.items()) if stage != OTHERS)
    return Shifts(own, by_stage.get(OTHERS, NONE))
