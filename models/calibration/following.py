"""A base rate followed as outcomes become known: how far log-odds are shifted, from one day to the next.

Drift of the base rate is the largest calibration error, and an intercept mends it. The shift δ in force on a day is a
posterior mode: normal prior, likelihood of the outcomes known by the beginning of that day under log-odds ℓ + δ. From
day to day the mode stays and its precision fades, exponentially and down to that of the first prior around 0, so that
a few outcomes never move much (a discounted dynamic generalised linear model; West, Harrison & Migon 1985).

Whoever forgets slowly is exact in calm times and late when the market turns; whoever forgets fast is the reverse. So
several half-lives are followed at once, and no shift at all beside them; δ is their mean under weights that follow what
each would have lost on the outcomes of the day, with a fixed share given back every day so that none is written off
(Herbster & Warmuth 1998, Tracking the Best Expert). Log loss is convex in δ: the mean loses no more than they do on
average.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Days = NDArray[np.int64]
HALF_LIVES_DAYS = (1.0, 3.0, 10.0, 60.0)
WAYS = len(HALF_LIVES_DAYS) + 1
"""Those half-lives and, last, no shift at all."""
PRIOR_SPREAD = 0.5
"""Deviation of the first prior of δ around 0, in log-odds; never is less known of it later."""
SHARE = 0.05
"""Part of the weights that is dealt out anew each day."""
LEAST_WEIGHT = 0.1
"""Smallest weight that a half-life begins with, whatever the past says of it."""
STEPS, LONGEST_STEP, CLOSE = 25, 1.0, 1e-10


@dataclass(frozen=True)
class Known:
    """Outcomes in the order in which they count.

    Attributes
    ----------
    log_odds, outcome
        Shape (n,): what was said of each, before any shift; and what came, 0 or 1.
    day
        Shape (n,), ascending: number of the day on which the outcome counts, in days since 1970.
    weight
        Shape (n,): how much it counts; rows of one subject share 1.
    """

    log_odds: Array
    outcome: Array
    day: Days
    weight: Array

    def __len__(self) -> int:
        return int(self.day.size)

    def losses(self, shift: Array | float = 0.0) -> Array:
        """Log loss of each outcome under a shift, shape (n,)."""
        at = self.log_odds + shift
        return np.asarray(np.logaddexp(0, at) - self.outcome * at)

    def rows(self, chosen: slice | NDArray[Any]) -> "Known":
        """Some of them."""
        return Known(*(getattr(self, name)[chosen] for name in ("log_odds", "outcome", "day", "weight")))


@dataclass(frozen=True)
class Forgetting:
    """How the past fades: half-lives in days, and the weight that each begins with, last that of no shift; Σ = 1."""

    half_lives_days: tuple[float, ...] = HALF_LIVES_DAYS
    weights: tuple[float, ...] = (1 / WAYS,) * WAYS

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"half_lives_days": list(self.half_lives_days), "weights": list(self.weights)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Forgetting":
        """Read back what :meth:`as_json` gave."""
        return cls(tuple(document["half_lives_days"]), tuple(document["weights"]))


@dataclass(frozen=True)
class Path:
    """The shift in force on each of d days that follow one another.

    Attributes
    ----------
    first_day
        Number of the first of them; before it the shift is 0.
    shift
        Shape (d,), log-odds: learned from outcomes that counted before the day began.
    weights
        Shape (d, half-lives + 1).
    """

    first_day: int
    shift: Array
    weights: Array

    def on(self, day: Days) -> Array:
        """The shift on each of n days; after the last day it stays."""
        if not self.shift.size:
            return np.zeros(day.size)
        place = np.minimum(day - self.first_day, self.shift.size - 1)
        return np.where(place < 0, 0.0, self.shift[np.maximum(place, 0)])


def follow(known: Known, forgetting: Forgetting, until_day: int) -> Path:
    """Follow outcomes day by day, up to the shift in force on ``until_day``; what counts later is not looked at."""
    known = known.rows(slice(0, int(np.searchsorted(known.day, until_day))))
    if not len(known):
        return Path(until_day, np.zeros(0), np.zeros((0, len(forgetting.weights))))
    first = int(known.day[0])
    days = np.arange(first, until_day + 1)
    kept = 0.5 ** (1 / np.array(forgetting.half_lives_days))
    begin = np.array(forgetting.weights)
    prior = PRIOR_SPREAD**-2
    mean, precision, weights = np.zeros(kept.size), np.full(kept.size, prior), begin
    shifts, shares = [0.0], [begin]
    for low, high in pairwise(np.searchsorted(known.day, days)):
        today = known.rows(slice(low, high))
        weights = _reweighted(weights, begin, np.append(mean, 0.0), today)
        mean, precision = _posterior(mean, kept * precision + (1 - kept) * prior, today)
        shifts.append(float(weights[:-1] @ mean))
        shares.append(weights)
    return Path(first, np.array(shifts), np.array(shares))


def learn_forgetting(known: Known) -> Forgetting:
    """Begin with the weights that each half-life, and no shift, deserves by what it would have lost on the past."""
    if not len(known):
        return Forgetting()
    until = int(known.day[-1]) + 1
    alone = [follow(known, Forgetting((half_life,), (1.0, 0.0)), until).on(known.day) for half_life in HALF_LIVES_DAYS]
    lost = np.array([float(known.weight @ known.losses(shift)) for shift in (*alone, np.zeros(len(known)))])
    deserved = np.exp(lost.min() - lost)
    weights = np.maximum(deserved / deserved.sum(), LEAST_WEIGHT)
    return Forgetting(HALF_LIVES_DAYS, tuple((weights / weights.sum()).round(6).tolist()))


def _reweighted(weights: Array, begin: Array, mean: Array, today: Known) -> Array:
    """Weights after a day, by what each half-life's shift of the day before would have lost on it."""
    lost = np.array([float(today.weight @ today.losses(shift)) for shift in mean])
    earned = weights * np.exp(lost.min() - lost)
    return np.asarray((1 - SHARE) * earned / earned.sum() + SHARE * begin)


def _posterior(mean: Array, precision: Array, today: Known) -> tuple[Array, Array]:
    """Mode and curvature of the posterior of each half-life's shift after a day's outcomes, by Newton's method."""
    shift = mean.copy()
    for _ in range(STEPS):
        p = expit(today.log_odds[:, None] + shift)
        slope = precision * (shift - mean) + today.weight @ (p - today.outcome[:, None])
        curvature = precision + today.weight @ (p * (1 - p))
        step = np.clip(slope / curvature, -LONGEST_STEP, LONGEST_STEP)
        shift = shift - step
        if np.abs(step).max() < CLOSE:
            break
    p = expit(today.log_odds[:, None] + shift)
    return shift, precision + today.weight @ (p * (1 - p))
