"""What outcomes since training add to calibrated log-odds: at each stage an intercept, and a slope around a point."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration.platt import MIN_SLOPE

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """ℓ becomes ℓ + by + slope · (ℓ − around), and rises with ℓ whatever the slope.

    Attributes
    ----------
    by
        Log-odds, at ``around``.
    slope
        Below 0 it draws log-odds together, above 0 it spreads them.
    """

    by: float = 0.0
    slope: float = 0.0
    around: float = 0.0

    def of(self, log_odds: Array) -> Array:
        """Log-odds shifted, shape as they come."""
        return log_odds + self.by + max(self.slope, MIN_SLOPE - 1) * (log_odds - self.around)


NONE = Shift()


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
