"""How soon tender failure is told rightly after the market turns, with and without daily updates of the calibrator.

``python -m benchmarks.market_turn FOLDER`` simulates into FOLDER, trains on what was known before the market turned,
follows what became known day by day as ``lanewise recalibrate`` does, and prints Markdown. Nothing of it is real.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from simulator.network.market import SETTLING_DAYS, TURNS_AT
from simulator.network.params import MarketKind, SimulationParams
from simulator.simulate import simulate
from store.dataset import Dataset
from training.fitting import fit_model
from training.following import Followed, follow_heads, since_training

SHIPMENTS, DAYS, SEEDS = 200_000, 365, (20281, 20282)
WINDOW_DAYS = 7
POINTS = 0.02
"""How near the mean probability shall be to the observed share."""
WATCHED_DAYS = SETTLING_DAYS + 30
"""Days from the turn on that are looked at: until the market is tight, and a month in which it stays so."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Week:
    """Offers of a trailing week: observed share that failed and mean probability, shape (days,) from the turn on."""

    share: Array
    said: Array

    @property
    def gap(self) -> Array:
        """Mean probability − observed share."""
        return self.said - self.share

    @property
    def outside(self) -> NDArray[np.int64]:
        """Days on which the gap is more than :data:`POINTS`."""
        return np.flatnonzero(np.abs(self.gap) > POINTS)

    @property
    def longest(self) -> int:
        """Most days on end outside: how long it took at worst to be within again."""
        runs = np.split(self.outside, np.flatnonzero(np.diff(self.outside) > 1) + 1)
        return max(run.size for run in runs)

    @property
    def until_it_stays(self) -> int:
        """Days from the first one outside until the gap is within for good; 0 where it never was outside."""
        return int(self.outside[-1] - self.outside[0] + 1) if self.outside.size else 0


def market_turn(folder: Path) -> Iterator[str]:
    """The table, seed by seed."""
    yield f"### After the market turns, simulated: {SHIPMENTS:,} shipments in {DAYS} days\n"
    yield f"Trained on the days before; means of the offers of a trailing week; watched for {WATCHED_DAYS} days.\n"
    yield (
        "| seed | offers a week | failed before → after | calibrator | largest gap, points | days outside 2 points | "
        "longest stretch outside, days | from the first day outside to the last |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for seed in SEEDS:
        dataset = simulate(
            SimulationParams(SHIPMENTS, DAYS, seed, MarketKind.TURNING, truth_sample=0), folder / str(seed)
        ).dataset
        yield from _rows(seed, followed_from_the_turn(dataset))


def turn_of(dataset: Dataset) -> pd.Timestamp:
    """The day on which the market of a simulated year begins to turn."""
    first = dataset.table("tenders")["offered_at"].min().floor("D")
    return first + pd.Timedelta(days=round(TURNS_AT * DAYS))


def followed_from_the_turn(dataset: Dataset) -> Followed:
    """The model of the days before, followed through those after."""
    frames, turn = FeatureFrames(dataset), turn_of(dataset)
    fitted = fit_model(frames, ModelName.TENDER_FAILURE, TrainingParams(), turn.to_pydatetime())
    end = (turn + pd.Timedelta(days=WATCHED_DAYS)).to_pydatetime()
    since = since_training(frames, ModelName.TENDER_FAILURE, turn.to_pydatetime(), end)
    return follow_heads(fitted.model, since, end)["fails"]


def weeks(followed: Followed, log_odds: Array) -> Week:
    """Trailing weeks from the first day on, as log-odds of the offers tell."""
    day = followed.asked - followed.asked.min()
    said = expit(log_odds)
    count, came, told = (np.bincount(day, of) for of in (np.ones(day.size), followed.outcome, said))
    kernel = np.ones(WINDOW_DAYS)
    rows, failed, expected = (np.convolve(one, kernel)[: count.size] for one in (count, came, told))
    return Week(failed / rows, expected / rows)


def _rows(seed: int, followed: Followed) -> Iterator[str]:
    a_week = followed.asked.size / WATCHED_DAYS * WINDOW_DAYS
    ways = {"as trained": followed.log_odds, "updated daily": followed.served}
    for called, log_odds in ways.items():
        week = weeks(followed, log_odds)
        moved = f"{week.share[0]:.1%} → {week.share[SETTLING_DAYS:].mean():.1%}"
        yield (
            f"| {seed} | {a_week:,.0f} | {moved} | {called} | {100 * np.abs(week.gap).max():.1f} | "
            f"{week.outside.size} | {week.longest} | {week.until_it_stays} |"
        )


if __name__ == "__main__":
    for line in market_turn(Path(sys.argv[1])):
        print(line, flush=True)
