"""Do the models know how sure they are? Calibration, coverage, and how near they come to the ideal forecaster.

``python -m benchmarks.calibrated FOLDER SET…`` trains on each data set FOLDER/<set> as ``lanewise train`` does, and
prints Markdown; a set with a truth beside it is held against the ideal forecaster, too. The set ``network`` is
simulated where it is not there yet. Calibration is told by ``training.reliability``, as in the model card.

- *As trained* and *as served*: the same rows by the model as it was trained, and by the model as it was in service on
  the day each was asked about, its calibrators updated every day from outcomes known by then (``lanewise recalibrate``,
  within the manifest's bounds). What is wanted is wanted of what is served.
- *Calibration error* over 15 bins of equal mass, less its mean under perfect calibration: 200 data sets in which what
  happens is drawn from the model's own probabilities, with one chance for all rows of a subject.
- *Consistency band* (Bröcker & Smith 2007): in 99 of 100 such data sets every bin's rate lies in it. Once with subjects
  independent, and once with days that share what days before the test part shared (``training.day_effect``): ρ is
  learned from a model that was trained earlier, as served until the test part begins. The second is what a perfectly
  calibrated forecaster keeps to.
- *Coverage* of the 90 % band. Where outcomes are whole minutes, each is spread over the minute it stands for by chance:
  the randomised PIT. Intervals are widened for the number of slices (Bonferroni), and keep a day's rows together.
- *Gap closed*: (constant − model) / (constant − ideal) in log loss, on the ideal's sample of the test part. The
  constant is the best one in hindsight, which is harder to beat than the training part's rate. The model as trained.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from benchmarks.against_the_ideal import PARAMS
from domain.codes import Severity
from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from models.severity import severity_class
from simulator.simulate import TRUTH, simulate
from store.dataset import open_dataset
from training.consistency import reliability_with_days
from training.day_by_day import told_day_by_day
from training.day_effect import Rho, Ties, learn_rho_by
from training.fitting import Fitted, fit_model
from training.following import Since, follow_heads, since_training
from training.influence import half_width, numbered
from training.measures import CLASS_COLUMNS, slices_of
from training.question import Question, question_of
from training.reliability import ENOUGH_ROWS, Reliability, reliability_by_slice, reliability_of
from training.slices import declared

Array = NDArray[np.float64]
DRAWS = 200
MOST_EXCESS, AIMED_EXCESS = 0.015, 0.008
COVERED = (0.88, 0.92)
CLOSED = {ModelName.ETA_RISK: 0.80, ModelName.TENDER_FAILURE: 0.75, ModelName.SEVERITY: 0.70}
AIMED_CLOSED = 0.90
LEAST_P = 1e-4
NETWORK = "network"
HEAD = (
    "| data | model | what | rows or slices | as trained | as served | at least | aim | |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Row:
    """A line of the table; ``kept`` says whether what is at least wanted was reached, None where nothing is."""

    what: str
    rows: str
    trained: str
    served: str
    least: str
    aim: str
    kept: bool | None

    def line(self, data: str, model: ModelName) -> str:
        """As Markdown."""
        cells = (data, str(model), self.what, self.rows, self.trained, self.served, self.least, self.aim)
        verdict = "" if self.kept is None else "kept" if self.kept else "**not kept**"
        return f"| {' | '.join(cells)} | {verdict} |"


@dataclass(frozen=True)
class Told:
    """Rows of the test part, and what was said of them.

    Attributes
    ----------
    trained, served
        Predictions, index as the rows'.
    day
        Shape (n,): number of the day each was asked about, in days since 1970.
    """

    fitted: Fitted
    since: Since
    trained: pd.DataFrame
    served: pd.DataFrame
    day: NDArray[np.int64]

    @classmethod
    def of(cls, frames: FeatureFrames, fitted: Fitted, end: datetime) -> "Told":
        """By a model that was fitted, of what came after until ``end``; nothing known later is read."""
        model = fitted.model
        since = since_training(frames, model.name, fitted.split.test_from.to_pydatetime(), end)
        followed = follow_heads(model, since, end)
        served = told_day_by_day(model, since, followed, frames.dataset.manifest.calibration)
        return cls(fitted, since, model.predict(since.frame), served, next(iter(followed.values())).asked)

    @property
    def stages(self) -> NDArray[np.str_]:
        """Shape (n,)."""
        return self.since.part.subjects["stage"].astype("str").to_numpy()

    def asked(self, predicted: pd.DataFrame, thresholds: tuple[float, ...]) -> Question:
        """The yes-or-no question, its answers and probabilities."""
        return question_of(self.fitted.model.name, self.since.part.outcome, predicted, thresholds)

    def rho(self, thresholds: tuple[float, ...]) -> Rho:
        """What days share, as served."""
        asked = self.asked(self.served, thresholds)
        return learn_rho_by(asked.y, asked.p, self.day, self.stages)


def calibrated(folder: Path, data: str, params: TrainingParams) -> Iterator[str]:
    """Lines of one data set."""
    dataset = open_dataset(folder / data)
    frames, thresholds = FeatureFrames(dataset), dataset.manifest.severity.thresholds
    for name in ModelName:
        try:
            fitted = fit_model(frames, name, params)
            before = earlier(frames, name, params, fitted.split.test_from)
        except CannotTrain as reason:
            yield f"| {data} | {name} | not trained: {reason} | | | | | | |"
            continue
        assert dataset.manifest.cut_off is not None, "an opened data set has a cut-off"
        told = Told.of(frames, fitted, dataset.manifest.cut_off)
        for row in _rows(told, before.rho(thresholds), thresholds, folder / data / TRUTH / f"{name}.parquet"):
            yield row.line(dataset.manifest.labelled(data), name)


def earlier(frames: FeatureFrames, name: ModelName, params: TrainingParams, until: pd.Timestamp) -> Told:
    """A model whose test part is as many subjects as the real one has, the last ones before it."""
    asked = all_subjects(frames.dataset, name)["as_of"]
    begin = asked.quantile(1 - 2 * params.test_share).to_pydatetime()
    fitted = fit_model(frames, name, params, begin, until.to_pydatetime())
    return Told.of(frames, fitted, until.to_pydatetime())


def _rows(told: Told, rho: Rho, thresholds: tuple[float, ...], truth: Path) -> Iterator[Row]:
    yield from calibration_rows(told, rho, thresholds)
    if told.fitted.model.name is ModelName.ETA_RISK:
        yield from coverage_rows(told)
    if truth.is_file():
        yield from closed_rows(told.fitted, pd.read_parquet(truth), thresholds)


# --- Calibration ---------------------------------------------------------------------------------------------------


def calibration_rows(told: Told, rho: Rho, thresholds: tuple[float, ...]) -> Iterator[Row]:
    """Of the model's yes-or-no question: overall, and of every slice with rows enough, the declared ones among them."""
    whose, slices = numbered(told.since.part.subjects["subject_id"]), _slices(told)
    ties = Ties(whose, told.day - told.day.min(), rho.of(told.stages))
    ways = [told.asked(predicted, thresholds) for predicted in (told.trained, told.served)]
    alone = [reliability_by_slice(one.y, one.p, slices, whose) for one in ways]
    tied = [reliability_with_days(one.y, one.p, slices, ties) for one in ways]
    overall, words = [reliability_of(one.y, one.p, whose).excess for one in ways], ways[0].words
    yield Row(f"{words}: calibration error beyond chance", f"{whose.size:,}", *(f"{one:+.4f}" for one in overall),
              f"≤ {MOST_EXCESS}", f"≤ {AIMED_EXCESS}", overall[1] <= MOST_EXCESS)  # fmt: skip
    yield Row(f"{words}: slices outside their 99 % band, subjects independent", f"{len(alone[1])}",
              *map(_outside, alone), "", "", None)  # fmt: skip
    shared = ", ".join(f"{stage} {value:.3f}" for stage, value in sorted(rho.own.items())) or f"{rho.others:.3f}"
    yield Row(f"{words}: slices outside their 99 % band, days sharing ρ = {shared}", f"{len(tied[1])}",
              *map(_outside, tied), "0", "0", all(one.inside for one in tied[1].values()))  # fmt: skip


def _outside(found: Mapping[str, Reliability]) -> str:
    """How many slices leave their band, and which by how much of calibration error beyond chance."""
    outside = {name: one.excess for name, one in found.items() if not one.inside}
    told = "; ".join(f"{name} {value:+.3f}" for name, value in sorted(outside.items(), key=lambda pair: -pair[1]))
    return f"{len(outside)}" + (f": {told}" if told else "")


def _slices(told: Told) -> Mapping[str, NDArray[np.bool_]]:
    """The declared slices and those of reports."""
    subjects, frame = told.since.part.subjects, told.since.frame
    return declared(subjects, frame) | slices_of(told.fitted.model.name, subjects, frame)


# --- Coverage ------------------------------------------------------------------------------------------------------


def coverage_rows(told: Told) -> Iterator[Row]:
    """Of the 90 % band: overall, and of every declared slice with rows enough."""
    slices = {name: rows for name, rows in declared(told.since.part.subjects, told.since.frame).items()
              if rows.sum() >= ENOUGH_ROWS}  # fmt: skip
    trained, served = (covered(told, predicted) for predicted in (told.trained, told.served))
    wanted, day = f"{COVERED[0]:.0%}–{COVERED[1]:.0%}", told.day - told.day.min()
    yield Row("coverage of the 90 % band", f"{len(served):,}", f"{trained.mean():.1%}", f"{served.mean():.1%}", wanted,
              "90 %", bool(COVERED[0] <= served.mean() <= COVERED[1]))  # fmt: skip
    missed = [beyond(inside, slices, day) for inside in (trained, served)]
    yield Row(f"declared slices whose whole interval lies beyond {wanted}", f"{len(slices)}",
              *(words for _, words in missed), "0", "0", not missed[1][0])  # fmt: skip


def beyond(inside: Array, slices: Mapping[str, NDArray[np.bool_]], day: NDArray[np.int64]) -> tuple[int, str]:
    """How many slices' whole interval lies beyond what is wanted, and in words also those of which a part does."""
    z, outside, told = norm.isf(0.05 / (2 * max(len(slices), 1))), 0, []
    for name, rows in slices.items():
        share = float(inside[rows].mean())
        half = half_width((inside[rows] - share) / rows.sum(), day[rows], float(z))
        missed = share + half < COVERED[0] or share - half > COVERED[1]
        outside += missed
        if missed or not COVERED[0] <= share <= COVERED[1]:
            told.append(f"{name} {share:.1%} [{share - half:.1%}, {share + half:.1%}]")
    return outside, f"{outside}" + (f"; of point or interval beyond: {'; '.join(told)}" if told else "")


def covered(told: Told, predicted: pd.DataFrame, seed: int = 1) -> Array:
    """Whether each delay lies in its band, shape (n,); whole minutes are spread over the minute that they stand for."""
    delay = told.since.part.outcome["value"].to_numpy(np.float64)
    if (delay == np.round(delay)).all():
        delay = delay - np.random.default_rng(seed).random(delay.size)
    low, high = predicted["q05"].to_numpy(), predicted["q95"].to_numpy()
    return ((low <= delay) & (delay <= high)).astype(np.float64)


# --- The ideal forecaster ------------------------------------------------------------------------------------------


def closed_rows(fitted: Fitted, truth: pd.DataFrame, thresholds: tuple[float, ...]) -> Iterator[Row]:
    """Share of the gap in log loss between constant and ideal that is closed, with its interval by subject."""
    name = fitted.model.name
    asked = fitted.split.test.subjects[["subject_id", "stage"]].reset_index(names="row")
    joined = asked.astype({"stage": "str"}).merge(truth.astype({"stage": "str"}), on=["subject_id", "stage"])
    rows = joined["row"].to_numpy()
    came, said, ideal = _classes(fitted, joined, rows, thresholds)
    constant = np.tile(np.bincount(came, minlength=said.shape[1]) / len(came), (len(came), 1))
    losses = [loss(came, one) for one in (constant, said, ideal)]
    share = closed(*losses)
    low, high = np.quantile(_drawn(losses, numbered(joined["subject_id"])), [0.025, 0.975])
    means = ", ".join(
        f"{what} {one.mean():.4f}" for what, one in zip(("constant", "model", "ideal"), losses, strict=True)
    )
    noise = f"; the ideal's own noise adds {_noise(joined):.4f}" if "p_ideal_se" in joined else "; the ideal is exact"
    yield Row("gap to the ideal that is closed", f"{len(rows):,}",
              f"{share:.0%} [{low:.0%}, {high:.0%}] (log loss: {means}{noise})", "",
              f"{CLOSED[name]:.0%}", f"{AIMED_CLOSED:.0%}", bool(share >= CLOSED[name]))  # fmt: skip
    if name is ModelName.ETA_RISK:
        for stage, part in joined.groupby("stage", sort=False):
            where = part.index.to_numpy()
            staged = [loss(came[where], one[where]) for one in (said, ideal)]
            flat = np.tile(np.bincount(came[where], minlength=2) / len(where), (len(where), 1))
            share = closed(loss(came[where], flat), *staged)
            yield Row(f"of these at {stage}", f"{len(where):,}", f"{share:.0%}", "", f"{CLOSED[name]:.0%}",
                      f"{AIMED_CLOSED:.0%}", share >= CLOSED[name])  # fmt: skip


def _classes(
    fitted: Fitted, joined: pd.DataFrame, rows: NDArray[np.int64], thresholds: tuple[float, ...]
) -> tuple[NDArray[np.int64], Array, Array]:
    """Which class came, shape (n,), and what model and ideal said of each, shape (n, classes)."""
    outcome, predicted = fitted.split.test.outcome.iloc[rows], fitted.predicted.iloc[rows]
    if fitted.model.name is ModelName.SEVERITY:
        came = severity_class(outcome["value"].to_numpy(), thresholds)
        return came, predicted[CLASS_COLUMNS].to_numpy(), joined[[f"p_ideal_{name}" for name in Severity]].to_numpy()
    asked = question_of(fitted.model.name, outcome, predicted, thresholds)
    both = [np.column_stack([1 - p, p]) for p in (asked.p, joined["p_ideal"].to_numpy())]
    return asked.y.astype(np.int64), both[0], both[1]


def loss(came: NDArray[np.int64], said: Array) -> Array:
    """−ln p of what came, shape (n,), probabilities no nearer to 0 than :data:`LEAST_P`."""
    return np.asarray(-np.log(np.clip(said[np.arange(came.size), came], LEAST_P, 1 - LEAST_P)))


def closed(constant: Array, model: Array, ideal: Array) -> float:
    """(constant − model) / (constant − ideal) of mean losses."""
    return float((constant.mean() - model.mean()) / (constant.mean() - ideal.mean()))


def _drawn(losses: list[Array], whose: NDArray[np.int64], seed: int = 1) -> Array:
    """The share in data sets of subjects drawn with replacement."""
    sums = np.array([np.bincount(whose, one) for one in losses])
    drawn = np.random.default_rng(seed).integers(0, sums.shape[1], (DRAWS, sums.shape[1]))
    constant, model, ideal = sums[:, drawn].sum(axis=2)
    return np.asarray((constant - model) / (constant - ideal))


def _noise(joined: pd.DataFrame) -> float:
    """What the Monte-Carlo error of the ideal's probabilities adds to its log loss: E[se² / 2p(1 − p)]."""
    p, se = np.clip(joined["p_ideal"].to_numpy(), 0.01, 0.99), joined["p_ideal_se"].to_numpy()
    return float(np.mean(se**2 / (2 * p * (1 - p))))


def made(folder: Path, data: str) -> None:
    """Simulate the network where it is asked for and not there yet."""
    if data == NETWORK and not (folder / data / "manifest.json").is_file():
        simulate(PARAMS, folder / data, NETWORK)


if __name__ == "__main__":
    print(HEAD, flush=True)
    for chosen in sys.argv[2:]:
        made(Path(sys.argv[1]), chosen)
        for text in calibrated(Path(sys.argv[1]), chosen, TrainingParams()):
            print(text, flush=True)
