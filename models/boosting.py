"""LightGBM as we use it: deterministic, early-stopped on a later slice, saved as text."""

import os
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from domain.params import TrainingParams

PATIENCE = 40
"""Trees without improvement on the later slice after which boosting stops."""


@dataclass(frozen=True)
class Slices:
    """A design matrix in time order: the first ``fit_rows`` are learned from, the later ones judge.

    Attributes
    ----------
    X
        Shape (n, features).
    columns, categorical
        Names of the columns, and the places of the categorical ones.
    fit_rows
        Number of rows to learn from.
    """

    X: NDArray[np.float64]
    columns: tuple[str, ...]
    categorical: list[int]
    fit_rows: int

    def earlier(self, values: NDArray[Any]) -> NDArray[Any]:
        """The part of a column of n values that is learned from."""
        return values[: self.fit_rows]

    def later(self, values: NDArray[Any]) -> NDArray[Any]:
        """The part that judges."""
        return values[self.fit_rows :]


def parameters(params: TrainingParams, objective: str) -> dict[str, Any]:
    """LightGBM parameters; ``deterministic`` and ``force_row_wise`` make the bytes depend on data and seed alone."""
    return {
        "objective": objective,
        "learning_rate": params.learning_rate,
        "num_leaves": params.leaves,
        "min_data_in_leaf": params.min_leaf_rows,
        "feature_fraction": 0.5,
        "lambda_l2": 1.0,
        "cat_l2": 20.0,
        "seed": params.seed,
        "num_threads": params.threads or os.cpu_count() or 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def fit_booster(
    slices: Slices, target: NDArray[np.float64], objective: str, params: TrainingParams
) -> lightgbm.Booster:
    """Boost on the earlier slice until the later one no longer improves."""
    shared: dict[str, Any] = {"feature_name": list(slices.columns), "categorical_feature": slices.categorical,
                              "params": {"verbosity": -1}}  # fmt: skip
    learned = lightgbm.Dataset(slices.earlier(slices.X), slices.earlier(target), **shared)
    judged = lightgbm.Dataset(slices.later(slices.X), slices.later(target), reference=learned, **shared)
    return lightgbm.train(
        parameters(params, objective),
        learned,
        num_boost_round=params.max_trees,
        valid_sets=[judged],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )


def margins(booster: lightgbm.Booster, X: NDArray[np.float64], threads: int = 0) -> NDArray[np.float64]:
    """Raw score (log-odds for binary objectives), shape (n,)."""
    return np.asarray(booster.predict(X, raw_score=True, num_threads=threads or (1 if len(X) < 5000 else 0)))


def contributions(booster: lightgbm.Booster, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """SHAP values per column and the base last, shape (n, features + 1); each row sums to its margin."""
    return np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))
