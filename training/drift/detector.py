"""Detectors that are begun anew every day, by as much as keeps false alarms as rare as was asked for.

Every day each bet is begun with some money x · w, beside what it holds already, and all of it is multiplied by the
day's factor (Shiryaev–Roberts; e-detectors, Shin, Ramdas & Rinaldo 2023). Let M be what all bets hold together. If in
every harmless case, whatever happened before,

    E[M after the day] ≤ M before it + 1,

then M − days is a supermartingale, and the mean number of days until M reaches A is at least A. What is begun with is
the only freedom. Were each bet taken for itself, all x · w could add up to 1 at most. But only the bets on one cause
can be fair at a time (:mod:`training.drift.harmless`), and the others lose what they hold; so x is the largest that
keeps the inequality in each case, and never more than makes up for one cause's bets alone, so that nothing lost long
ago is bet again. It is known before the day's outcomes are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
HIGHEST = 500.0
"""Log factors are cut here, far beyond every alarm."""


@dataclass(frozen=True)
class Stage:
    """Bets of the K streams of a stage.

    Attributes
    ----------
    weight
        Shape (K, G); 0 = not made.
    means
        Log of the largest mean factors, shape (C, K, G, D).
    most
        Weight of the bets that can be fair together in a stream, shape (K,).
    budget
        What the stage's bets may gain a day.
    """

    weight: Array
    means: Array
    most: Array
    budget: float

    def held(self, factors: Array, spread: Array, seen: NDArray[np.bool_], ceiling: Array) -> Array:
        """Log of what each stream's bets hold after every day, shape (…, K, D).

        Parameters
        ----------
        factors
            Log factors, shape (…, K, G, D).
        spread
            φ, shape (…, K, D): a mean factor is at most that of independent outcomes to the power 1/φ.
        seen
            Shape (K, D): streams that have outcomes on a day; no others are begun.
        ceiling
            Log of the most that a bet may hold by itself, in units of its weight, shape (K, G).
        """
        held = np.zeros(factors.shape[:-1])
        made = np.empty((*factors.shape[:-2], factors.shape[-1]))
        won, most = np.exp(np.minimum(factors, HIGHEST)), np.exp(np.minimum(ceiling, HIGHEST))
        for day in range(factors.shape[-1]):
            means = np.exp(self.means[..., day] / spread[..., None, :, None, day])
            begun = np.where(seen[:, day, None] & (self.weight > 0), 1.0, 0.0)
            keep, x = self._begin(held, means, begun)
            held = np.minimum((held * keep + x * begun) * won[..., day], most)
            made[..., day] = (self.weight * held).sum(axis=-1)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(made))

    def _begin(self, held: Array, means: Array, begun: Array) -> tuple[Array, Array]:
        """By what bets that are held are multiplied, 1 but where a case wins too much, and what others begin with.

        Both have shape (…, 1, 1).
        """
        money = (self.weight * held)[..., None, :, :]
        before = money.sum(axis=(-2, -1))
        after = (money * means).sum(axis=(-2, -1))
        gain = (self.weight * begun * means).sum(axis=(-2, -1))
        room = self.budget + before - after
        alone = self.budget / max(float((self.most * begun.any(axis=-1)).max()), 1e-300)
        x = np.clip((room / np.maximum(gain, 1e-300)).min(axis=-1), 0.0, alone)
        keep = np.minimum(((before + self.budget) / np.maximum(after, 1e-300)).min(axis=-1), 1.0)
        return keep[..., None, None], x[..., None, None]
