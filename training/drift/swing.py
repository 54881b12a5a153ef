"""How much days differ from one another beyond what independent outcomes explain: the swing τ, in log-odds.

A day's residual z = (Σ y − Σ p) / V, with V = Σ p (1 − p), is the day's shift of log-odds to first order, with variance
1/V + τ² where days swing by τ. Squared differences of neighbouring days tell τ² whatever level the shift has, so that a
shift that stays does not pass for swing (von Neumann 1941). Only days before the one that it is used on are looked at.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST_SWING = 0.05
"""Taken for granted: nothing in the world is exactly independent."""
FIRST_SWING = 0.25
"""Held until days have told, for as much as :data:`FIRST_DAYS` pairs of days."""
FIRST_DAYS = 5
OUTLYING = 9.0
"""A squared difference counts for this many times its expectation at most: the day of a change is not swing."""


def swings(residual: Array, variance: Array) -> Array:
    """τ² in force on every day, shape (…, D), told by the days before it.

    Parameters
    ----------
    residual
        Σ (y − p) of each day, shape (…, D).
    variance
        V of each day, shape (…, D) or broadcast to it; days with 0 tell nothing.
    """
    variance = np.broadcast_to(variance, residual.shape)
    told, made = _Told(residual.shape[:-1]), np.empty(residual.shape)
    for day in range(residual.shape[-1]):
        made[..., day] = told.swing(variance[..., day])
        told.learn(residual[..., day], variance[..., day])
    return np.maximum(made, LEAST_SWING**2)


def spreads(swing: Array, variance: Array) -> Array:
    """φ = 1 + τ² V: how many times the variance of independent outcomes a day's sum has."""
    return np.asarray(1 + swing * variance)


class _Told:
    """What pairs of days have told so far, one state for each stream."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.excess, self.weight = np.zeros(shape), np.zeros(shape)
        self.last, self.last_variance = np.zeros(shape), np.zeros(shape)

    def swing(self, variance: Array) -> Array:
        """τ² by all pairs so far and the first guess."""
        guessed = FIRST_DAYS * np.maximum(variance, 1e-9) / 2
        return np.asarray(np.maximum(self.excess + guessed * FIRST_SWING**2, 0) / (self.weight + guessed))

    def learn(self, residual: Array, variance: Array) -> None:
        """Take in a day; with weight w = V V' / (V + V'), E[w (z − z')²] = 1 + 2 w τ²."""
        known = variance > 0
        z = np.divide(residual, variance, out=np.zeros_like(residual), where=known)
        pair = known & (self.last_variance > 0)
        both = variance + self.last_variance
        w = np.divide(variance * self.last_variance, both, out=np.zeros_like(residual), where=pair)
        seen = np.minimum(w * (z - self.last) ** 2, OUTLYING * (1 + 2 * w * self.swing(variance)))
        self.excess += np.where(pair, (seen - 1) / 2, 0)
        self.weight += w
        self.last, self.last_variance = np.where(known, z, self.last), np.where(known, variance, self.last_variance)
