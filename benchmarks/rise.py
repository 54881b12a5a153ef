"""By how much the measures on real data changed since features were rebuilt, as means over seeds.

``python -m benchmarks.rise FOLDER [SET…]`` reads imported data sets from FOLDER/<set>, trains with every seed and
prints the table. LightGBM draws the columns of each tree by its seed: on a small set one draw can hide what features
brought.

What the figures are compared with, ``thin_engine.json``, was measured at 9f7cf76 with the same splits, seeds and
measures: :func:`seeds_of` ran on the code of that commit, and on data that it had imported itself.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.quality import (
    ETA,
    LOWER_IS_BETTER,
    SEVERITY,
    TASKS,
    TENDER,
    WEATHER,
    Task,
    answer,
    rows_of,
    target,
    view,
)
from domain.params import TrainingParams
from features.frame import FeatureFrames
from store.dataset import open_dataset
from training.fitting import Fitted, fit_prepared, prepare

SEEDS = (1, 2, 3)
RECORD = Path(__file__).with_name("thin_engine.json")
MAIN_JOB = (
    Task("flights", "late, all stages, as `lanewise train` splits", ETA, None, None, WEATHER),
    Task("flights", "cancelled, as `lanewise train` splits", TENDER, None, None, WEATHER),
    Task("flights", "four classes, as `lanewise train` splits", SEVERITY, None, None, WEATHER),
)
"""What ``make run`` trains of the flights."""


class Measure(NamedTuple):
    """One measure of one question on one data set."""

    data: str
    asks: str
    name: str


Values = dict[Measure, tuple[float, ...]]
"""Of each measure one value a seed, in the order of the seeds."""


@dataclass(frozen=True)
class Change:
    """What a measure was with the thin engine, ``then``, and is now; one value a seed."""

    measure: Measure
    then: tuple[float, ...]
    now: tuple[float, ...]

    @property
    def difference(self) -> float:
        """Of the means; above 0 where the measure rose."""
        return float(np.mean(self.now) - np.mean(self.then))

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` where the means differ by more than both spreads together."""
        if abs(self.difference) <= spread(self.then) + spread(self.now):
            return "within the spread"
        return "better" if (self.difference > 0) != (self.measure.name in LOWER_IS_BETTER) else "worse"

    def as_row(self) -> str:
        """A row of the Markdown table."""
        then, now = (f"{np.mean(values):.4f} ± {spread(values):.4f}" for values in (self.then, self.now))
        return f"| {' | '.join(self.measure)} | {then} | {now} | {self.difference:+.4f} | {self.verdict} |"


NOT_ON_RECORD = ("log loss",)
"""Measures by which the thin engine's models were not measured."""
HEADER = (
    "| data | question | measure | thin engine | now | change | beyond the spread of the seeds |\n"
    "|---|---|---|---|---|---|---|"
)


def spread(values: tuple[float, ...]) -> float:
    """Distance of the farthest seed from the mean of all."""
    return float(np.max(np.abs(np.asarray(values) - np.mean(values))))


def rows(then: Mapping[Measure, tuple[float, ...]], now: Mapping[Measure, tuple[float, ...]]) -> Iterator[str]:
    """A row for each measure there is now, in its order; all of them must be on record."""
    for measure, values in now.items():
        yield Change(measure, then[measure], values).as_row()


def seeds_of(folder: Path, tasks: tuple[Task, ...], seeds: tuple[int, ...] = SEEDS) -> Iterator[Values]:
    """Values of tasks; those with one model, view and split share a feature frame and its fits."""
    for _, alike in groupby(tasks, _fit_of):
        asked = list(alike)
        dataset = view(open_dataset(folder / asked[0].data), asked[0].withheld)
        ready = prepare(FeatureFrames(dataset), asked[0].model, TrainingParams(), asked[0].split_at)
        thresholds = dataset.manifest.severity.thresholds
        fits = [_measured(asked, fit_prepared(ready, TrainingParams(seed=seed)), thresholds) for seed in seeds]
        yield {measure: tuple(fit[measure] for fit in fits) for measure in fits[0]}


def read_record(text: str) -> Values:
    """Values from a record, in its order."""
    return {Measure(*names): tuple(values) for *names, values in json.loads(text)["values"]}


def written_record(commit: str, values: Values) -> str:
    """A record of what was measured at a commit, a line for each measure."""
    lines = ",\n".join(f"  {json.dumps([*measure, list(each)])}" for measure, each in values.items())
    return f'{{\n "commit": {json.dumps(commit)},\n "seeds": {list(SEEDS)},\n "values": [\n{lines}\n ]\n}}\n'


def _fit_of(task: Task) -> tuple[object, ...]:
    return task.data, task.model, task.withheld, task.split_at


def _measured(tasks: list[Task], fitted: Fitted, thresholds: tuple[float, ...]) -> dict[Measure, float]:
    found: dict[Measure, float] = {}
    for task in tasks:
        asked = rows_of(task, fitted.split.test)
        came = target(task, fitted.split.test.outcome[asked], thresholds)
        said = answer(task, fitted.predicted[asked])
        compared = {name: of for name, of in task.measures.items() if name not in NOT_ON_RECORD}
        found |= {Measure(task.data, task.asks, name): of(came, said) for name, of in compared.items()}
    return found


if __name__ == "__main__":
    recorded = read_record(RECORD.read_text(encoding="utf-8"))
    chosen = tuple(task for task in TASKS + MAIN_JOB if not sys.argv[2:] or task.data in sys.argv[2:])
    print(HEADER)
    for found in seeds_of(Path(sys.argv[1]), chosen):
        print(*rows(recorded, found), sep="\n", flush=True)
