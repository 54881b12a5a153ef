"""Our models against one untuned LightGBM on real data: the same rows, the same test part, paired intervals.

``python -m benchmarks.quality FOLDER [SET…]`` reads imported data sets from FOLDER/<set> and prints the table.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score, roc_auc_score

from benchmarks.reference import Array, paired_bootstrap, reference_forms, reference_frame
from domain.moment import parse_moment
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from models.severity import severity_class
from store.dataset import Dataset, open_dataset
from training.fitting import Fitted, fit_model
from training.measures import CLASS_COLUMNS, predicted_class
from training.split import Part, for_fitting

Measure = Callable[[Array, Array], float]
BINARY: dict[str, Measure] = {
    "AUC": lambda y, p: float(roc_auc_score(y, p)) if 0 < y.mean() < 1 else float("nan"),
    "AP": lambda y, p: float(average_precision_score(y, p)) if y.any() else float("nan"),
    "Brier": lambda y, p: float(np.mean((p - y) ** 2)),
    "log loss": lambda y, p: float(np.mean(-np.log(np.clip(np.where(y > 0, p, 1 - p), 1e-9, 1)))),
}
CLASSES: dict[str, Measure] = {
    "QWK": lambda y, c: float(cohen_kappa_score(y, c, weights="quadratic")),
    "macro-F1": lambda y, c: float(f1_score(y, c, average="macro", zero_division=0)),
}
LOWER_IS_BETTER = ("Brier", "log loss")


@dataclass(frozen=True)
class Task:
    """One question on one data set.

    ``stage`` and ``test_from`` may be left open: every stage, and where ``lanewise train`` begins its test part.
    ``over`` asks for impacts above a threshold, ``withheld`` are tables not shown, ``published`` are the figures of
    somebody else's untuned LightGBM on the same data, whose rows and columns may differ a little from ours.
    """

    data: str
    asks: str
    model: ModelName
    stage: str | None
    test_from: str | None
    columns: str
    over: int | None = None
    withheld: tuple[str, ...] = ()
    published: tuple[tuple[str, float], ...] = ()

    @property
    def measures(self) -> dict[str, Measure]:
        """Of classes where all of them are asked for, of a probability otherwise."""
        return CLASSES if self.model is SEVERITY and self.over is None else BINARY

    @property
    def split_at(self) -> datetime | None:
        """``test_from`` as a moment."""
        return None if self.test_from is None else parse_moment(self.test_from)


ETA, TENDER, SEVERITY = ModelName.ETA_RISK, ModelName.TENDER_FAILURE, ModelName.SEVERITY
CARGO_FROM, FLIGHTS_FROM = "2020-04-24T23:00:00Z", "2013-10-01T04:00:00Z"
PLAN, WEATHER = "plan", "plan, weather"
TASKS = (
    Task(
        "cargo2000",
        "process late, plan only",
        ETA,
        "release",
        CARGO_FROM,
        PLAN,
        published=(("AUC", 0.754), ("AP", 0.616), ("Brier", 0.174)),
    ),
    Task(
        "cargo2000",
        "process late, after inbound legs",
        ETA,
        "HUB",
        CARGO_FROM,
        "plan, milestones so far",
        published=(("AUC", 0.868), ("AP", 0.823), ("Brier", 0.116)),
    ),
    Task("cargo2000-legs", "leg late", ETA, "release", CARGO_FROM, PLAN, published=(("AUC", 0.884), ("AP", 0.733))),
    Task(
        "flights",
        "late, schedule only",
        ETA,
        "release",
        FLIGHTS_FROM,
        PLAN,
        withheld=("signals",),
        published=(("AUC", 0.629),),
    ),
    Task(
        "flights",
        "late, with weather",
        ETA,
        "release",
        FLIGHTS_FROM,
        WEATHER,
        published=(("AUC", 0.694), ("AP", 0.412), ("Brier", 0.162)),
    ),
    Task(
        "flights",
        "late, after departure",
        ETA,
        "AF",
        FLIGHTS_FROM,
        "plan, weather, departure",
        published=(("AUC", 0.898),),
    ),
    Task("flights", "cancelled", TENDER, "offer", FLIGHTS_FROM, WEATHER, published=(("AUC", 0.849), ("AP", 0.115))),
    Task(
        "ttc-bus-delays",
        "> 20 min",
        SEVERITY,
        "raised",
        "2021-07-01T04:00:00Z",
        "incident",
        over=2,
        published=(("AUC", 0.866), ("AP", 0.648), ("Brier", 0.116)),
    ),
    Task(
        "ttc-bus-delays",
        "> 45 min",
        SEVERITY,
        "raised",
        "2021-07-01T04:00:00Z",
        "incident",
        over=3,
        published=(("AUC", 0.929), ("AP", 0.461), ("Brier", 0.033)),
    ),
    Task(
        "ttc-bus-delays",
        "four classes",
        SEVERITY,
        "raised",
        "2021-07-01T04:00:00Z",
        "incident",
        published=(("QWK", 0.555), ("macro-F1", 0.584)),
    ),
    Task(
        "yourcabs",
        "no car",
        TENDER,
        "offer",
        "2013-06-30T18:30:00Z",
        "booking",
        published=(("AUC", 0.812), ("AP", 0.202), ("Brier", 0.034)),
    ),
)


@dataclass(frozen=True)
class Line:
    """One measure of one task: ours, the reference's, the difference with its interval, the constant's Brier."""

    task: Task
    measure: str
    rows: int
    ours: float
    reference: float
    low: float
    high: float
    constant: float | None = None

    @property
    def verdict(self) -> str:
        """``better``, ``worse`` or ``no difference shown`` at 95 %."""
        sign = -1 if self.measure in LOWER_IS_BETTER else 1
        low, high = sorted((sign * self.low, sign * self.high))
        return "better" if low > 0 else "worse" if high < 0 else "no difference shown"

    def as_row(self) -> str:
        """A row of the Markdown table."""
        published = dict(self.task.published).get(self.measure, "–")
        constant = "" if self.constant is None else f" (constant {self.constant:.3f})"
        return (
            f"| {self.task.data} | {self.task.asks} | {self.task.stage} | {self.task.columns} | {self.rows:,} "
            f"| {self.measure} | {self.ours:.3f} | {self.reference:.3f}{constant} | {self.ours - self.reference:+.3f} "
            f"[{self.low:+.3f}, {self.high:+.3f}] | {self.verdict} | {published} |"
        )


HEADER = (
    "| data | question | stage | columns | test rows | measure | Lanewise | one untuned LightGBM, refitted "
    "| difference [95 %] | | published |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def lines_of(folder: Path, tasks: tuple[Task, ...]) -> Iterator[Line]:
    """Fit once per data set, model and view; compare task by task."""
    fitted: dict[tuple[str, ModelName, tuple[str, ...]], tuple[FeatureFrames, Fitted]] = {}
    for task in tasks:
        key = (task.data, task.model, task.withheld)
        if key not in fitted:
            frames = FeatureFrames(view(open_dataset(folder / task.data), task.withheld))
            fitted[key] = frames, fit_model(frames, task.model, TrainingParams(), task.split_at)
        yield from compare(task, *fitted[key])


def compare(task: Task, frames: FeatureFrames, fitted: Fitted) -> Iterator[Line]:
    """Refit the reference on the stage's training rows and measure both on the stage's test rows."""
    train, test = for_fitting(fitted.split.train, TrainingParams()), fitted.split.test
    learned, asked = rows_of(task, train), rows_of(task, test)
    known = reference_frame(frames, task.model, train.subjects[learned])
    later = reference_frame(frames, task.model, test.subjects[asked]).reindex(columns=known.columns)
    thresholds = frames.dataset.manifest.severity.thresholds
    y, z = target(task, train.outcome[learned], thresholds), target(task, test.outcome[asked], thresholds)
    said, forms = answer(task, fitted.predicted[asked]), reference_forms(known, y, later)
    if task.measures is CLASSES:
        yield from _lines(task, z, said, [form.argmax(axis=1).astype(float) for form in forms])
    else:
        yield from _lines(task, z, said, [form[:, 1] for form in forms], float(np.mean((z - y.mean()) ** 2)))


def _lines(task: Task, y: Array, ours: Array, forms: list[Array], constant: float | None = None) -> Iterator[Line]:
    for name, measure in task.measures.items():
        best = min if name in LOWER_IS_BETTER else max
        reference = best(forms, key=lambda form, measure=measure: measure(y, form))

        def difference(rows: NDArray[np.int64], measure: Measure = measure, reference: Array = reference) -> float:
            return measure(y[rows], ours[rows]) - measure(y[rows], reference[rows])

        low, high = paired_bootstrap(difference, y.size)
        base = constant if name == "Brier" else None
        yield Line(task, name, y.size, measure(y, ours), measure(y, reference), low, high, base)


def rows_of(task: Task, part: Part) -> NDArray[np.bool_]:
    """Which of n subjects a task asks of, shape (n,)."""
    stages = part.subjects["stage"]
    return np.asarray(stages.notna() if task.stage is None else stages == task.stage)


def target(task: Task, outcome: pd.DataFrame, thresholds: tuple[float, ...]) -> Array:
    """What came of n subjects, shape (n,): 1 or 0, or the number of a class."""
    if task.model is ETA:
        return outcome["late"].to_numpy(np.float64)
    if task.model is TENDER:
        return outcome["value"].to_numpy(np.float64)
    classes = severity_class(outcome["value"].to_numpy(np.float64), thresholds)
    return (classes if task.over is None else classes >= task.over).astype(np.float64)


def answer(task: Task, said: pd.DataFrame) -> Array:
    """What a model said of it, shape (n,): a probability, or the number of a class."""
    if task.measures is CLASSES:
        return predicted_class(said).astype(np.float64)
    if task.over is not None:
        return said[CLASS_COLUMNS[task.over :]].sum(axis=1).to_numpy()
    return said["p_late" if task.model is ETA else "p_fail"].to_numpy()


def view(dataset: Dataset, withheld: tuple[str, ...]) -> Dataset:
    """The data set without some tables."""
    tables = {name: stored for name, stored in dataset.description.tables.items() if name not in withheld}
    return Dataset(dataset.folder, replace(dataset.description, tables=tables))


if __name__ == "__main__":
    chosen = tuple(task for task in TASKS if not sys.argv[2:] or task.data in sys.argv[2:])
    print(HEADER)
    for line in lines_of(Path(sys.argv[1]), chosen):
        print(line.as_row(), flush=True)
