"""A rising line of straight pieces: isotonic regression (Zadrozny & Elkan 2002) without its steps and ties."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import logit

from models.calibration.platt import MIN_SLOPE, fit_platt

Array = NDArray[np.float64]
ROWS_A_KNOT, MOST_KNOTS = 200, 20
PRIOR_ROWS = 20.0
"""Rows that the straight line counts for at each knot."""


@dataclass(frozen=True)
class Monotone:
    """Log-odds by straight lines between knots, and beyond the outermost on with ``slope``."""

    margins: tuple[float, ...]
    values: tuple[float, ...]
    slope: float
    kind: ClassVar[str] = "monotone"

    def log_odds(self, margin: Array, stages: NDArray[Any] | None = None) -> Array:
        """Calibrated log-odds, shape as ``margin``."""
        beyond = np.minimum(margin - self.margins[0], 0) + np.maximum(margin - self.margins[-1], 0)
        return np.asarray(np.interp(margin, self.margins, self.values) + self.slope * beyond)

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"margins": list(self.margins), "values": list(self.values), "slope": self.slope}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Monotone":
        """Read back what :meth:`as_json` gave."""
        return cls(tuple(document["margins"]), tuple(document["values"]), document["slope"])


def fit_monotone(margin: Array, outcome: Array, stages: NDArray[Any] | None = None) -> Monotone:
    """Rates of bins of like margin, drawn toward Platt's line, made to rise, and joined by straight lines."""
    line = fit_platt(margin, outcome)
    order = np.argsort(margin, kind="stable")
    bins = np.array_split(order, int(np.clip(margin.size // ROWS_A_KNOT, 1, MOST_KNOTS)))
    middle, rows, cases, expected = (
        np.array([of[one].sum() for one in bins])
        for of in (margin, np.ones(margin.size), outcome, line.probability(margin))
    )
    middle, expected = middle / rows, expected / rows
    rate = (cases + PRIOR_ROWS * expected) / (rows + PRIOR_ROWS)
    rising = isotonic_regression(rate, weights=rows + PRIOR_ROWS).x
    knots, values = _apart(middle, np.asarray(logit(rising)))
    return Monotone(tuple(knots), tuple(values), line.slope)


def _apart(middle: Array, values: Array) -> tuple[list[float], list[float]]:
    """Knots with different margins only, values that rise between them by the least slope at least."""
    knots, lifted = [float(middle[0])], [float(values[0])]
    for at, value in zip(middle[1:].tolist(), values[1:].tolist(), strict=True):
        if at > knots[-1]:
            lifted.append(max(value, lifted[-1] + MIN_SLOPE * (at - knots[-1])))
            knots.append(at)
    return knots, lifted
