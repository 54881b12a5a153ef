"""Platt's line with an intercept for each stage, drawn toward the common one the more, the fewer its rows are."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.calibration.likelihood import Loss, fitted, smoothed
from models.calibration.platt import MIN_SLOPE

Array = NDArray[np.float64]
STAGE_SPREAD = 0.2
"""Deviation of the prior of a stage's intercept from the common one, in log-odds."""


@dataclass(frozen=True)
class Stagewise:
    """log-odds = slope · margin + intercept + what the stage has beyond; a stage never seen has nothing."""

    slope: float
    intercept: float
    beyond: dict[str, float] = field(default_factory=dict)
    kind: ClassVar[str] = "stagewise"

    def log_odds(self, margin: Array, stages: NDArray[Any]) -> Array:
        """Calibrated log-odds, shape as ``margin``."""
        made = self.slope * margin + self.intercept
        for stage, more in self.beyond.items():
            made = made + np.where(stages == stage, more, 0.0)
        return np.asarray(made)

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"slope": self.slope, "intercept": self.intercept, "beyond": self.beyond}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Stagewise":
        """Read back what :meth:`as_json` gave."""
        return cls(document["slope"], document["intercept"], dict(document["beyond"]))


def fit_stagewise(margin: Array, outcome: Array, stages: NDArray[Any]) -> Stagewise:
    """Fit by penalised maximum likelihood: each stage's own part is normal around 0 with :data:`STAGE_SPREAD`."""
    names = np.unique(stages.astype(str))
    own = [(stages == name).astype(np.float64) for name in names]
    penalty = np.array([0.0, 0.0, *(STAGE_SPREAD**-2 for _ in own)])
    Z = np.column_stack([margin, np.ones(margin.size), *own])
    slope, intercept, *beyond = fitted(Loss(Z, smoothed(outcome), 0.0, penalty), (1.0, 0.0, *(0.0 for _ in own)))
    return Stagewise(max(slope, MIN_SLOPE), intercept, dict(zip(names.tolist(), beyond, strict=True)))
