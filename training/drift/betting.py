"""Bets against the predictions: e-values, and the books in which they are kept.

A bet is on another probability than the null allows. For an outcome y that was given the log-odds m, with a bet on a
shift of them by θ where the null allows shifts from −δ₋ to δ₊, so that a is the allowed shift nearest to θ, the factor
of the bet's wealth is the ratio of likelihoods

    exp((θ − a) · y) · (1 + e^(m + a)) / (1 + e^(m + θ)).

Its expectation is at most 1 for every true shift that is allowed, whatever came before, because it rises with y where
θ > a, falls where θ < a, and is 1 at a. So the product is an e-process for "no outcome's log-odds are off by more than
is allowed": it exceeds 1/α with probability α at most, at whatever moment one looks (Ville 1939; Shafer 2021;
Waudby-Smith & Ramdas 2023). Some bets shift all outcomes alike, up or down; others flatten or steepen the predictions,
as happens when what they rest on no longer tells.

Days are the unit of time. The outcomes of a day are not independent of one another, as weather and markets are shared;
where a day's sum varies φ times as much as independent outcomes would, the day's factor is taken to the power 1/φ, so
that a bet wins no more than the day's own swing explains (a quasi-likelihood, Wedderburn 1974). For φ ≥ 1 and
independent outcomes that is an e-value all the same, by Jensen.

Weighted means of e-processes are such again, under any dependence (Vovk & Wang 2021); that corrects for many slices.
How an alarm is made of bets is told in :mod:`training.drift.detector`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit, logsumexp

from training.drift.harmless import Bets, by_day, harmless_means

Array = NDArray[np.float64]
Days = NDArray[np.int64]
STEPS = (0.5, 1.1, 2.3)
"""Log-odds beyond the boundary that are bet on; a shift in between is won nearly as fast by its neighbour."""
STEP_SHARES = (0.7, 2.0, 1.0)
"""How much is put on each, up as well as down, relative to one another."""
SLOPES = (0.5, 1.75)
"""Slopes of the log-odds around their mean that are bet on in whole stages."""
SLOPE_SHARE = 0.5
BETS = 2 * len(STEPS) + len(SLOPES)
CEILING = 1.0
"""How far above the threshold what a bet holds may rise, as a log, so that an alarm ends some days after its cause."""


@dataclass(frozen=True)
class Tolerance:
    """What K streams allow: shifts up and down, shape (K,), both ≥ 0; infinite = every shift."""

    up: Array
    down: Array


@dataclass(frozen=True)
class Books:
    """What is fixed before outcomes are known, of n outcomes in K streams over D days, with G = :data:`BETS` bets each.

    Attributes
    ----------
    weight
        Shape (K, G); the sum is at most 1. 0 = this bet is not made.
    stage
        Shape (K,): place of each stream's whole stage.
    stakes
        Matrices of shape (K · D, n) that add up outcomes by stream and day: as they are, and once for each slope times
        what is bet on each outcome, θ − a.
    tilt
        Shape (K, 2 · steps): θ − a of the bets that shift all outcomes alike.
    price
        Shape (K, G, D): Σ of log((1 + e^(m + θ)) / (1 + e^(m + a))) over the day's outcomes.
    means
        Shape (C, K, G, D): log of each bet's largest mean factor in each harmless case of its stage.
    expected, variance
        Shape (K, D): Σ p and Σ p (1 − p).
    """

    weight: Array
    stage: Days
    stakes: tuple[csr_array, ...]
    tilt: Array
    price: Array
    means: Array
    expected: Array
    variance: Array

    def sums(self, happened: Array) -> Array:
        """Sums of outcomes by stream and day, shape (1 + slopes, …, K, D); ``happened`` has shape (…, n)."""
        *repeated, n = happened.shape
        flat, shape = happened.reshape(math.prod(repeated), n).T, (*repeated, *self.expected.shape)
        return np.stack([(stake @ flat).T.reshape(shape) for stake in self.stakes])

    def factors(self, sums: Array, spread: Array) -> Array:
        """Log factor of every bet on every day, shape (…, K, G, D), by :meth:`sums` and φ ≥ 1, shape (…, K, D)."""
        shifted = self.tilt[:, :, None] * sums[0][..., None, :]
        won = np.concatenate([shifted, np.moveaxis(sums[1:], 0, -2)], axis=-2)
        return np.asarray((won - self.price) / spread[..., None, :])


def open_books(
    allowed: Tolerance,
    weight: Array,
    centre: Array,
    stage: Days,
    margin: Array,
    days: Days,
    member: NDArray[np.bool_],
    count: int,
) -> Books:
    """Prices of n outcomes.

    Parameters
    ----------
    weight, centre, stage
        Of each stream, shape (K,): its share of the bets, in sum at most 1; the log-odds around which slopes turn; the
        place of its whole stage.
    margin
        Predicted log-odds, shape (n,).
    days
        Shape (n,): day on which each outcome became known, from 0 to ``count`` − 1.
    member
        Shape (K, n): streams that each outcome belongs to.
    """
    price = np.zeros((len(member), BETS, count))
    expected, variance = np.zeros((2, len(member), count))
    bets, p = [], expit(margin)
    for stream, rows in enumerate(member):
        m, when = margin[rows], days[rows]
        expected[stream], variance[stream] = by_day(np.stack([p[rows], p[rows] * (1 - p[rows])]), when, count)
        shift = _shifts(allowed, stream, m, float(centre[stream]))
        nearest = np.clip(shift, -allowed.down[stream], allowed.up[stream])
        price[stream] = by_day(np.logaddexp(0, m + shift) - np.logaddexp(0, m + nearest), when, count)
        bets.append(Bets(m, shift, nearest))
    made = np.stack([np.isfinite(allowed.up), np.isfinite(allowed.down)], axis=1).repeat(len(STEPS), axis=1)
    tilt = made * np.tile(STEPS, 2) * np.repeat([1.0, -1.0], len(STEPS))
    means = harmless_means(bets, (allowed.down, allowed.up), stage, days, member, count)
    stakes = _stakes([one.shift - one.nearest for one in bets], days, member, count)
    return Books(_weights(made, weight, stage), stage, stakes, tilt, price, means, expected, variance)


def _weights(made: NDArray[np.bool_], weight: Array, stage: Days) -> Array:
    """Of every bet, shape (K, G), by which shifts are bet on, shape (K, 2 · steps)."""
    whole = (stage == np.arange(len(stage))) & made.any(axis=1)
    sloped = SLOPE_SHARE * whole[:, None].repeat(len(SLOPES), axis=1)
    share = np.concatenate([made * np.tile(STEP_SHARES, 2), sloped], axis=1)
    return np.asarray(share * weight[:, None] / (2 * sum(STEP_SHARES) + SLOPE_SHARE * len(SLOPES)))


def _shifts(allowed: Tolerance, stream: int, margin: Array, centre: float) -> Array:
    """θ of every bet on each of a stream's outcomes, shape (G, n): beyond what is allowed up and down, then slopes."""
    up, down = (float(side[stream]) for side in (allowed.up, allowed.down))
    beyond = [sign * (edge + step) for sign, edge in ((1, up), (-1, down)) for step in STEPS]
    steady = np.array([one if np.isfinite(one) else 0.0 for one in beyond])[:, None] + np.zeros_like(margin)
    return np.concatenate([steady, (np.array(SLOPES)[:, None] - 1) * (margin - centre)])


def _stakes(bet: list[Array], days: Days, member: NDArray[np.bool_], count: int) -> tuple[csr_array, ...]:
    stream, row = np.nonzero(member)
    cell, shape = stream * count + days[row], (len(member) * count, member.shape[1])
    sloped = np.concatenate(bet, axis=1)[2 * len(STEPS) :]
    return tuple(csr_array((values, (cell, row)), shape=shape) for values in (np.ones(len(row)), *sloped))


def log_wealth(factors: Array) -> Array:
    """Log e-process of every bet after every day; shape as ``factors``, days last."""
    return np.cumsum(factors, axis=-1)


def log_mean(statistic: Array, weight: Array, axes: tuple[int, ...]) -> Array:
    """Log of the weighted sum over ``axes`` of statistics given as logs, shape without them."""
    with np.errstate(divide="ignore"):
        return np.asarray(logsumexp(statistic + np.log(weight)[..., None], axis=axes))


def ceilings(weight: Array, log_threshold: float) -> Array:
    """Log of the most that each bet may hold: alone it raises the alarm, ``CEILING`` above it."""
    with np.errstate(divide="ignore"):
        return np.asarray(log_threshold + CEILING - np.log(weight))
