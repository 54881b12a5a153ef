"""The shift of log-odds that is too small to matter in money: the null hypothesis of every bet."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from training.drift.betting import Tolerance
from training.drift.decision import Decision
from training.drift.slices import Stream, members

Array = NDArray[np.float64]
GRID = np.arange(0.05, 3.001, 0.05)
"""Shifts that are tried, in log-odds; one whose cost is tolerable even at the last is never bet on."""


def tolerated(decision: Decision, margin: Array, failure: Array, member: NDArray[np.bool_], share: float) -> Tolerance:
    """Largest shift up and down of each of K streams that costs no more than a share of what there is at stake.

    A shift by θ costs what is lost by deciding after σ(m) where σ(m + θ) holds, summed over the stream's rows. At stake
    is the expected cost of all n rows, so that a small stream has to be shifted far before it matters.

    Parameters
    ----------
    margin, failure
        Predicted log-odds and the money a failure costs, shape (n,), of subjects before those that are judged.
    member
        Shape (K, n): whose rows are which.

    Returns
    -------
    Of K streams; infinite where no shift of :data:`GRID` costs more.
    """
    at_stake = float(decision.expected(expit(margin), failure).sum())
    up, down = (_largest(decision, margin, failure, member, sign * GRID, share * at_stake) for sign in (1.0, -1.0))
    return Tolerance(up, down)


def bounds_of(
    decision: Decision, streams: Sequence[Stream], frame: pd.DataFrame, margin: Array, failure: Array, share: float
) -> Tolerance:
    """The same of streams of several stages, each held to what there is at stake at its stage."""
    up, down = np.empty((2, len(streams)))
    for stage in dict.fromkeys(stream.stage for stream in streams):
        places = [place for place, stream in enumerate(streams) if stream.stage == stage]
        rows = (frame["stage"] == stage).to_numpy()
        inside = members([streams[place] for place in places], frame[rows])
        found = tolerated(decision, margin[rows], failure[rows], inside, share)
        up[places], down[places] = found.up, found.down
    return Tolerance(up, down)


def _largest(
    decision: Decision, margin: Array, failure: Array, member: NDArray[np.bool_], shifts: Array, allowed: float
) -> Array:
    said, inside = expit(margin), member.astype(np.float64)
    lost = np.stack([inside @ decision.regret(said, expit(margin + shift), failure) for shift in shifts], axis=1)
    over = lost > allowed
    first = over.argmax(axis=1)
    return np.where(over.any(axis=1), np.concatenate([[0.0], GRID])[first], np.inf)
