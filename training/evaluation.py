"""A registered model on later data: every figure with its bootstrap interval, pooled and by slice; or two, paired."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
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
from models.shelf import OnShelf, Shelf, take
from store.current import CHALLENGER
from store.dataset import Dataset
from store.registry import Registry
from training.decided import Asking, Decided, decisions_cost
from training.evidence import ALL, Difference, Evidence, differences_of
from training.influence import numbered
from training.measures import Figures, figures_of, flat
from training.slices import MIN_SLICE_ROWS, Slices, cut
from training.split import part_of

DRAWS = 200
Interval = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """Figures of n subjects and, for each, the 95 % interval under resampling of the subjects."""

    figures: Figures
    intervals: dict[str, Interval]


@dataclass(frozen=True)
class Evaluation:
    """A version measured on subjects from ``begin`` on.

    ``left_out`` counts those without a known outcome, ``few`` the rows of slices that have too few to be told of.
    """

    name: str
    version: str
    begin: str
    pooled: Measured
    by_slice: dict[str, Figures]
    left_out: dict[str, int]
    few: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "from": self.begin,
            "metrics": self.pooled.figures,
            "intervals": {name: list(interval) for name, interval in self.pooled.intervals.items()},
            "by_slice": self.by_slice,
            "left_out": self.left_out,
            "slices_of_few_rows": self.few,
        }

    def summary(self) -> str:
        """The figures as lines."""
        lines = [f"{self.name} version {self.version}, subjects from {self.begin}"]
        for name, value in self.pooled.figures.items():
            low, high = self.pooled.intervals.get(name, (value, value))
            lines.append(f"  {name:24} {value:10.4f}  [{low:.4f}, {high:.4f}]")
        lines += [f"  left out: {count} {fate}" for fate, count in self.left_out.items()]
        main = "kappa" if "kappa" in self.pooled.figures else "auc"
        for name, figures in self.by_slice.items():
            said = f"{main} {figures[main]:.4f}" if main in figures else f"no {main}: all outcomes alike"
            lines.append(f"  {name:24} n {figures['n']:>8.0f}  {said}")
        if self.few:
            lines.append(f"  {len(self.few)} slices with fewer than {MIN_SLICE_ROWS} rows are left out")
        return "\n".join(lines)


@dataclass(frozen=True)
class Comparison:
    """Challenger minus champion on the same subjects, with the paired 95 % interval of each figure.

    ``judged`` has the proper scores, overall and by slice; ``fingerprint`` is of the data; ``decided`` is what
    decisions would have cost, where a simulated world could be asked.
    """

    champion: Evaluation
    challenger: Evaluation
    differences: dict[str, float]
    intervals: dict[str, Interval]
    judged: tuple[Difference, ...] = ()
    fingerprint: str = ""
    decided: Decided | None = None
    currency: str = ""

    @property
    def evidence(self) -> Evidence:
        """What a promotion is decided by."""
        kept = tuple(one for one in self.judged if one.where == ALL or one.worse)
        return Evidence(
            self.champion.version,
            self.champion.begin,
            int(self.champion.pooled.figures["n"]),
            self.fingerprint,
            kept,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "champion": self.champion.as_json(),
            "challenger": self.challenger.as_json(),
            "differences": self.differences,
            "intervals": {name: list(interval) for name, interval in self.intervals.items()},
            "judged": [asdict(one) for one in self.judged],
            "objections": self.evidence.objections(),
            "decisions": None if self.decided is None else {"currency": self.currency, **self.decided.as_json()},
        }

    def summary(self) -> str:
        """The differences as lines."""
        lines = [
            f"{self.challenger.name}: version {self.challenger.version} (challenger) minus "
            f"version {self.champion.version} (champion), subjects from {self.champion.begin}"
        ]
        for name, difference in self.differences.items():
            low, high = self.intervals[name]
            shown = "" if low <= 0 <= high else "  *"
            lines.append(f"  {name:24} {difference:+10.4f}  [{low:+.4f}, {high:+.4f}]{shown}")
        lines.append("  * the interval leaves out 0")
        if self.decided is not None:
            lines.append("what decisions by each would have cost in the simulated world, challenger minus champion")
            lines += self.decided.lines(self.currency)
        told = self.evidence.objections() or ["an improvement is shown, and no slice is significantly worse"]
        return "\n".join([*lines, *(f"to promote it: {line}" for line in told)])


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

    def evaluation(self, used: OnShelf, predicted: pd.DataFrame) -> Evaluation:
        """The whole report on one version."""
        draws = [self.resampled(predicted, rows) for rows in self.resamples()]
        by_slice = {key: self.figures(predicted, rows) for key, rows in self.slices.rows.items()}
        measured = Measured(self.figures(predicted), intervals(draws))
        left_out = self.part.left_out
        return Evaluation(
            used.name, used.version, self.begin.isoformat(), measured, by_slice, left_out, self.slices.few
        )

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
    test = TestPart(dataset, name, begin or datetime.fromisoformat(used.provenance.trained_until))
    return test.evaluation(used, test.said_by(used))


def compare(dataset: Dataset, registry: Registry, name: ModelName, asking: Asking | None = None) -> Comparison:
    """Champion and challenger on the same subjects: those that came after both had been trained.

    Parameters
    ----------
    asking
        A simulated world that says what decisions would have cost; nothing where there is none.

    Raises
    ------
    NotThere
        If there is no champion or no challenger.
    """
    shelf = Shelf(registry.home, dataset)
    champion = shelf.take(name, updated=False)
    challenger = shelf.take(name, registry.aliased(champion.name, CHALLENGER).version)
    ends = [datetime.fromisoformat(one.provenance.trained_until) for one in (champion, challenger)]
    test = TestPart(dataset, name, max(ends))
    said = [test.said_by(one) for one in (champion, challenger)]
    reports = [test.evaluation(one, predicted) for one, predicted in zip((champion, challenger), said, strict=True)]
    draws = [_minus(*(test.resampled(predicted, rows) for predicted in said)) for rows in test.resamples()]
    differences = _minus(reports[0].pooled.figures, reports[1].pooled.figures)
    models = (champion.model, challenger.model)
    return Comparison(
        reports[0],
        reports[1],
        flat(differences),
        intervals(draws),
        test.judged(said),
        dataset.fingerprint,
        test.decided(dataset, models, asking) if asking else None,
        dataset.manifest.currency,
    )


def resamples(subjects: pd.Series, seed: int = 1) -> list[NDArray[np.int64]]:
    """The same draws for everybody: rows of subjects drawn with replacement, all of a subject's rows together.

    Parameters
    ----------
    subjects
        Shape (n,): who each row is about.
    """
    codes, draw = numbered(subjects), np.random.default_rng(seed)
    order, counts = np.argsort(codes, kind="stable"), np.bincount(codes)
    begins, made = np.cumsum(counts) - counts, []
    for _ in range(DRAWS):
        drawn = draw.integers(0, counts.size, counts.size)
        many = counts[drawn]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        made.append(order[np.repeat(begins[drawn], many) + within])
    return made


def intervals(draws: list[Figures]) -> dict[str, Interval]:
    """95 % percentile interval of each figure over the draws that have it."""
    names = dict.fromkeys(name for figures in draws for name in figures if not name.startswith(("n", "base_rate")))
    found = {name: [figures[name] for figures in draws if name in figures] for name in names}
    return {
        name: (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) for name, values in found.items()
    }


def _minus(champion: Figures, challenger: Figures) -> Figures:
    shared = [name for name in champion if name in challenger and not name.startswith(("n", "base_rate"))]
    return {name: challenger[name] - champion[name] for name in shared}
