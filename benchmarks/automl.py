"""Our models beside FLAML's AutoML: the same rows, the same features, and how long each took to fit.

``python -m benchmarks.automl FOLDER PYTHON SECONDS [SET…]`` reads imported data sets from FOLDER/<set>; PYTHON is the
interpreter of another environment that has FLAML (`tools/automl_environment.sh`), which gets SECONDS a task.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.quality import BINARY, TASKS, Task, answer, rows_of, target, view
from benchmarks.reference import Array, paired_bootstrap
from domain.params import TrainingParams
from features.frame import FeatureFrames
from store.dataset import open_dataset
from training.fitting import Prepared, fit_prepared, prepare

FLAML = Path(__file__).with_name("automl_flaml.py")
HEADER = (
    "| data | question | stage | test rows | AUC ours | AUC FLAML | difference [95 %] | log loss ours | log loss FLAML "
    "| s ours | s FLAML | its best learner |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Said:
    """Probabilities of the test rows, how long the fit took, and what was fitted."""

    p: Array
    seconds: float
    learner: str


def lines_of(folder: Path, python: str, seconds: int, tasks: tuple[Task, ...]) -> Iterator[str]:
    """A row for each yes-or-no question."""
    for task in tasks:
        dataset = view(open_dataset(folder / task.data), task.withheld)
        ready = prepare(FeatureFrames(dataset), task.model, TrainingParams(), task.split_at)
        asked, thresholds = rows_of(task, ready.split.test), dataset.manifest.severity.thresholds
        y = target(task, ready.split.test.outcome[asked], thresholds)
        begun = time.perf_counter()
        fitted = fit_prepared(ready, TrainingParams())
        ours = Said(answer(task, fitted.predicted[asked]), time.perf_counter() - begun, "")
        theirs = _flaml(python, seconds, task, ready, asked, thresholds)
        yield _row(task, y, ours, theirs)


def _flaml(python: str, seconds: int, task: Task, ready: Prepared, asked: Array, thresholds: tuple[float, ...]) -> Said:
    """Every row and feature that ours learned from, in the order of time; asked about the task's test rows."""
    with tempfile.TemporaryDirectory() as where:
        place = Path(where)
        train, test = ready.frame, ready.test_frame[asked]
        train.assign(_y=target(task, ready.outcome, thresholds)).to_parquet(place / "train.parquet")
        test.reindex(columns=train.columns).to_parquet(place / "test.parquet")
        subprocess.run([python, str(FLAML), where, str(seconds)], check=True, stdout=subprocess.DEVNULL)
        told = json.loads((place / "told.json").read_text(encoding="utf-8"))
        p = pd.read_parquet(place / "said.parquet")["p"].to_numpy()
    return Said(p, told["seconds"], told["learner"])


def _row(task: Task, y: Array, ours: Said, theirs: Said) -> str:
    auc = BINARY["AUC"]
    low, high = paired_bootstrap(lambda rows: auc(y[rows], ours.p[rows]) - auc(y[rows], theirs.p[rows]), y.size)
    aucs = [float(roc_auc_score(y, one.p)) for one in (ours, theirs)]
    losses = [float(log_loss(y, np.clip(one.p, 1e-9, 1 - 1e-9))) for one in (ours, theirs)]
    return (
        f"| {task.data} | {task.asks} | {task.stage} | {y.size:,} | {aucs[0]:.4f} | {aucs[1]:.4f} "
        f"| {aucs[0] - aucs[1]:+.4f} [{low:+.4f}, {high:+.4f}] | {losses[0]:.4f} | {losses[1]:.4f} "
        f"| {ours.seconds:.0f} | {theirs.seconds:.0f} | {theirs.learner} |"
    )


if __name__ == "__main__":
    chosen = [task for task in TASKS if task.measures is BINARY and (not sys.argv[4:] or task.data in sys.argv[4:])]
    print(HEADER)
    for line in lines_of(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), tuple(chosen)):
        print(line, flush=True)
