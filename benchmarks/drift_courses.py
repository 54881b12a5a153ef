"""Courses of predictions and outcomes for drift: subjects of a simulated network, drawn day by day, outcomes redrawn.

Predictions are the ideal forecaster's, so an undisturbed course is calibrated by construction. The stages of one
shipment share one outcome, drawn from the last stage's probability.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from decisions.pricing import costs_in_force
from domain.params import CostParams, DriftParams
from domain.predictions import ID_COLUMNS, ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from simulator.simulate import TRUTH
from store.dataset import Dataset
from training.drift.betting import Books, Tolerance, open_books
from training.drift.decision import decision_at
from training.drift.slices import Stream, centres_of, members, stage_places, streams_of
from training.drift.stakes import failure_costs
from training.drift.tolerance import bounds_of
from training.drift.watch import Evidence, watch
from training.drift.watched import log_odds
from training.split import part_of

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
IDEAL = {
    ModelName.ETA_RISK: ("p_ideal",),
    ModelName.TENDER_FAILURE: ("p_ideal",),
    ModelName.SEVERITY: ("p_ideal_major", "p_ideal_critical"),
}


@dataclass(frozen=True)
class Pool:
    """Subjects to draw from.

    Attributes
    ----------
    frame, margin, failure
        Features, ideal log-odds and money that a failure costs of m rows, those of one subject side by side in the
        order of their stages.
    begin, count
        First row of each of s subjects, and how many rows it has.
    streams, bounds
        What is judged apart, and what each stream tolerates.
    daily
        Outcomes that become known on each day of the network's year, shape (days,).
    """

    model: ModelName
    frame: pd.DataFrame
    margin: Array
    failure: Array
    begin: Rows
    count: Rows
    streams: tuple[Stream, ...]
    bounds: Tolerance
    daily: Rows

    @property
    def last(self) -> Rows:
        """Last row of each subject, shape (s,)."""
        return self.begin + self.count - 1

    def is_(self, column: str, value: str) -> NDArray[np.bool_]:
        """Which subjects have a value, shape (s,)."""
        return np.asarray((self.frame[column].iloc[self.last] == value).to_numpy(bool))

    def most(self, column: str) -> str:
        """The most frequent value of a column."""
        return str(self.frame[column].mode()[0])


def pool_of(dataset: Dataset, model: ModelName, params: DriftParams) -> Pool:
    """The subjects whose ideal probabilities are known."""
    truth = pd.read_parquet(Path(dataset.folder) / TRUTH / f"{model}.parquet")
    truth = truth.assign(p=truth[list(IDEAL[model])].sum(axis=1))
    subjects = all_subjects(dataset, model)
    asked = subjects.merge(truth[["subject_id", "stage", "p"]], on=["subject_id", "stage"])
    asked = asked.sort_values(["subject_id", "as_of"], kind="stable").reset_index(drop=True)
    frame, margin = FeatureFrames(dataset).of(model, asked), log_odds(asked["p"].to_numpy())
    _, begin, count = np.unique(asked["subject_id"].to_numpy(str), return_index=True, return_counts=True)
    known = part_of(dataset, model, subjects, dataset.manifest.cut_off)
    costs = costs_in_force(dataset.manifest.costs, CostParams())
    failure = failure_costs(model, frame, known.outcome, costs, dataset.manifest.severity.thresholds)
    streams = streams_of(frame)
    bounds = bounds_of(decision_at(costs), streams, frame, margin, failure, params.tolerated_share)
    ended = known.outcome["known_at"][~known.subjects.duplicated(ID_COLUMNS[model])]
    daily = ended.dt.floor("D").value_counts().sort_index().to_numpy()
    return Pool(model, frame, margin, failure, begin, count, streams, bounds, daily)


@dataclass(frozen=True)
class Course:
    """Days of predictions whose outcomes are drawn again and again.

    Attributes
    ----------
    who, day
        Subject of the pool and day on which its outcome becomes known, of each of n drawn, shape (n,).
    """

    pool: Pool
    who: Rows
    day: Rows
    days: int
    books: Books
    drawn: Rows

    def follow(self, happened: NDArray[np.bool_], params: DriftParams) -> Evidence:
        """Evidence of R repetitions; ``happened`` has shape (R, n)."""
        outcomes = happened[:, self.drawn].astype(float)
        return watch(self.books, outcomes, params.alarm_every_days)

    def outcomes(self, random: np.random.Generator, repeated: int, shift: Array | float = 0.0) -> NDArray[np.bool_]:
        """Outcomes of R repetitions with log-odds off by ``shift``, broadcast to (R, n)."""
        true = expit(self.pool.margin[self.pool.last[self.who]] + shift)
        return random.random((repeated, self.who.size)) < true


Weights = Callable[[Pool, int], Array]
"""How likely each subject of a pool is to be drawn on a day, shape (s,); they need not sum to 1."""


def course_of(
    pool: Pool,
    random: np.random.Generator,
    days: int,
    volume: Callable[[int], float] = lambda day: 1.0,
    weights: Weights | None = None,
) -> Course:
    """Draw the subjects of some days: as many as became known on a stretch of the network's own year."""
    begin = int(random.integers(30, max(len(pool.daily) - 60, 31)))
    counts = [round(pool.daily[30 + (begin + day) % (len(pool.daily) - 60)] * volume(day)) for day in range(days)]
    who = np.concatenate([_drawn(pool, random, day, many, weights) for day, many in enumerate(counts)])
    day = np.repeat(np.arange(days), counts)
    return laid_out(pool, who, day, days)


def laid_out(pool: Pool, who: Rows, day: Rows, days: int) -> Course:
    """A course of given subjects: all their stages are judged on the day that the outcome becomes known."""
    drawn = np.repeat(np.arange(who.size), pool.count[who])
    step = np.arange(drawn.size) - np.repeat(np.cumsum(pool.count[who]) - pool.count[who], pool.count[who])
    rows = pool.begin[who][drawn] + step
    member = members(pool.streams, pool.frame)[:, rows]
    weight = np.array([stream.weight for stream in pool.streams])
    centre = centres_of(pool.streams, pool.frame, pool.margin)
    stage = stage_places(pool.streams)
    books = open_books(pool.bounds, weight, centre, stage, pool.margin[rows], day[drawn], member, days)
    return Course(pool, who, day, days, books, drawn)


def _drawn(pool: Pool, random: np.random.Generator, day: int, many: int, weights: Weights | None) -> Rows:
    if weights is None:
        return random.integers(0, pool.begin.size, many)
    chance = weights(pool, day)
    return random.choice(pool.begin.size, many, p=chance / chance.sum())
