"""What bets expect to win at most while what is off is harmless: one cause at a time, within what is tolerated.

A bet expects to win nothing where its own stream is off by all that is tolerated, on its own side. There all other bets
lose, as what they bet on holds nowhere: predictions that are off in one carrier are right in the others. Harmless is
therefore told by cases: each stream may be off, up or down, by whatever it tolerates, outcome by outcome as it
likes, while the log-odds of all else of its stage are off by :data:`ELSEWHERE` at most. A case gives every outcome an
interval of shifts, and a bet's mean factor is largest at that end of it to which the bet leans, as the mean is linear
in the outcome's probability; the means of independent outcomes multiply.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Days = NDArray[np.int64]
ELSEWHERE = 0.05
"""Log-odds by which everything may always be off: no prediction is right to the last digit."""
FURTHEST = 3.0
"""Where every shift is tolerated it is taken to be at most so large."""


@dataclass(frozen=True)
class Bets:
    """G bets of a stream on its n outcomes, whose predicted log-odds are ``margin``, shape (n,).

    ``shift`` is θ and ``nearest`` the allowed shift nearest to it, shape (G, n).
    """

    margin: Array
    shift: Array
    nearest: Array

    def log_means(self, low: float, high: float, some: NDArray[np.bool_] | slice = slice(None)) -> Array:
        """Log of the largest mean factor on each of ``some`` outcomes that are off by ``low`` to ``high``."""
        margin, shift, nearest = self.margin[some], self.shift[:, some], self.nearest[:, some]
        lost = np.logaddexp(0, margin + nearest) - np.logaddexp(0, margin + shift)
        true = expit(margin + np.where(shift > nearest, high, low))
        return np.asarray(lost + np.log1p(true * np.expm1(shift - nearest)))


def cases_of(sides: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Intervals of harmless shifts of a stream that is off upwards, and downwards, by what it tolerates down and up."""
    down, up = (max(ELSEWHERE, min(side, FURTHEST)) for side in sides)
    return (-ELSEWHERE, up), (-down, ELSEWHERE)


def harmless_means(
    bets: Sequence[Bets],
    tolerated: tuple[Array, Array],
    stage: Days,
    days: Days,
    member: NDArray[np.bool_],
    count: int,
) -> Array:
    """Log of the largest mean factor of every bet on every day, in every harmless case of its stage.

    Parameters
    ----------
    bets
        Of each of K streams.
    tolerated
        Shifts down and up, shape (K,) each.
    stage
        Shape (K,): place of each stream's whole stage.
    days, member
        Day of each outcome, shape (n,), and who belongs to which stream, shape (K, n).

    Returns
    -------
    Shape (C, K, G, D): cases 2 j and 2 j + 1 are that the j-th stream of the stage is off, up and down; stages with
    fewer streams repeat that nothing is.
    """
    most = int(np.unique(stage, return_counts=True)[1].max())
    made = np.empty((2 * most, len(bets), len(bets[0].shift), count))
    for stream, one in enumerate(bets):
        inside, when = member[:, member[stream]], days[member[stream]]
        right = one.log_means(-ELSEWHERE, ELSEWHERE)
        made[:, stream] = by_day(right, when, count)
        for case, cause in enumerate(np.flatnonzero(stage == stage[stream])):
            hit = inside[cause]
            for side, interval in enumerate(cases_of((float(tolerated[0][cause]), float(tolerated[1][cause])))):
                more = one.log_means(*interval, hit) - right[:, hit]
                made[2 * case + side, stream] += by_day(more, when[hit], count)
    return made


def by_day(values: Array, days: Days, count: int) -> Array:
    """Sums over the outcomes of each day, shape (G, D), of ``values`` of shape (G, n)."""
    rows = len(values)
    cell = np.arange(rows)[:, None] * count + days
    return np.asarray(np.bincount(cell.ravel(), values.ravel(), rows * count).reshape(rows, count), np.float64)
