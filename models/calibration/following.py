"""Calibration followed as outcomes become known: how log-odds are shifted, spread and bent, from one day to the next.

Drift of the base rate is the largest calibration error, and an intercept mends it; a slope mends that margins tell
less, or more, than they did; bends mend what is amiss at some of them only. What is in force on a day, δ = (shift,
slope, bends), is a posterior mode: normal prior, likelihood of the outcomes known by the beginning of that day under
log-odds ℓ + shift + slope · (ℓ − around) + bend(ℓ) (:mod:`models.calibration.shift`). From day to day the mode stays
and its precision fades, exponentially and down to that of the first prior around 0, so that a few outcomes never move
much (a discounted dynamic generalised linear model; West, Harrison & Migon 1985).

Whoever forgets slowly is exact in calm times and late when the market turns; whoever forgets fast is the reverse. So
several half-lives are followed at once, and no shift at all beside them; δ is their mean under weights that follow what
each would have lost on the outcomes of the day, with a fixed share given back every day so that none is written off
(Herbster & Warmuth 1998, Tracking the Best Expert). Log loss is convex in δ: the mean loses no more than they do on
average. The priors of slope and bends are narrow: a few outcomes shall not turn the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from models.calibration.shift import KNOTS, NONE, Shift, tents

Array = NDArray[np.float64]
Days = NDArray[np.int64]
HALF_LIVES_DAYS = (1.0, 3.0, 10.0, 60.0)
WAYS = len(HALF_LIVES_DAYS) + 1
"""Those half-lives and, last, no shift at all."""
PRIOR_SPREAD = 0.5
"""Deviation of the first prior of the shift around 0, in log-odds; never is less known of it later."""
SLOPE_SPREAD = 0.1
"""Deviation of the first prior of the slope around 0."""
BEND_SPREAD = 0.3
"""Deviation of the first prior of each bend around 0."""
PRIOR = np.diag([PRIOR_SPREAD**-2, SLOPE_SPREAD**-2, *[BEND_SPREAD**-2] * KNOTS.size])
"""Precision of the first prior, shape (terms, terms)."""
TERMS = len(PRIOR)
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

    def losses(self, log_odds: Array) -> Array:
        """Log loss of each outcome under other log-odds, shape (n,)."""
        return np.asarray(np.logaddexp(0, log_odds) - self.outcome * log_odds)

    def terms(self, around: float) -> Array:
        """What shift, slope and bends are multiplied by, shape (n, terms)."""
        return np.column_stack([np.ones(len(self)), self.log_odds - around, tents(self.log_odds)])

    def rows(self, chosen: slice | NDArray[Any]) -> "Known":
        """Some of them."""
        return Known(*(getattr(self, name)[chosen] for name in ("log_odds", "outcome", "day", "weight")))


@dataclass(frozen=True)
class Forgetting:
    """How the past fades.

    Attributes
    ----------
    half_lives_days, weights
        Half-lives, and the weight that each begins with, last that of no shift; Σ = 1.
    around
        Log-odds around which a slope turns: their mean on what folds judged.
    """

    half_lives_days: tuple[float, ...] = HALF_LIVES_DAYS
    weights: tuple[float, ...] = (1 / WAYS,) * WAYS
    around: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"half_lives_days": list(self.half_lives_days), "weights": list(self.weights), "around": self.around}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Forgetting":
        """Read back what :meth:`as_json` gave, now or before there was a slope."""
        return cls(tuple(document["half_lives_days"]), tuple(document["weights"]), document.get("around", 0.0))


@dataclass(frozen=True)
class Path:
    """The shift in force on each of d days that follow one another.

    Attributes
    ----------
    first_day
        Number of the first of them; before it there is no shift.
    learned
        Shape (d, terms): shift, slope and bends, from outcomes that counted before the day began.
    weights
        Shape (d, half-lives + 1).
    around
        Log-odds around which the slope turns.
    """

    first_day: int
    learned: Array
    weights: Array
    around: float

    def on(self, day: int) -> Shift:
        """What is in force on a day; after the last day it stays."""
        place = min(day - self.first_day, len(self.learned) - 1)
        if place < 0:
            return NONE
        by, slope, *bends = self.learned[place].tolist()
        return Shift(by, slope, self.around, tuple(bends))

    def at(self, log_odds: Array, day: Days) -> Array:
        """Log-odds of n rows, each under what is in force on its day, shape (n,)."""
        days, place = np.unique(day, return_inverse=True)
        made = log_odds.copy()
        for k, one in enumerate(days):
            made[place == k] = self.on(int(one)).of(log_odds[place == k])
        return made


def follow(known: Known, forgetting: Forgetting, until_day: int) -> Path:
    """Follow outcomes day by day, up to the shift in force on ``until_day``; what counts later is not looked at."""
    known, around = known.rows(slice(0, int(np.searchsorted(known.day, until_day)))), forgetting.around
    if not len(known):
        return Path(until_day, np.zeros((0, TERMS)), np.zeros((0, len(forgetting.weights))), around)
    first = int(known.day[0])
    days = np.arange(first, until_day + 1)
    kept = 0.5 ** (1 / np.array(forgetting.half_lives_days))[:, None, None]
    begin = np.array(forgetting.weights)
    mean, precision, weights = np.zeros((len(kept), TERMS)), np.tile(PRIOR, (len(kept), 1, 1)), begin
    learned, shares = [np.zeros(TERMS)], [begin]
    for low, high in pairwise(np.searchsorted(known.day, days)):
        today = known.rows(slice(low, high))
        Z = today.terms(around)
        weights = _reweighted(weights, begin, np.vstack([mean, np.zeros(TERMS)]), today, Z)
        mean, precision = _posterior(mean, kept * precision + (1 - kept) * PRIOR, today, Z)
        learned.append(weights[:-1] @ mean)
        shares.append(weights)
    return Path(first, np.array(learned), np.array(shares), around)


def by_stage(known: Known, stages: NDArray[Any]) -> dict[str, Known]:
    """The outcomes of each stage; ``stages`` has shape (n,)."""
    named = stages.astype(str)
    return {str(stage): known.rows(named == stage) for stage in np.unique(named)}


def learn_forgetting(known: Mapping[str, Known]) -> Forgetting:
    """Begin with the weights that each half-life, and no shift, deserves by what it would have lost on the past.

    Parameters
    ----------
    known
        Outcomes of each stage.
    """
    if not any(map(len, known.values())):
        return Forgetting()
    around = round(float(np.concatenate([one.log_odds for one in known.values()]).mean()), 6)
    lost = np.sum([_lost(one, around) for one in known.values()], axis=0)
    deserved = np.exp(lost.min() - lost)
    weights = np.maximum(deserved / deserved.sum(), LEAST_WEIGHT)
    return Forgetting(HALF_LIVES_DAYS, tuple((weights / weights.sum()).round(6).tolist()), around)


def _lost(known: Known, around: float) -> Array:
    """What each half-life alone would have lost on the outcomes of a stage, and last no shift."""
    until = int(known.day[-1]) + 1
    alone = [follow(known, Forgetting((one,), (1.0, 0.0), around), until) for one in HALF_LIVES_DAYS]
    told = [*(path.at(known.log_odds, known.day) for path in alone), known.log_odds]
    return np.array([float(known.weight @ known.losses(one)) for one in told])


def _reweighted(weights: Array, begin: Array, mean: Array, today: Known, Z: Array) -> Array:
    """Weights after a day, by what each half-life's shift of the day before would have lost on it."""
    moved = mean @ Z.T
    lost = np.array([float(today.weight @ today.losses(today.log_odds + one)) for one in moved])
    earned = weights * np.exp(lost.min() - lost)
    return np.asarray((1 - SHARE) * earned / earned.sum() + SHARE * begin)


def _posterior(mean: Array, precision: Array, today: Known, Z: Array) -> tuple[Array, Array]:
    """Mode and curvature of each half-life's posterior after a day's outcomes, by Newton's method.

    Parameters
    ----------
    mean, precision
        Shape (half-lives, terms) and (half-lives, terms, terms), before the day.
    Z
        The terms of the day's outcomes, shape (n, terms).
    """
    at = mean.copy()
    for _ in range(STEPS):
        p = expit(today.log_odds + at @ Z.T)
        slope = np.einsum("kij,kj->ki", precision, at - mean) + ((p - today.outcome) * today.weight) @ Z
        step = np.linalg.solve(_curvature(precision, p, Z, today.weight), slope[:, :, None])[:, :, 0]
        at = at - np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max() < CLOSE:
            break
    return at, _curvature(precision, expit(today.log_odds + at @ Z.T), Z, today.weight)


def _curvature(precision: Array, p: Array, Z: Array, weight: Array) -> Array:
    """Shape (half-lives, terms, terms), of probabilities (half-lives, n)."""
    return np.asarray(precision + ((p * (1 - p) * weight)[:, None, :] * Z.T) @ Z)
