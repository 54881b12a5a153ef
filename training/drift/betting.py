"""Bets against the predictions: e-values, and detectors made of them.

A bet is on another shift of the log-odds than the null allows. For an outcome y that was given the log-odds m, with
the null's largest shift δ and the bet's shift θ beyond it in the same direction, the factor of the bet's wealth is the
ratio of likelihoods

    exp((θ − δ) · y) · (1 + e^(m + δ)) / (1 + e^(m + θ)).

Its expectation is at most 1 for every true shift that does not exceed δ, whatever came before, because it rises (falls)
with y and is 1 at δ. So the product is an e-process for "nothing is shifted by more than δ": it exceeds 1/α with
probability α at most, at whatever moment one looks (Ville 1939; Shafer 2021; Waudby-Smith & Ramdas 2023). Days are the
unit of time. The outcomes of a day are not independent of one another, as weather and markets are shared; where a day's
sum varies φ times as much as independent outcomes would, the day's factor is taken to the power 1/φ, so that a bet wins
no more than the day's own swing explains (a quasi-likelihood, Wedderburn 1974). For φ ≥ 1 and independent outcomes that
is an e-value all the same, by Jensen.

A detector adds a new bet each day, M ← (M + 1) · factor (Shiryaev–Roberts); its mean run length until it exceeds A is
at least A days while the null holds (e-detectors: Shin, Ramdas & Rinaldo 2023). Weighted means of e-processes and of
detectors are such again, under any dependence (Vovk & Wang 2021); that corrects for many slices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Array = NDArray[np.float64]
Days = NDArray[np.int64]
STEPS = (0.25, 0.5, 1.0, 1.75)
"""Log-odds beyond the null's boundary that are bet on; a shift in between is won nearly as fast by its neighbour."""
CEILING = 1.0
"""How far above the threshold a bet's log statistic may rise, so that an alarm ends some days after its cause."""


@dataclass(frozen=True)
class Bets:
    """Bets of K streams in two directions, each with S sizes: 2S bets a stream, those upwards first.

    Attributes
    ----------
    allowed
        δ, shape (K, 2S): largest shift in the bet's direction that is no alarm, signed.
    shift
        θ, shape (K, 2S).
    weight
        Shape (K, 2S); the sum is at most 1. 0 = this bet is not made.
    """

    allowed: Array
    shift: Array
    weight: Array


def bets_beyond(up: Array, down: Array, weight: Array) -> Bets:
    """Bets beyond what each stream tolerates.

    Parameters
    ----------
    up, down
        Shape (K,): largest tolerated shift in each direction, both ≥ 0; infinite = no bet in that direction.
    weight
        Shape (K,): of each stream, with a sum of at most 1.
    """
    steps = np.array(STEPS)
    many = 2 * steps.size
    sign = np.repeat([1.0, -1.0], steps.size)
    tolerated = np.repeat(np.stack([up, down], axis=1), steps.size, axis=1)
    made = np.isfinite(tolerated)
    allowed = np.where(made, tolerated, 0.0)
    return Bets(sign * allowed, sign * (allowed + np.tile(steps, 2)), made * weight[:, None] / many)


@dataclass(frozen=True)
class Books:
    """What is fixed before outcomes are known, of K streams over D days.

    Attributes
    ----------
    bets
        G = 2S bets a stream.
    price
        Shape (K, G, D): Σ of log((1 + e^(m + θ)) / (1 + e^(m + δ))) over the day's outcomes.
    expected, variance
        Shape (K, D): Σ p and Σ p (1 − p).
    """

    bets: Bets
    price: Array
    expected: Array
    variance: Array

    def factors(self, happened: Array, spread: Array) -> Array:
        """Log factor of every bet on every day, shape (…, K, G, D).

        Parameters
        ----------
        happened
            Shape (…, K, D): how many of the day's outcomes came true.
        spread
            φ ≥ 1, shape (…, K, D).
        """
        tilt = (self.bets.shift - self.bets.allowed)[:, :, None]
        return np.asarray((tilt * happened[..., None, :] - self.price) / spread[..., None, :])


def open_books(bets: Bets, margin: Array, days: Days, member: NDArray[np.bool_], count: int) -> Books:
    """Prices of n outcomes.

    Parameters
    ----------
    margin
        Predicted log-odds, shape (n,).
    days
        Shape (n,): day on which each outcome became known, from 0 to ``count`` − 1.
    member
        Shape (K, n): streams that each outcome belongs to.
    """
    p = 1 / (1 + np.exp(-margin))
    price = np.zeros((*bets.shift.shape, count))
    expected, variance = np.zeros((2, len(member), count))
    for stream, rows in enumerate(member):
        m, when = margin[rows], days[rows]
        expected[stream] = np.bincount(when, p[rows], count)
        variance[stream] = np.bincount(when, (p * (1 - p))[rows], count)
        for bet, (shift, allowed) in enumerate(zip(bets.shift[stream], bets.allowed[stream], strict=True)):
            price[stream, bet] = np.bincount(when, np.logaddexp(0, m + shift) - np.logaddexp(0, m + allowed), count)
    return Books(bets, price, expected, variance)


def day_sums(values: Array, days: Days, member: NDArray[np.bool_], count: int) -> Array:
    """Sum of n values by stream and day, shape (K, count)."""
    return np.stack([np.bincount(days[rows], values[rows], count) for rows in member])


def log_wealth(factors: Array) -> Array:
    """Log e-process of every bet after every day; shape as ``factors``, days last."""
    return np.cumsum(factors, axis=-1)


def log_detector(factors: Array, ceiling: Array | float = np.inf) -> Array:
    """Log statistic of every bet's detector after every day, never above ``ceiling``; shape as ``factors``."""
    made = np.empty_like(factors)
    before = np.full(factors.shape[:-1], -np.inf)
    for day in range(factors.shape[-1]):
        before = np.minimum(np.logaddexp(0, before) + factors[..., day], ceiling)
        made[..., day] = before
    return made


def log_mean(statistic: Array, weight: Array, axes: tuple[int, ...]) -> Array:
    """Log of the weighted sum over ``axes`` of statistics given as logs, shape without them."""
    with np.errstate(divide="ignore"):
        return np.asarray(logsumexp(statistic + np.log(weight)[..., None], axis=axes))


def ceilings(weight: Array, log_threshold: float) -> Array:
    """Largest log statistic that each bet may reach: alone it raises the alarm and stays ``CEILING`` above it."""
    with np.errstate(divide="ignore"):
        return np.asarray(log_threshold + CEILING - np.log(weight))
