"""Fit one model on the earlier part and measure it on the later one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from models.eta_risk import fit_eta_risk
from models.model import Model
from models.severity import fit_severity
from models.tender_failure import fit_tender_failure
from store.dataset import Dataset
from training.measures import Figures, constant_figures, figures_of, flat, slices_of
from training.split import Split, for_fitting, split_in_time


@dataclass(frozen=True)
class Fitted:
    """A model with what it was measured on.

    Attributes
    ----------
    figures
        Measures on the whole test part.
    by_slice
        The same for each slice.
    test_frame, predicted
        Features and predictions of the test part.
    example
        A few rows of the training frame, for signature and input example.
    """

    model: Model
    split: Split
    figures: Figures
    by_slice: dict[str, Figures]
    test_frame: pd.DataFrame
    predicted: pd.DataFrame
    example: pd.DataFrame


def fit_model(
    frames: FeatureFrames, name: ModelName, params: TrainingParams, test_from: datetime | None = None
) -> Fitted:
    """Split, fit, calibrate, measure.

    Raises
    ------
    CannotTrain
        If there are too few outcomes or they are all alike.
    """
    dataset = frames.dataset
    split = split_in_time(dataset, name, params, test_from)
    train = for_fitting(split.train, params)
    frame = frames.of(name, train.subjects)
    model = _fit(name, dataset)(frame, train.outcome, params)
    test_frame = frames.of(name, split.test.subjects)
    predicted = model.predict(test_frame)
    figures, by_slice = measured(dataset, name, split.test.subjects, test_frame, split.test.outcome, predicted)
    figures |= flat(constant_figures(name, split.train.outcome, split.test.outcome))
    return Fitted(model, split, figures, by_slice, test_frame, predicted, frame.tail(5))


def measured(
    dataset: Dataset,
    name: ModelName,
    subjects: pd.DataFrame,
    frame: pd.DataFrame,
    outcome: pd.DataFrame,
    predicted: pd.DataFrame,
) -> tuple[Figures, dict[str, Figures]]:
    """Measures of predictions: pooled, and by slice."""
    thresholds = dataset.manifest.severity.thresholds
    by_slice = {
        key: flat(figures_of(name, outcome[rows], predicted[rows], thresholds))
        for key, rows in slices_of(name, subjects, frame).items()
    }
    return flat(figures_of(name, outcome, predicted, thresholds)), by_slice


def _fit(name: ModelName, dataset: Dataset) -> Callable[[pd.DataFrame, pd.DataFrame, TrainingParams], Model]:
    manifest = dataset.manifest
    if name is ModelName.ETA_RISK:
        return lambda frame, outcome, params: fit_eta_risk(frame, outcome, manifest.late_after_min, params)
    if name is ModelName.TENDER_FAILURE:
        return fit_tender_failure
    return lambda frame, outcome, params: fit_severity(frame, outcome, manifest.severity.thresholds, params)
