"""Identifiers that say nothing: a number's bits, scrambled with the seed and spelled in 32 letters."""

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from simulator.network.noise import Noise

LETTERS = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype=np.uint8)
"""Crockford's base 32."""
LENGTH = 12


def names(noise: Noise, kind: str, *keys: ArrayLike) -> pa.Array:
    """Names such as ``S4K7Q0ZB81XEM``: the kind's first letter, then 60 scrambled bits of the keys.

    Parameters
    ----------
    kind
        What is named; the same keys of another kind get other names.
    keys
        Integers, broadcast against one another.
    """
    bits = np.atleast_1d(noise.bits("name of " + kind, *keys))
    return spelled(kind[0].upper(), bits)


def spelled(letter: str, bits: NDArray[np.uint64]) -> pa.Array:
    """Strings of a letter and the lowest 60 bits."""
    shifts = np.arange(LENGTH, dtype=np.uint64) * np.uint64(5)
    letters = np.empty((len(bits), LENGTH + 1), dtype=np.uint8)
    letters[:, 0] = ord(letter)
    letters[:, 1:] = LETTERS[((bits[:, None] >> shifts) & np.uint64(31)).astype(np.int64)]
    ends = np.arange(len(bits) + 1, dtype=np.int32) * np.int32(LENGTH + 1)
    return pa.StringArray.from_buffers(len(bits), pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(letters)))


def numbered(prefix: str, count: int) -> pa.Array:
    """``prefix`` with numbers from 1, for what a network has few of: ``DC01``, ``CARRIER007``."""
    width = len(str(count))
    return pa.array([f"{prefix}{index + 1:0{width}d}" for index in range(count)], pa.string())
