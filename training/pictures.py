"""The pictures of one training run."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from domain.manifest import Manifest
from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from training.card import Picture
from training.card_measures import slice_words
from training.dependence import dependence_plot, importance_plot
from training.drift_plot import drift_plot
from training.fitting import Fitted
from training.importance import LookedAt
from training.influence import half_width, numbered
from training.plots import (
    coverage_plot,
    lift_plot,
    precision_plot,
    reliability_panels,
    reliability_plot,
    roc_plot,
)
from training.question import Question, question_of
from training.slices import AND

FOLDER = "plots"
MIN_STAGE_ROWS = 200
"""With fewer rows a stage's coverage, or a slice's reliability, is left out of the picture: it would be noise."""
MOST_SLICES = 8
Drawing = tuple[str, str, Figure, bool]
"""Name, words and figure of a picture, and whether it is a wide one."""


@dataclass(frozen=True)
class Drawn:
    """Pictures by what they are of: measures on later data, what the model looks at, drift of its columns."""

    measures: tuple[Picture, ...]
    looks: tuple[Picture, ...]
    drift: tuple[Picture, ...]


def write_plots(fitted: Fitted, looked: LookedAt, manifest: Manifest, folder: Path) -> Drawn:
    """Write every picture below a folder."""
    (folder / FOLDER).mkdir(parents=True)

    def written(drawings: Iterator[Drawing]) -> tuple[Picture, ...]:
        return tuple(_written(drawing, folder) for drawing in drawings)

    measures, looks, drift = (
        _measures(fitted, manifest), _looks(looked, manifest), _drift(fitted, manifest)
    )  # fmt: skip
    return Drawn(written(measures), written(looks), written(drift))


def _written(drawing: Drawing, folder: Path) -> Picture:
    name, words, figure, wide = drawing
    path = f"{FOLDER}/{name}.png"
    figure.savefig(folder / path)
    return Picture(path, words, wide)


def _measures(fitted: Fitted, manifest: Manifest) -> Iterator[Drawing]:
    """Of the model's binary question on the test part, and of its quantiles."""
    asked = question_of(fitted.model.name, fitted.split.test.outcome, fitted.predicted, manifest.severity.thresholds)
    of = manifest.labelled(asked.words)
    said = {str(fitted.model.name): asked.p}
    if 0 < asked.y.mean() < 1:
        later = f"{of}: reliability on later data"
        yield "reliability", f"{of}: reliability", reliability_plot(asked.y, said, later), False
        yield "roc", f"{of}: ROC", roc_plot(asked.y, said, f"{of}: ROC on later data"), False
        title = f"{of}: precision and recall"
        yield "precision_recall", title, precision_plot(asked.y, said, title), False
        yield "lift", f"{of}: lift", lift_plot(asked.y, said, f"{of}: lift on later data"), False
        yield from _by_slice(fitted, asked, of)
    if fitted.model.name is ModelName.ETA_RISK:
        of = manifest.labelled("delay")
        yield "coverage", f"{of}: coverage of the quantiles", _coverage(fitted, f"{of}: coverage on later data"), False


def _by_slice(fitted: Fitted, asked: Question, of: str) -> Iterator[Drawing]:
    """Reliability of the largest slices by one thing."""
    slices = fitted.slices.rows
    large = {name: rows for name, rows in slices.items() if AND not in name and rows.sum() >= MIN_STAGE_ROWS}
    chosen = sorted(large, key=lambda name: -large[name].sum())[:MOST_SLICES]
    if chosen:
        title = f"{of}: reliability by slice on later data, 95 % intervals"
        parts = {slice_words(name): (asked.y[rows], asked.p[rows]) for name, rows in large.items() if name in chosen}
        yield "reliability_by_slice", f"{of}: reliability by slice", reliability_panels(parts, title), True


def _looks(looked: LookedAt, manifest: Manifest) -> Iterator[Drawing]:
    """Importance of columns and dependence on them; nothing where the model looks at none."""
    if looked.foremost(1):
        of = manifest.labelled(looked.question)
        title = f"{of}: what moves the model, mean over {looked.explained}"
        yield "importance", title, importance_plot(looked, title), True
        title = f"{of}: how the model depends on its foremost columns, {looked.explained}"
        yield "dependence", title, dependence_plot(looked, title), True


def _drift(fitted: Fitted, manifest: Manifest) -> Iterator[Drawing]:
    title = f"{manifest.labelled(str(fitted.model.name))}: columns distributed otherwise later than in learning"
    figure = drift_plot(fitted.learned, fitted.test_frame, fitted.checked, title)
    yield "drift", title, figure, True


def _coverage(fitted: Fitted, title: str) -> Figure:
    """How far the share of delays below each quantile is from its level: overall, and at each stage."""
    subjects = fitted.split.test.subjects
    quantiles = fitted.predicted[[quantile_column(level) for level in QUANTILE_LEVELS]].to_numpy()
    below = fitted.split.test.outcome["value"].to_numpy(np.float64)[:, None] <= quantiles
    codes = numbered(subjects["subject_id"])
    half = np.array([half_width((one - one.mean()) / one.size, codes) for one in below.T.astype(np.float64)])
    stages = subjects["stage"].to_numpy()
    names, counts = np.unique(stages.astype(str), return_counts=True)
    shown = {str(name): below[stages == name].mean(axis=0) for name in names[counts >= MIN_STAGE_ROWS]}
    return coverage_plot(QUANTILE_LEVELS, {"all, 95 % interval": below.mean(axis=0), **shown}, half, title)
