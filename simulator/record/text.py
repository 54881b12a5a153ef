"""Columns of names and times, as Arrow writes them fastest."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.network.clock import Clock
from simulator.network.noise import Floats, Ints

MOMENT = pa.timestamp("us", tz="UTC")


def named(words: pa.Array, index: Ints) -> pa.Array:
    """The word of each index; null where it is negative."""
    missing = index < 0
    return pa.DictionaryArray.from_arrays(pa.array(np.where(missing, 0, index), pa.int32(), mask=missing), words)


def one_of(words: tuple[str, ...], index: Ints) -> pa.Array:
    """The same for a short list of words; an empty word is null."""
    shown = np.array([bool(word) for word in words])
    return named(pa.array(words), np.where(shown[np.maximum(index, 0)], index, -1))


def constant(word: str, count: int) -> pa.Array:
    """One word for all."""
    return named(pa.array([word]), np.zeros(count, dtype=np.int64))


def moments(clock: Clock, minutes: Floats) -> pa.Array:
    """UTC timestamps, to the second; null where the time has not come."""
    return pa.array(clock.moment(minutes), pa.timestamp("us")).cast(MOMENT)


def numbers(values: NDArray[np.generic], unknown: NDArray[np.bool_] | None = None) -> pa.Array:
    """Floats; null where they are NaN or unknown."""
    floats = np.asarray(values, dtype=np.float64)
    missing = np.isnan(floats)
    return pa.array(floats, mask=missing if unknown is None else missing | unknown)


def flags(values: NDArray[np.bool_]) -> pa.Array:
    """Booleans."""
    return pa.array(values, pa.bool_())
