"""The reference: one untuned LightGBM on the same rows and the same decision-time columns, without history."""

from collections.abc import Callable

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.predictions import ModelName
from features import catalogue
from features.frame import FeatureFrames
from features.history import History
from features.load import Load

Array = NDArray[np.float64]
DRAWS = 400
MOST_VALUES = 250


def reference_frame(frames: FeatureFrames, model: ModelName, subjects: pd.DataFrame) -> pd.DataFrame:
    """Every column known at decision time but entity history and load; text as pandas categories."""
    families = [family for family in catalogue.FAMILIES if not isinstance(family, History | Load)]
    frame = frames.of(model, subjects, families)
    return frame.astype(dict.fromkeys(_text(frame), "category"))


def reference_forms(train: pd.DataFrame, y: Array, test: pd.DataFrame) -> list[Array]:
    """P(class) in columns, of LGBMClassifier as it comes, in two forms.

    As a category, text of very many values can ruin an untuned LightGBM or make it, so it is fitted with and without
    such columns. For each measure the form that does better on the *test* part is the reference, which flatters it.
    """
    few = [name for name in train if name not in _text(train) or train[name].nunique() <= MOST_VALUES]
    shown = [list(train)] if len(few) == train.shape[1] else [list(train), few]
    return [_fitted(train[columns], y, test[columns]) for columns in shown]


def _text(frame: pd.DataFrame) -> list[str]:
    kinds = (pd.CategoricalDtype,)
    return [name for name in frame if pd.api.types.is_string_dtype(frame[name]) or isinstance(frame[name].dtype, kinds)]


def _fitted(train: pd.DataFrame, y: Array, test: pd.DataFrame) -> Array:
    """The test's categories are those of training; others are unknown."""
    aligned = test.assign(**{name: test[name].astype("str").astype(train[name].dtype) for name in _text(train)})
    learner = lightgbm.LGBMClassifier(random_state=1, n_jobs=2, verbosity=-1, deterministic=True, force_row_wise=True)
    return np.asarray(learner.fit(train, y).predict_proba(aligned))


def paired_bootstrap(measure: Callable[[NDArray[np.int64]], float], rows: int, seed: int = 1) -> tuple[float, float]:
    """95 % interval of a difference, by resampling the same rows for both sides."""
    draw = np.random.default_rng(seed)
    values = [measure(draw.integers(0, rows, rows)) for _ in range(DRAWS)]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)
