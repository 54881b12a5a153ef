"""Rolling origins: the model fitted anew at several earlier moments, each time measured on what came next.

All lie before the test part, so that what is chosen by looking at them has not looked at it (Tashman 2000).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from training.fitting import fit_model
from training.measures import Figures

MOST_TESTED = 0.5
"""Share of the training part's subjects that windows cover at most: the first origin has as many to learn from."""


@dataclass(frozen=True)
class Fold:
    """One origin: learnt from what was known before ``begin``, measured on subjects up to ``end``."""

    begin: pd.Timestamp
    end: pd.Timestamp
    n_train: int
    n_test: int
    figures: Figures

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "test_from": self.begin.isoformat(),
            "test_until": self.end.isoformat(),
            "n_train": self.n_train,
            "n_test": self.n_test,
            "metrics": self.figures,
        }


def origins(as_of: pd.Series, test_from: pd.Timestamp, count: int, test_share: float) -> list[pd.Timestamp]:
    """Moments that cut the latest of the subjects before ``test_from`` into windows of about as many subjects each.

    Returns
    -------
    ``count`` beginnings in order, then ``test_from``.
    """
    earlier, share = as_of[as_of < test_from], min(test_share, MOST_TESTED / count)
    return [*(earlier.quantile(1 - share * back).floor("s") for back in range(count, 0, -1)), test_from]


def backtest(
    frames: FeatureFrames, name: ModelName, params: TrainingParams, test_from: pd.Timestamp, count: int
) -> tuple[Fold, ...]:
    """Measures of a model at ``count`` origins before ``test_from``.

    Raises
    ------
    CannotTrain
        If an origin has too few subjects before or after it.
    """
    moments = origins(all_subjects(frames.dataset, name)["as_of"], test_from, count, params.test_share)
    folds = []
    for begin, end in pairwise(moments):
        try:
            fitted = fit_model(frames, name, params, begin, end)
        except CannotTrain as reason:
            raise CannotTrain(f"the backtest from {begin.isoformat()} on: {reason}; ask for fewer origins") from None
        folds.append(Fold(begin, end, len(fitted.split.train), len(fitted.split.test), fitted.figures))
    return tuple(folds)
