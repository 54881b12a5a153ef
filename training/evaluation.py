"""A registered model on later data: every figure with its bootstrap interval, pooled and by slice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.errors import CannotTrain
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from models.model import Model
from models.shelf import OnShelf, take
from store.dataset import Dataset
from training.decided import Asking, Decided, decisions_cost
from training.evidence import Difference, differences_of
from training.influence import MIN_SUBJECTS, half_width, influences_of, numbered
from training.measures import Figures, figures_of, flat
from training.slices import MIN_SLICE_ROWS, Slices, cut
from training.split import part_of

DRAWS = 200
Interval = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """Figures of n rows; of each but counts the 95 % interval under resampling of the subjects, if they suffice."""

    figures: Figures
    intervals: dict[str, Interval]


@dataclass(frozen=True)
class Evaluation:
    """A version measured on subjects from ``begin`` on of ``data``, which says whether it is simulated.

    ``left_out`` counts those without a known outcome, ``few`` the rows of slices that have too few to be told of,
    ``seen`` the rows from before the moment until which it learned, whose figures flatter it.
    """

    name: str
    version: str
    data: str
    begin: str
    pooled: Measured
    by_slice: dict[str, Figures]
    left_out: dict[str, int]
    few: dict[str, int] = field(default_factory=dict)
    seen: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "data": self.data,
            "from": self.begin,
            "metrics": self.pooled.figures,
            "intervals": {name: list(interval) for name, interval in self.pooled.intervals.items()},
            "by_slice": self.by_slice,
            "left_out": self.left_out,
            "slices_of_few_rows": self.few,
            "rows_it_may_have_learned_from": self.seen,
        }

    def summary(self) -> str:
        """The figures as lines."""
        lines = [f"{self.name} version {self.version} on {self.data}, subjects from {self.begin}"]
        if self.seen:
            told = "from before it had done learning, which flatters it"
            lines.append(f"  {self.seen:,} of {self.pooled.figures['n']:,.0f} rows are {told}")
        lines += [self._figure(name, value) for name, value in self.pooled.figures.items()]
        lines += [f"  left out: {count} {fate}" for fate, count in self.left_out.items()]
        main = "kappa" if "kappa" in self.pooled.figures else "auc"
        for name, figures in self.by_slice.items():
            said = f"{main} {figures[main]:.4f}" if main in figures else f"no {main}: all outcomes alike"
            lines.append(f"  {name:24} n {figures['n']:>8.0f}  {said}")
        if self.few:
            lines.append(f"  {len(self.few)} slices with fewer than {MIN_SLICE_ROWS} rows are left out")
        return "\n".join(lines)

    def _figure(self, name: str, value: float) -> str:
        """A figure with its interval, if it has one."""
        low_high = self.pooled.intervals.get(name)
        return f"  {name:24} {value:10.4f}" + ("" if low_high is None else f"  [{low_high[0]:.4f}, {low_high[1]:.4f}]")


class TestPart:
    """Subjects from a moment on with their known outcomes and features, on which versions are measured."""

    __test__ = False

    def __init__(self, dataset: Dataset, name: ModelName, begin: datetime) -> None:
        subjects = all_subjects(dataset, name)
        later = subjects[subjects["as_of"] >= pd.Timestamp(begin)].reset_index(drop=True)
        cut_off = dataset.manifest.cut_off
        assert cut_off is not None, "an opened data set has a cut-off"
        self.name, self.begin = name, begin
        self.part = part_of(dataset, name, later, cut_off)
        if not len(self.part):
            raise CannotTrain(f"no subject from {begin.isoformat()} on has a known outcome; give an earlier --from")
        self.frame = FeatureFrames(dataset).of(name, self.part.subjects)
        self._dataset, self._thresholds = dataset, dataset.manifest.severity.thresholds

    def said_by(self, used: OnShelf) -> pd.DataFrame:
        """What a version predicts, from features as it saw them in training."""
        dataset = used.asked_of(self._dataset)
        if dataset is self._dataset:
            return used.model.predict(self.frame)
        return used.model.predict(FeatureFrames(dataset).of(self.name, self.part.subjects))

    def figures(self, predicted: pd.DataFrame, rows: Any = slice(None)) -> Figures:
        """Figures of some of the subjects."""
        return flat(figures_of(self.name, self.part.outcome[rows], predicted[rows], self._thresholds))

    def evaluation(self, name: str, version: str, predicted: pd.DataFrame) -> Evaluation:
        """The whole report on one version, which the registry names so."""
        draws = [self.resampled(predicted, rows) for rows in self.resamples()]
        by_slice = {key: self.figures(predicted, rows) for key, rows in self.slices.rows.items()}
        measured = Measured(self.figures(predicted), intervals(draws))
        data, few = self._dataset.manifest.title, self.slices.few
        return Evaluation(name, version, data, self.begin.isoformat(), measured, by_slice, self.part.left_out, few)

    @cached_property
    def slices(self) -> Slices:
        """The subjects' slices."""
        return cut(self.name, self.part.subjects, self.frame)

    def resamples(self) -> list[NDArray[np.int64]]:
        """The same draws for everybody."""
        return resamples(self.part.subjects["subject_id"])

    def resampled(self, predicted: pd.DataFrame, rows: np.ndarray[Any, Any]) -> Figures:
        """Figures of subjects drawn with replacement."""
        return figures_of(self.name, self.part.outcome.iloc[rows], predicted.iloc[rows], self._thresholds)

    def half_widths(self, said: Sequence[pd.DataFrame]) -> dict[str, float]:
        """Half the 95 % interval of each figure's difference between two predictions; NaN with too few subjects."""
        moved = [influences_of(self.name, self.part.outcome, one, self._thresholds) for one in said]
        codes = numbered(self.part.subjects["subject_id"])
        return {name: half_width(moved[1][name] - moved[0][name], codes) for name in moved[0] if name in moved[1]}

    def judged(self, said: Sequence[pd.DataFrame]) -> tuple[Difference, ...]:
        """Proper scores of the second prediction against the first, overall and by slice."""
        whose = self.part.subjects["subject_id"]
        return differences_of(self.name, self.part.outcome, said, whose, self.slices.rows, self._thresholds)

    def decided(self, dataset: Dataset, versions: Sequence[Model], asking: Asking) -> Decided | None:
        """What decisions by two versions would have cost, overall and by slice."""
        return decisions_cost(dataset, versions, self.part.subjects, self.frame, self.slices.rows, asking)


def evaluate(
    dataset: Dataset, home: Path, name: ModelName, version: str | None = None, begin: datetime | None = None
) -> Evaluation:
    """Measure a version, by default the champion, on subjects from ``begin``, by default where its training ended.

    As it was trained: an update has seen outcomes of these subjects.
    """
    used = take(home, dataset, name, version, updated=False)
    end = datetime.fromisoformat(used.provenance.trained_until)
    test = TestPart(dataset, name, begin or end)
    seen = int((test.part.subjects["as_of"] < pd.Timestamp(end)).sum())
    return replace(test.evaluation(used.name, used.version, test.said_by(used)), seen=seen)


def resamples(subjects: pd.Series, seed: int = 1) -> list[NDArray[np.int64]]:
    """The same draws for everybody: rows of subjects drawn with replacement, all of a subject's rows together.

    Parameters
    ----------
    subjects
        Shape (n,): who each row is about. Fewer than :data:`~training.influence.MIN_SUBJECTS` are not drawn from.
    """
    codes, draw = numbered(subjects), np.random.default_rng(seed)
    order, counts = np.argsort(codes, kind="stable"), np.bincount(codes)
    if counts.size < MIN_SUBJECTS:
        return []
    begins, made = np.cumsum(counts) - counts, []
    for _ in range(DRAWS):
        drawn = draw.integers(0, counts.size, counts.size)
        many = counts[drawn]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        made.append(order[np.repeat(begins[drawn], many) + within])
    return made


def intervals(draws: list[Figures]) -> dict[str, Interval]:
    """95 % percentile interval of each figure over the draws that have it."""
    names = dict.fromkeys(name for figures in draws for name in figures if not name.startswith("n"))
    found = {name: [figures[name] for figures in draws if name in figures] for name in names}
    return {
        name: (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) for name, values in found.items()
    }
