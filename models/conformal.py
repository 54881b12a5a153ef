"""Coverage in every group, from delays that fell after what predicted them had been learned.

Where a delay falls on its side of the threshold is put right by the shares that delays of its group really had
(`shares.py`), of rows judged by folds that had not seen them. A small group is drawn towards the one it is part of
(`groups.py`). The probability of either side is the late head's and stays so. Outcomes since training put them right
further, the latest ones most.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.boosted import Array
from models.groups import EVERYBODY, GROUPED_BY, Group, groups_of, nearest
from models.shares import AS_SAID, Sides, learn_shares

MIN_GROUP_ROWS = 100
"""Judged rows from which a group is told apart."""
DRAWN = 50.0
"""Outcomes that the group around counts for."""
FOLLOWED = 200.0
"""Outcomes since training that what was learned in training counts for."""
GRAINS = (60.0, 30.0, 15.0, 10.0, 5.0, 1.0)
ON_GRAIN = 0.99
"""Share of delays on a grain from which delays are taken to be told on it."""


def learn_sides(frame: pd.DataFrame, shares: Array, late: NDArray[np.bool_]) -> dict[Group, Sides]:
    """How shares are put right, for everybody and every group that is seen often enough.

    Parameters
    ----------
    frame
        n judged rows, with the columns that groups are made of.
    shares
        Shape (n,): log-odds of the share that each delay had on its side, by a shape that had not seen it.
    late
        Shape (n,): whether that was the side above the threshold.
    """
    made = {EVERYBODY: _sides(shares, late, AS_SAID, 0.0)}
    for depth in range(1, len(GROUPED_BY) + 1):
        for group, rows in groups_of(frame, GROUPED_BY[:depth]):
            if rows.size >= MIN_GROUP_ROWS:
                made[group] = _sides(shares[rows], late[rows], nearest(group[:-1], made), DRAWN)
    return made


def follow_sides(frame: pd.DataFrame, shares: Array, late: NDArray[np.bool_], counts: Array) -> dict[Group, Sides]:
    """How shares are put right further by outcomes since training, for everybody and every group seen often enough.

    Parameters
    ----------
    frame
        n outcomes' rows, with the columns that groups are made of.
    shares
        Shape (n,): log-odds of the share that each delay had on its side, as put right in training.
    late
        Shape (n,): whether that was the side above the threshold.
    counts
        Shape (n,): how much each counts; what is long ago counts less.
    """
    made = {EVERYBODY: _sides(shares, late, AS_SAID, FOLLOWED, counts)}
    for depth in range(1, len(GROUPED_BY) + 1):
        for group, rows in groups_of(frame, GROUPED_BY[:depth]):
            if rows.size >= MIN_GROUP_ROWS:
                made[group] = _sides(shares[rows], late[rows], nearest(group[:-1], made), FOLLOWED, counts[rows])
    return made


def then(sides: Mapping[Group, Sides], further: Mapping[Group, Sides]) -> Mapping[Group, Sides]:
    """What puts shares right, and what does further; of every group that either tells apart."""
    if not further:
        return sides
    return {group: nearest(group, sides).then(nearest(group, further)) for group in {**sides, **further}}


def learn_grain(delay: Array) -> float:
    """The coarsest step in minutes that nearly all delays are multiples of; 0 where they are told more finely."""
    return next((step for step in GRAINS if np.mean(delay % step == 0) >= ON_GRAIN), 0.0)


def within_grain(delay: Array, grain_min: float, threshold: Array, seed: int) -> Array:
    """Delays anywhere in the grain that they stand for, none on another side of its threshold than before."""
    drawn = delay - grain_min * np.random.default_rng(seed).random(delay.size)
    return np.where(delay > threshold, np.maximum(drawn, np.nextafter(threshold, np.inf)), drawn)


def _sides(shares: Array, late: NDArray[np.bool_], parent: Sides, weight: float, counts: Array | None = None) -> Sides:
    each = np.ones(shares.size) if counts is None else counts
    return Sides(
        learn_shares(shares[~late], parent.below, weight, each[~late]),
        learn_shares(shares[late], parent.above, weight, each[late]),
    )
