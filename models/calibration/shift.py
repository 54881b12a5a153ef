"""What outcomes since training add to calibrated log-odds: at each stage an intercept, a slope around a point, bends.

A bend is what is added at a knot; between knots it passes into the next one in a straight line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration.platt import MIN_SLOPE

Array = NDArray[np.float64]
KNOTS = np.array([-3.5, -2.5, -1.5, -0.5, 0.5, 2.0, 4.0])
"""Log-odds at which a curve bends: probabilities of 3, 8, 18, 38, 62, 88 and 98 %; beyond them it goes straight on."""
FLAT = (0.0,) * KNOTS.size


@dataclass(frozen=True)
class Shift:
    """ℓ becomes ℓ + by + slope · (ℓ − around) + bend(ℓ), and rises with ℓ whatever they are.

    Attributes
    ----------
    by
        Log-odds, at ``around``.
    slope
        Below 0 it draws log-odds together, above 0 it spreads them.
    bends
        What is added at each of :data:`KNOTS`.
    """

    by: float = 0.0
    slope: float = 0.0
    around: float = 0.0
    bends: tuple[float, ...] = FLAT

    def of(self, log_odds: Array) -> Array:
        """Log-odds shifted, shape as they come."""
        slope = max(self.slope, MIN_SLOPE - 1)
        line = log_odds + self.by + slope * (log_odds - self.around)
        return line + np.interp(log_odds, KNOTS, self._held(1 + slope - MIN_SLOPE)) if any(self.bends) else line

    def _held(self, steepest: float) -> Array:
        """The bends; one that falls by more than ``steepest`` from knot to knot is lifted until the curve rises."""
        return np.maximum.accumulate(steepest * KNOTS + self.bends) - steepest * KNOTS

    @property
    def bend(self) -> float:
        """The largest of its bends, in absolute value."""
        return max(map(abs, self.bends))

    def rounded(self, digits: int) -> "Shift":
        """With so many decimals; ``around`` as it is."""
        by, slope, *bends = (round(one, digits) for one in (self.by, self.slope, *self.bends))
        return Shift(by, slope, self.around, tuple(bends))


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

    def of(self, log_odds: Array, stages: NDArray[Any]) -> Array:
        """Log-odds (n,), shifted by what their stages (n,) have."""
        made = self.others.of(log_odds)
        for stage, shift in self.own:
            made = np.where(stages == stage, shift.of(log_odds), made)
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
