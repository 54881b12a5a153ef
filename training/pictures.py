"""The pictures of one training run."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from domain.manifest import Manifest
from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from training.fitting import Fitted
from training.influence import half_width, numbered
from training.plots import coverage_plot, lift_plot, precision_plot, reliability_plot, roc_plot
from training.question import question_of

FOLDER = "plots"
MIN_STAGE_ROWS = 200
"""With fewer rows a stage's coverage is left out of the picture: it would be noise."""


def write_plots(fitted: Fitted, manifest: Manifest, folder: Path) -> dict[str, str]:
    """Write every picture below a folder; return the words of each by its path there."""
    (folder / FOLDER).mkdir(parents=True)
    words = {}
    for name, told, figure in _figures(fitted, manifest):
        words[f"{FOLDER}/{name}.png"] = told
        figure.savefig(folder / FOLDER / f"{name}.png")
    return words


def _figures(fitted: Fitted, manifest: Manifest) -> Iterator[tuple[str, str, Figure]]:
    """Name, words and figure of the model's binary question on the test part, and of its quantiles."""
    asked = question_of(fitted.model.name, fitted.split.test.outcome, fitted.predicted, manifest.severity.thresholds)
    of = manifest.labelled(asked.words)
    said = {str(fitted.model.name): asked.p}
    if 0 < asked.y.mean() < 1:
        yield "reliability", f"{of}: reliability", reliability_plot(asked.y, said, f"{of}: reliability on later data")
        yield "roc", f"{of}: ROC", roc_plot(asked.y, said, f"{of}: ROC on later data")
        title = f"{of}: precision and recall"
        yield "precision_recall", f"{of}: precision and recall", precision_plot(asked.y, said, title)
        yield "lift", f"{of}: lift", lift_plot(asked.y, said, f"{of}: lift on later data")
    if fitted.model.name is ModelName.ETA_RISK:
        of = manifest.labelled("delay")
        yield "coverage", f"{of}: coverage of the quantiles", _coverage(fitted, f"{of}: coverage on later data")


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
