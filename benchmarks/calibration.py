"""How probabilities are kept on the test part: as trained, and with the calibrator updated every day.

``python -m benchmarks.calibration FOLDER SET…`` reads data sets from FOLDER/<set>, trains each model as ``lanewise
train`` does, and prints Markdown. Every subject is told under the shift in force on the day it is asked about.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from store.dataset import open_dataset
from training.day_by_day import told_day_by_day
from training.fitting import fit_model
from training.following import Since, follow_heads, since_training
from training.measures import slices_of
from training.question import question_of
from training.reliability import reliability_by_slice, reliability_of
from training.trainable import missing_for

HEADER = (
    "| data | model | asks | rows | calibrator | error | beyond chance | bias | log loss | "
    "slices outside their band |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def calibration(folder: Path, data: str) -> Iterator[str]:
    """Two rows a model: as trained, and updated daily."""
    dataset = open_dataset(folder / data)
    frames = FeatureFrames(dataset)
    assert dataset.manifest.cut_off is not None, "an opened data set has a cut-off"
    end, thresholds = dataset.manifest.cut_off, dataset.manifest.severity.thresholds
    for name in (one for one in ModelName if not missing_for(dataset, one)):
        try:
            fitted = fit_model(frames, name, TrainingParams())
        except CannotTrain as reason:
            yield f"| {data} | {name} | not trained: {reason} | | | | | | | |"
            continue
        since = since_training(frames, name, fitted.split.test_from.to_pydatetime(), end)
        followed, bounds = follow_heads(fitted.model, since, end), dataset.manifest.calibration
        kinds = ", ".join(sorted({head.calibrator.kind for head in fitted.model.heads.values()}))
        ways = {f"as trained ({kinds})": fitted.model.predict(since.frame)}
        ways["updated daily"] = told_day_by_day(fitted.model, since, followed, bounds)
        for called, predicted in ways.items():
            yield f"| {data} | {name} | {_figures(name, since, predicted, thresholds, called)} |"


def _figures(name: ModelName, since: Since, predicted: pd.DataFrame, thresholds: tuple[float, ...], called: str) -> str:
    part = since.part
    asked = question_of(name, part.outcome, predicted, thresholds)
    whose = part.subjects["subject_id"].to_numpy()
    told = reliability_of(asked.y, asked.p, whose)
    sliced = reliability_by_slice(asked.y, asked.p, slices_of(name, part.subjects, since.frame), whose)
    outside = [where for where, one in sliced.items() if not one.inside]
    p = np.clip(asked.p, 1e-9, 1 - 1e-9)
    lost = -np.mean(asked.y * np.log(p) + (1 - asked.y) * np.log1p(-p))
    figures = f"{told.error:.4f} | {told.excess:+.4f} | {told.bias:+.4f} | {lost:.4f}"
    listed = f" ({', '.join(outside)})" if outside else ""
    return f"{asked.words} | {told.rows:,} | {called} | {figures} | {len(outside)} of {len(sliced)}{listed}"


if __name__ == "__main__":
    print(HEADER, flush=True)
    for chosen in sys.argv[2:]:
        for line in calibration(Path(sys.argv[1]), chosen):
            print(line, flush=True)
