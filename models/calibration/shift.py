"""What outcomes since training add to calibrated log-odds: an intercept, and a slope around where they usually lie."""

from dataclasses import dataclass

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
