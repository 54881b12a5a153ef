"""A model's base rates followed, stage by stage, over outcomes that became known after it was trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from models.calibration.following import Days, Known, Path, by_stage, follow
from models.calibration.shift import UNSHIFTED, Shifts, shifts_of
from models.model import Model
from store.dataset import Dataset
from training.counting import EPOCH, Waits, counted, day_of, waits_of
from training.split import Part, part_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Since:
    """Subjects asked about since training whose outcome is known, with their features.

    ``part`` has the columns ``counts_day`` and ``counts_weight`` among its outcomes.
    """

    part: Part
    frame: pd.DataFrame


@dataclass(frozen=True)
class Followed:
    """One head over outcomes since training.

    Attributes
    ----------
    log_odds, outcome, weight
        Shape (n,), as trained; in the order of as_of.
    asked, counts
        Shape (n,): day on which each was asked about, and on which its outcome counts.
    stages
        Shape (n,): at which it was asked about.
    paths
        By stage, the shift in force on each day.
    until_day
        The day up to which it was followed.
    """

    log_odds: Array
    outcome: Array
    weight: Array
    asked: Days
    counts: Days
    stages: NDArray[np.str_]
    paths: Mapping[str, Path]
    until_day: int

    @property
    def shift(self) -> Shifts:
        """What is in force on the last day."""
        return self.on(self.until_day)

    def on(self, day: int) -> Shifts:
        """What is in force on a day."""
        return shifts_of({stage: path.on(day) for stage, path in self.paths.items()})

    @property
    def served(self) -> Array:
        """Log-odds under what was in force on the day when each was asked about, shape (n,)."""
        made = self.log_odds.copy()
        for stage, path in self.paths.items():
            rows = self.stages == stage
            made[rows] = path.at(self.log_odds[rows], self.asked[rows])
        return made

    @property
    def outcomes(self) -> float:
        """Subjects whose outcome counted before that day."""
        return float(self.weight[self.counts < self.until_day].sum())

    def log_loss(self) -> tuple[float, float]:
        """Mean log loss of the outcomes that counted: as trained, and under the shift of the day each was asked."""
        used = self.counts < self.until_day
        weight = self.weight[used]
        lost = [(np.logaddexp(0, one) - self.outcome * one)[used] for one in (self.log_odds, self.served)]
        before, after = (float(np.sum(one * weight) / max(weight.sum(), 1e-12)) for one in lost)
        return before, after


def since_training(frames: FeatureFrames, name: ModelName, begin: datetime, as_of: datetime) -> Since:
    """Subjects with begin ≤ as_of < ``as_of`` and an outcome known by then; nothing known later is read."""
    subjects = all_subjects(frames.dataset, name)
    asked = subjects["as_of"]
    later = subjects[(asked >= pd.Timestamp(begin)) & (asked < pd.Timestamp(as_of))].reset_index(drop=True)
    part = part_of(frames.dataset, name, later, as_of)
    waits = _waits(frames.dataset, name, subjects[asked < pd.Timestamp(begin)].reset_index(drop=True), as_of)
    part = Part(part.subjects, counted(part, waits), part.left_out)
    return Since(part, frames.of(name, part.subjects))


def follow_heads(model: Model, since: Since, as_of: datetime) -> Mapping[str, Followed]:
    """Follow every head of a model as trained up to the day of ``as_of`` (UTC)."""
    X, stages = model.encoder.matrix(since.frame), since.frame["stage"].to_numpy().astype(str)
    outcome, until = since.part.outcome, int((pd.Timestamp(as_of) - EPOCH) // pd.Timedelta(days=1))
    asked, counts = (
        column.to_numpy(np.int64) for column in (day_of(since.part.subjects["as_of"]), outcome["counts_day"])
    )
    weight, order = outcome["counts_weight"].to_numpy(np.float64), np.argsort(counts, kind="stable")
    answers, made = model.answers(outcome), {}
    for name, head in model.heads.items():
        said, came = head.shifted(UNSHIFTED).log_odds(X, stages), answers[name]
        known = by_stage(Known(said, came, counts, weight).rows(order), stages[order])
        paths = {stage: follow(one, head.forgetting, until) for stage, one in known.items()}
        made[name] = Followed(said, came, weight, asked, counts, stages, paths, until)
    return made


def _waits(dataset: Dataset, name: ModelName, earlier: pd.DataFrame, as_of: datetime) -> Waits:
    """How long outcomes take, from subjects that the model was trained on."""
    return waits_of(part_of(dataset, name, earlier, as_of))
