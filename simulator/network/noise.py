"""Chance as a function: the same question always gets the same draw, whoever asks and in whatever order.

A draw is a hash of the seed, the stream (what is drawn) and the keys (for whom). Two worlds that differ by one
action therefore share every other draw: common random numbers without bookkeeping. The mixing is the finaliser
of SplitMix64 (Steele, Lea & Flood 2014), applied once per key.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

HAND = 8
"""Draws dealt together."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_THIRTY, _TWENTY_SEVEN, _THIRTY_ONE = np.uint64(30), np.uint64(27), np.uint64(31)


def mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of SplitMix64, elementwise; a bijection of 64-bit words."""
    made = bits + _GOLDEN
    made ^= made >> _THIRTY
    made *= _FIRST
    made ^= made >> _TWENTY_SEVEN
    made *= _SECOND
    made ^= made >> _THIRTY_ONE
    return made


@lru_cache(maxsize=4096)
def _start(seed: int, stream: str) -> NDArray[np.uint64]:
    number = (seed * 0x2545F4914F6CDD1D + zlib.crc32(stream.encode()) * 0x9E3779B1) % 2**64
    start = mixed(np.array([number], dtype=np.uint64))
    start.flags.writeable = False
    return start


@dataclass(frozen=True)
class Noise:
    """All chance of one world.

    Attributes
    ----------
    seed
        0 or more.
    """

    seed: int

    def bits(self, stream: str, *keys: ArrayLike) -> NDArray[np.uint64]:
        """64 random bits for each combination of keys, broadcast against one another."""
        made = _start(self.seed, stream)
        for key in keys:
            made = mixed(made ^ (np.asarray(key, dtype=np.int64).view(np.uint64) * _FIRST))
        return made

    def uniform(self, stream: str, *keys: ArrayLike) -> Floats:
        """Draws from the open interval (0, 1)."""
        return ((self.bits(stream, *keys) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, stream: str, *keys: ArrayLike) -> Floats:
        """Draws from the standard normal distribution."""
        return np.asarray(ndtri(self.uniform(stream, *keys)))

    def exponential(self, stream: str, *keys: ArrayLike) -> Floats:
        """Draws from the exponential distribution of mean 1."""
        return -np.log(self.uniform(stream, *keys))

    def dealt(self, stream: str, order: Ints) -> Floats:
        """Uniform draws, one for each place of ``order``, even along it: one from each eighth for every 8 neighbours.

        Each draw is uniform all the same; sums over neighbours vary far less than those of independent draws.
        """
        who = np.arange(len(order))
        hand = who // HAND
        drawn = self.uniform(stream, who, 0)
        rank = np.empty(len(order))
        rank[np.lexsort((drawn, hand))] = who % HAND
        size = np.minimum(HAND, len(order) - hand * HAND)
        even = np.empty(len(order))
        even[order] = (rank + self.uniform(stream, who, 1)) / size
        return even

    def poisson(self, stream: str, mean: Floats, *keys: ArrayLike) -> Ints:
        """Counts of the given means (moderate: it inverts the distribution step by step)."""
        wanted = np.broadcast_to(self.uniform(stream, *keys), mean.shape)
        counts, mass = np.zeros(mean.shape, dtype=np.int64), np.exp(-mean)
        below = mass.copy()
        above = wanted > below
        step = 0
        while above.any():
            step += 1
            mass = mass * mean / step
            counts += above
            below = below + mass
            above &= (wanted > below) & (mass > 1e-15)
        return counts

    def chosen(self, stream: str, weights: Floats, *keys: ArrayLike) -> Ints:
        """Positions drawn with the given weights, one for each combination of keys."""
        ends = np.cumsum(weights) / np.sum(weights)
        return np.minimum(np.searchsorted(ends, self.uniform(stream, *keys)), len(weights) - 1)
