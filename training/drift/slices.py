"""Streams of outcomes that are judged apart: each stage whole, and the larger modes and carriers within it.

Within a stream a subject comes once: its stages share one outcome, which must not be counted as several.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = ("mode", "carrier_id")
"""Columns whose values are streams of their own."""
LEAST_SHARE = 0.03
MOST_VALUES = 12
WHOLE_SHARE = 0.5
"""What is bet on a whole stage, of what is bet on a slice: it has more outcomes, and needs less."""


@dataclass(frozen=True)
class Stream:
    """Outcomes of one stage, of those with one value of a column where one is named.

    Attributes
    ----------
    weight
        Share of the bets that is put on it; those of all streams add up to 1.
    """

    stage: str
    column: str | None
    value: str | None
    weight: float

    @property
    def name(self) -> str:
        """Such as ``stage=release, mode=truckload``."""
        return f"stage={self.stage}" + ("" if self.column is None else f", {self.column}={self.value}")

    @property
    def whole(self) -> bool:
        """Whether it is a whole stage."""
        return self.column is None

    def member(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Which of n rows belong to it, shape (n,)."""
        inside = (frame["stage"] == self.stage).to_numpy()
        if self.column is None:
            return np.asarray(inside)
        return np.asarray(inside & (frame[self.column] == self.value).fillna(False).to_numpy(bool))


def streams_of(frame: pd.DataFrame) -> tuple[Stream, ...]:
    """Streams by what a frame of earlier subjects holds: its stages, and in each its frequent values."""
    stages = sorted(frame["stage"].unique())
    made: list[Stream] = []
    for stage in stages:
        inside = frame[frame["stage"] == stage]
        values = [(column, value) for column in COLUMNS for value in _frequent(inside, column)]
        each = 1 / (len(stages) * (WHOLE_SHARE + len(values)))
        made.append(Stream(stage, None, None, WHOLE_SHARE * each))
        made += [Stream(stage, column, value, each) for column, value in values]
    return tuple(made)


def members(streams: Sequence[Stream], frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows belong to which stream, shape (K, n)."""
    return np.stack([stream.member(frame) for stream in streams])


def centres_of(streams: Sequence[Stream], frame: pd.DataFrame, margin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean log-odds of each stream, shape (K,)."""
    return np.array([margin[rows].mean() if rows.any() else 0.0 for rows in members(streams, frame)])


def stage_places(streams: Sequence[Stream]) -> NDArray[np.int64]:
    """For each stream the place of its whole stage, shape (K,)."""
    whole = {stream.stage: place for place, stream in enumerate(streams) if stream.whole}
    return np.array([whole[stream.stage] for stream in streams])


def _frequent(frame: pd.DataFrame, column: str) -> list[str]:
    """Values of more than a small share of the rows, the most frequent ones; none where all rows share one."""
    if column not in frame:
        return []
    shares = frame[column].value_counts(normalize=True)
    often = shares[shares >= LEAST_SHARE]
    return [] if len(shares) < 2 else sorted(str(value) for value in often.index[:MOST_VALUES])
