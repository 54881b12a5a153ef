"""Chance for many replicas of one load: each replica is drawn as ever, together they cover what may happen evenly.

In each block of 32 replicas every stream is a rank-1 lattice, shifted at random (Cranley & Patterson 1976; L'Ecuyer &
Lemieux 2000): single draws are uniform and independent across streams, so that means are unbiased, while the draws of
one stream fall into 32 different slices of its range, which takes most of the error away. Blocks are independent of
one another, so that their differences show the error that is left.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.network.noise import _FIRST, _GOLDEN, _SECOND, Floats, Ints, Noise

REPLICA_BITS = 16
BLOCK_BITS = 5
BLOCK = 1 << BLOCK_BITS
"""Replicas of a block."""
MARK = 1 << 62
"""Bit that the keys of replicas carry; all other keys are smaller."""


def replica_keys(key: Ints, draws: int) -> Ints:
    """Keys of so many replicas of each load, load by load.

    Parameters
    ----------
    key
        Below 2⁴⁶.
    draws
        At most 2¹⁶.
    """
    return ((key[:, None] << REPLICA_BITS) | np.arange(draws) | MARK).ravel()


def key_of(replica: Ints) -> Ints:
    """Key of the load that replicas are of."""
    return (replica & ~np.int64(MARK)) >> REPLICA_BITS


@dataclass(frozen=True)
class Lattice(Noise):
    """Noise that is even over the replicas of a load, and as ever for all other keys."""

    def uniform(self, stream: str, *keys: ArrayLike) -> Floats:
        """Draws from the open interval (0, 1)."""
        row = next((key for key in keys if _marked(key)), None)
        if row is None:
            return super().uniform(stream, *keys)
        bits = self.bits(stream)
        for key in keys:
            bits = _folded(bits, np.asarray(key, dtype=np.int64))
        return np.asarray(_spread(bits, np.asarray(row)))


@numba.vectorize(["uint64(uint64, int64)"], cache=True)
def _folded(bits, key):  # type: ignore[no-untyped-def]
    """One more key, as :meth:`Noise.bits` takes it in; the replicas of a block are the same to it."""
    if key >= np.int64(MARK):
        key = key & ~np.int64(BLOCK - 1)
    word = (bits ^ (np.uint64(key) * _FIRST)) + _GOLDEN
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    return word ^ (word >> np.uint64(31))


@numba.vectorize(["float64(uint64, int64)"], cache=True)
def _spread(bits, replica):  # type: ignore[no-untyped-def]
    """The replica's place on the lattice: an odd step, and a shift, both from the bits of its block."""
    step = np.int64(bits & np.uint64(BLOCK - 1)) | np.int64(1)
    place = (np.int64(replica & (BLOCK - 1)) * step) & np.int64(BLOCK - 1)
    drawn = (np.float64(bits >> np.uint64(11)) + 0.5) * 2.0**-53 + place / BLOCK
    drawn = drawn - 1.0 if drawn >= 1.0 else drawn
    return min(max(drawn, 2.0**-54), 1.0 - 2.0**-53)


def _marked(key: ArrayLike) -> bool:
    values: NDArray[np.int64] = np.asarray(key)
    return values.ndim > 0 and values.size > 0 and values.dtype == np.int64 and bool(values.flat[0] >= MARK)
