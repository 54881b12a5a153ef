"""Beta calibration (Kull, Silva Filho & Flach 2017): one slope for margins that say no, one for those that say yes."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.calibration.likelihood import Loss, fitted, smoothed
from models.calibration.platt import MIN_SLOPE, fit_platt

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Beta:
    """log-odds = yes · ln s − no · ln(1 − s) + intercept, with s = 1 / (1 + exp(−margin)).

    In terms of the margin it bends from slope ``yes`` far below 0 to slope ``no`` far above it.
    """

    yes: float
    no: float
    intercept: float
    kind: ClassVar[str] = "beta"

    def log_odds(self, margin: Array, stages: NDArray[Any] | None = None) -> Array:
        """Calibrated log-odds, shape as ``margin``."""
        below, above = _bent(margin)
        return self.yes * below + self.no * above + self.intercept

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"yes": self.yes, "no": self.no, "intercept": self.intercept}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Beta":
        """Read back what :meth:`as_json` gave."""
        return cls(document["yes"], document["no"], document["intercept"])


def fit_beta(margin: Array, outcome: Array, stages: NDArray[Any] | None = None) -> Beta:
    """Fit by maximum likelihood; where either slope would fall below the least, it is Platt's line."""
    bent = np.column_stack([*_bent(margin), np.ones(margin.size)])
    yes, no, intercept = fitted(Loss(bent, smoothed(outcome)), (1.0, 1.0, 0.0)).tolist()
    if min(yes, no) < MIN_SLOPE:
        line = fit_platt(margin, outcome)
        return Beta(line.slope, line.slope, line.intercept)
    return Beta(yes, no, intercept)


def _bent(margin: Array) -> tuple[Array, Array]:
    """ln s and −ln(1 − s), both rising in the margin."""
    return -np.logaddexp(0, -margin), np.logaddexp(0, margin)
