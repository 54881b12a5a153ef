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

Array = NDArray[np.float64]
DRAWS = 400


def reference_frame(frames: FeatureFrames, model: ModelName, subjects: pd.DataFrame) -> pd.DataFrame:
    """Every column known at decision time but entity history; text as pandas categories."""
    frame = frames.of(model, subjects, [family for family in catalogue.FAMILIES if not isinstance(family, History)])
    text = [name for name in frame if pd.api.types.is_string_dtype(frame[name])]
    return frame.astype(dict.fromkeys(text, "category"))


def reference_probability(train: pd.DataFrame, y: Array, test: pd.DataFrame, classes: int = 2) -> Array:
    """P(1), or P(class) in columns, of LGBMClassifier as it comes; the test's categories are those of training."""
    text = [name for name in train if isinstance(train[name].dtype, pd.CategoricalDtype)]
    aligned = test.assign(**{name: test[name].astype("str").astype(train[name].dtype) for name in text})
    learner = lightgbm.LGBMClassifier(random_state=1, n_jobs=2, verbosity=-1, deterministic=True, force_row_wise=True)
    probability = np.asarray(learner.fit(train, y).predict_proba(aligned))
    return probability[:, 1] if classes == 2 else probability


def paired_bootstrap(measure: Callable[[NDArray[np.int64]], float], rows: int, seed: int = 1) -> tuple[float, float]:
    """95 % interval of a difference, by resampling the same rows for both sides."""
    draw = np.random.default_rng(seed)
    values = [measure(draw.integers(0, rows, rows)) for _ in range(DRAWS)]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)
