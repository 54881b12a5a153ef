"""Fit one model on the earlier part and measure it on the later one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.frame_file import FrameFile, write_frame
from models.boosting import Learner
from models.eta_risk import fit_eta_risk
from models.model import Model
from models.severity import fit_severity
from models.tender_failure import fit_tender_failure
from store.dataset import Dataset
from training.cluster_fit import ClusterFit
from training.counting import counted
from training.frame_checks import check_frame, happened
from training.frame_report import FrameReport
from training.measures import Figures, constant_figures, figures_of, flat, predicted_and_measured
from training.slices import Slices, cut
from training.split import Split, for_fitting, split_in_time
from training.trainable import missing_for

KEPT = 5_000
CHECKED_ROWS = 60_000
"""Latest rows of a frame in a file that are checked: a leak or a constant shows in as many."""


@dataclass(frozen=True)
class Fitted:
    """A model with what it was measured on.

    Attributes
    ----------
    figures
        Measures on the whole test part.
    slices, by_slice
        Slices of the test part that are told of, and the same measures of each.
    test_frame, predicted
        Features and predictions of the test part.
    example
        A few rows of the training frame, for signature and input example.
    learned
        At most :data:`KEPT` rows of the training frame, evenly spread, beside which later rows are pictured.
    checked
        What its feature frame was checked for before it was fitted.
    """

    model: Model
    split: Split
    figures: Figures
    slices: Slices
    by_slice: dict[str, Figures]
    test_frame: pd.DataFrame
    predicted: pd.DataFrame
    example: pd.DataFrame
    learned: pd.DataFrame
    checked: FrameReport


@dataclass(frozen=True)
class Prepared:
    """What a model is fitted and measured on.

    Attributes
    ----------
    split
        Both parts in time.
    outcome, frame
        Outcomes, with when they count, and features of what is fitted on.
    test_frame
        Features of the test part.
    learner
        Who learns boosters of all rows; by default LightGBM in this process.
    """

    dataset: Dataset
    name: ModelName
    split: Split
    outcome: pd.DataFrame
    frame: pd.DataFrame | FrameFile
    test_frame: pd.DataFrame
    learner: Learner | None = None

    def in_memory(self) -> pd.DataFrame:
        """The frame that is fitted on; of one in a file its latest rows."""
        return self.frame.tail(CHECKED_ROWS) if isinstance(self.frame, FrameFile) else self.frame


def fit_model(
    frames: FeatureFrames,
    name: ModelName,
    params: TrainingParams,
    test_from: datetime | None = None,
    test_until: datetime | None = None,
) -> Fitted:
    """Split, fit, calibrate, measure.

    Raises
    ------
    CannotTrain
        If there are too few outcomes or they are all alike.
    """
    return fit_prepared(prepare(frames, name, params, test_from, test_until), params)


def prepare(
    frames: FeatureFrames,
    name: ModelName,
    params: TrainingParams,
    test_from: datetime | None = None,
    test_until: datetime | None = None,
) -> Prepared:
    """Split, and compute the features of both parts."""
    split = split_in_time(frames.dataset, name, params, test_from, test_until)
    train = for_fitting(split.train, params)
    if params.beyond_memory:
        frame: pd.DataFrame | FrameFile = write_frame(frames.dataset, name, train.subjects)
    else:
        frame = frames.of(name, train.subjects)
    test_frame = frames.of(name, split.test.subjects)
    learner = None if frames.cluster is None else ClusterFit(frames.cluster)
    return Prepared(frames.dataset, name, split, counted(train), frame, test_frame, learner)


def fit_prepared(ready: Prepared, params: TrainingParams) -> Fitted:
    """Check the frame, fit, calibrate, measure.

    Nothing of the data set's tables is needed, so that others may be read meanwhile.
    """
    dataset, name, split, test_frame = ready.dataset, ready.name, ready.split, ready.test_frame
    checked = check_prepared(ready)
    model = _fit(name, dataset)(ready.frame, ready.outcome, params, ready.learner)
    predicted, of_distribution = predicted_and_measured(model, test_frame, split.test.outcome)
    slices = cut(name, split.test.subjects, test_frame)
    figures, by_slice = measured(dataset, name, slices, split.test.outcome, predicted)
    figures |= flat(constant_figures(name, split.train.outcome, split.test.outcome))
    figures |= flat(of_distribution)
    frame = ready.in_memory()
    learned = frame.iloc[:: -(-len(frame) // KEPT)]
    return Fitted(model, split, figures, slices, by_slice, test_frame, predicted, frame.tail(5), learned, checked)


def check_frames(dataset: Dataset, params: TrainingParams) -> tuple[dict[ModelName, FrameReport], dict[ModelName, str]]:
    """Check the frame of every model, its contract by the whole suite; and tell why others cannot be trained."""
    frames = FeatureFrames(dataset)
    reports, skipped = {}, {}
    for name in ModelName:
        try:
            if missing := missing_for(dataset, name):
                raise CannotTrain(missing)
            reports[name] = check_prepared(prepare(frames, name, params), whole=True)
        except CannotTrain as reason:
            skipped[name] = str(reason)
    return reports, skipped


def check_prepared(ready: Prepared, whole: bool = False) -> FrameReport:
    """What the features hold before anything is fitted on them; of stages at one instant the last, in both parts.

    Of a frame in a file the latest :data:`CHECKED_ROWS` are looked at; how many it were is in the report.
    """
    test, thresholds = ready.split.test, ready.dataset.manifest.severity.thresholds
    last = ~test.subjects.duplicated(["subject_id", "as_of"], keep="last").to_numpy()
    frame = ready.in_memory()
    outcome, what = happened(ready.name, ready.outcome.tail(len(frame)), thresholds)
    outcome_later, _ = happened(ready.name, test.outcome[last], thresholds)
    later = ready.test_frame[last].reset_index(drop=True)
    return check_frame(frame, later, outcome, outcome_later, what, whole)


def measured(
    dataset: Dataset, name: ModelName, slices: Slices, outcome: pd.DataFrame, predicted: pd.DataFrame
) -> tuple[Figures, dict[str, Figures]]:
    """Measures of predictions: pooled, and by slice."""
    thresholds = dataset.manifest.severity.thresholds
    by_slice = {
        key: flat(figures_of(name, outcome[rows], predicted[rows], thresholds)) for key, rows in slices.rows.items()
    }
    return flat(figures_of(name, outcome, predicted, thresholds)), by_slice


def _fit(
    name: ModelName, dataset: Dataset
) -> Callable[[pd.DataFrame, pd.DataFrame, TrainingParams, Learner | None], Model]:
    manifest = dataset.manifest
    if name is ModelName.ETA_RISK:
        return lambda frame, outcome, *how: fit_eta_risk(frame, outcome, manifest.late_after_min, *how)
    if name is ModelName.TENDER_FAILURE:
        return fit_tender_failure
    return lambda frame, outcome, *how: fit_severity(frame, outcome, manifest.severity.thresholds, *how)
