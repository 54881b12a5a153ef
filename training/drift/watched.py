"""What a model in service said of subjects that came after its training, and what became known of them by a moment."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from domain.errors import LanewiseError
from domain.moment import format_moment
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.outcomes import Fate, outcomes
from features.subjects import all_subjects
from models.moments import MATURE_SHARE
from models.shelf import OnShelf, Shelf
from store.dataset import Dataset
from training.drift.served import predict_as_served, updates_of
from training.question import question_of
from training.split import part_of

Array = NDArray[np.float64]
A_MOMENT = pd.Timedelta(1, "us")
REFERENCE_ROWS = 4_000
"""Subjects of before, evenly spread, that later ones are compared with."""
SURELY = 1e-6
"""Probabilities are taken to be at least so far from certain."""
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Said:
    """Features of n subjects and what the model said of them; ``predicted`` has its columns."""

    subjects: pd.DataFrame
    frame: pd.DataFrame
    predicted: pd.DataFrame
    p: Array

    @property
    def margin(self) -> Array:
        """Predicted log-odds, shape (n,)."""
        return log_odds(self.p)

    def at(self, rows: NDArray[np.bool_]) -> "Said":
        """Some of them."""
        subjects, frame, predicted = (
            part[rows].reset_index(drop=True) for part in (self.subjects, self.frame, self.predicted)
        )
        return Said(subjects, frame, predicted, self.p[rows])


@dataclass(frozen=True)
class Watched:
    """A model, what it said before and after its training ended, and the outcomes known.

    Attributes
    ----------
    what
        Of what the outcome is asked, such as ``late``.
    begin, until
        When training ended, and up to which moment anything is known.
    before
        A sample of subjects of before.
    earlier
        Outcomes that were known when training ended.
    after
        Every subject with begin ≤ as_of < until.
    happened
        Shape (n,) of those after: 1.0 or 0.0; NaN where no outcome is known by ``until``.
    known_at
        When each outcome became known; NaT where none did.
    settled
        Stage → the moment from which on its outcomes are judged; before it only quick ones can be known.
    """

    used: OnShelf
    what: str
    begin: pd.Timestamp
    until: pd.Timestamp
    before: Said
    earlier: pd.DataFrame
    after: Said
    happened: Array
    known_at: pd.Series
    settled: dict[str, pd.Timestamp]

    @property
    def first_day(self) -> pd.Timestamp:
        """Midnight (UTC) before training ended: day 0."""
        return self.begin.floor("D")

    @property
    def days(self) -> int:
        """Days from then until now, the last one possibly not over."""
        return int(np.ceil((self.until - self.first_day) / DAY))

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Subjects whose outcome became known once outcomes of its stage were settled, shape (n,)."""
        from_ = self.after.subjects["stage"].map(self.settled)
        return np.asarray(~np.isnan(self.happened) & (self.known_at >= from_).to_numpy())

    @property
    def known_day(self) -> NDArray[np.int64]:
        """Day on which the outcome of each judged subject became known, shape (judged,)."""
        since = (self.known_at[self.judged] - self.first_day) // DAY
        return np.asarray(since, np.int64)

    def last(self, days: int) -> NDArray[np.bool_]:
        """Which subjects after came on the latest days that had any, shape (n,)."""
        day = self.after.subjects["as_of"].dt.floor("D")
        return np.asarray(day.isin(sorted(day.unique())[-days:]))


def log_odds(p: Array) -> Array:
    """Log-odds of probabilities, certainty kept finite."""
    return np.asarray(logit(np.clip(p, SURELY, 1 - SURELY)))


def watched(dataset: Dataset, home: Path, name: ModelName, as_of: datetime | None = None) -> Watched:
    """Ask the champion again about every subject since its training ended, as of its own moment.

    Parameters
    ----------
    as_of
        Up to which moment anything counts as known; by default the data set's cut-off.

    Raises
    ------
    LanewiseError
        If the moment lies after the cut-off, or no subject lies between the end of training and it.
    """
    shelf = Shelf(home, dataset)
    used, trained = shelf.take(name), shelf.take(name, updated=False)
    until, begin = _until(dataset, as_of), pd.Timestamp(trained.provenance.trained_until)
    subjects = all_subjects(dataset, name)
    later = _later(used, subjects, begin, until)
    known = part_of(dataset, name, subjects[subjects["as_of"] < begin].reset_index(drop=True), begin - A_MOMENT)
    some = _spread(len(known))
    asked = pd.concat([known.subjects.iloc[some], later], ignore_index=True)
    outcome = pd.concat([known.outcome.iloc[some], outcomes(dataset, name, later, until)], ignore_index=True)
    frame = FeatureFrames(used.asked_of(dataset)).of(name, asked)
    updates = updates_of(home, trained, shelf.champion(name).update)
    predicted = predict_as_served(trained, updates, frame, asked["as_of"])
    question = question_of(name, outcome, predicted, dataset.manifest.severity.thresholds)
    said, after = Said(asked, frame, predicted, question.p), np.arange(len(asked)) >= len(some)
    fate = outcome["fate"][after] == Fate.KNOWN
    return Watched(
        used,
        question.words,
        begin,
        until,
        said.at(~after),
        known.outcome,
        said.at(after),
        np.where(fate, question.y[after], np.nan),
        outcome["known_at"][after].where(fate).reset_index(drop=True),
        _settled(known.subjects, known.outcome, begin),
    )


def _spread(rows: int) -> NDArray[np.int64]:
    """Places of at most :data:`REFERENCE_ROWS` rows, evenly spread."""
    return np.asarray(np.linspace(0, rows - 1, min(rows, REFERENCE_ROWS)).round(), np.int64)


def _later(used: OnShelf, subjects: pd.DataFrame, begin: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Subjects since training ended, of which there must be some."""
    moments = subjects["as_of"]
    later = subjects[(moments >= begin) & (moments < until)].reset_index(drop=True)
    if later.empty:
        raise LanewiseError(
            f"{used.name} {used.version} learned from what was known before {begin.isoformat()}, and no subject came "
            f"between that and {until.isoformat()}; import newer data, or give a later --as-of"
        )
    return later


def _until(dataset: Dataset, as_of: datetime | None) -> pd.Timestamp:
    cut_off = dataset.manifest.cut_off
    assert cut_off is not None, "an opened data set has a cut-off"
    if as_of is not None and as_of > cut_off:
        raise LanewiseError(
            f"drift as of {format_moment(as_of)} was asked for, but {dataset.manifest.name} knows nothing after its "
            f"cut-off {format_moment(cut_off)}; give an earlier moment, or import newer data"
        )
    return pd.Timestamp(as_of or cut_off)


def _settled(subjects: pd.DataFrame, outcome: pd.DataFrame, begin: pd.Timestamp) -> dict[str, pd.Timestamp]:
    """When most outcomes of a stage's first subjects are known, by how long they took before.

    Sooner only the quick ones of them are, which are the good ones where what goes wrong takes longer.
    """
    wait = outcome["known_at"] - subjects["as_of"]
    needed = wait.groupby(subjects["stage"]).quantile(MATURE_SHARE)
    return {str(stage): begin + taken for stage, taken in needed.items()}
