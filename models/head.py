"""A calibrated probability of one yes/no question: a booster's margin, then Platt's step."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from domain.params import TrainingParams
from models.boosting import Slices, fit_booster, margins
from models.calibration import Platt, fit_platt


@dataclass(frozen=True)
class Head:
    """Booster and calibration; without a booster (one answer only was ever seen) a constant."""

    booster: lightgbm.Booster | None
    platt: Platt

    def margin(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Uncalibrated log-odds, shape (n,)."""
        return np.zeros(len(X)) if self.booster is None else margins(self.booster, X)

    def probability(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probability, shape (n,)."""
        return self.platt.probability(self.margin(X))

    def save(self, folder: Path, name: str) -> dict[str, Any]:
        """Write the booster as ``name.txt``; return what belongs in the JSON."""
        if self.booster is not None:
            (folder / f"{name}.txt").write_text(self.booster.model_to_string(), encoding="utf-8")
        return {"slope": self.platt.slope, "intercept": self.platt.intercept, "constant": self.booster is None}

    @classmethod
    def load(cls, folder: Path, name: str, document: dict[str, Any]) -> "Head":
        """Read back what :meth:`save` wrote."""
        booster = None if document["constant"] else lightgbm.Booster(model_file=folder / f"{name}.txt")
        return cls(booster, Platt(document["slope"], document["intercept"]))


def fit_head(slices: Slices, outcome: NDArray[np.float64], params: TrainingParams) -> Head:
    """Boost on the earlier slice, calibrate on the later one."""
    earlier, later = slices.earlier(outcome), slices.later(outcome)
    if min(_fewest(earlier), _fewest(later)) == 0:
        rate = (outcome.sum() + 0.5) / (outcome.size + 1)
        return Head(None, Platt(1.0, float(np.log(rate / (1 - rate)))))
    booster = fit_booster(slices, outcome, "binary", params)
    return Head(booster, fit_platt(margins(booster, slices.later(slices.X)), later))


def _fewest(outcome: NDArray[np.float64]) -> int:
    """Rows of the rarer answer."""
    return int(min(outcome.sum(), (1 - outcome).sum()))
