"""The compiled scan of entity history: exponentially decayed sums, forward in the order of knowledge.

No fastmath: the same numbers in the same order give the same bits.
"""

import numba
import numpy as np
from numpy.typing import NDArray

MICROSECONDS_PER_DAY = 86_400_000_000.0


@numba.njit(cache=True)
def running_sums(
    starts: NDArray[np.int64],
    known: NDArray[np.int64],
    first_known: NDArray[np.int64],
    changes: NDArray[np.float64],
    half_life_days: float,
) -> NDArray[np.float64]:
    """Decayed sums of each entity just after each of its events.

    Parameters
    ----------
    starts
        Shape (entities + 1,): events of entity e are ``starts[e]:starts[e + 1]``, ascending by ``known``.
    known, first_known
        Shape (events,), microseconds. A change weighs as if it had come when the fact was first known.
    changes
        Shape (events, values).

    Returns
    -------
    Shape (events, values): Σ change · 2^(−age / half-life).
    """
    events, values = changes.shape
    sums = np.zeros((events, values))
    for entity in range(starts.size - 1):
        for i in range(starts[entity], starts[entity + 1]):
            weight = 2.0 ** (-((known[i] - first_known[i]) / MICROSECONDS_PER_DAY) / half_life_days)
            decay = 0.0
            if i > starts[entity]:
                decay = 2.0 ** (-((known[i] - known[i - 1]) / MICROSECONDS_PER_DAY) / half_life_days)
            for v in range(values):
                before = sums[i - 1, v] * decay if i > starts[entity] else 0.0
                sums[i, v] = before + changes[i, v] * weight
    return sums


@numba.njit(cache=True)
def sums_as_of(
    starts: NDArray[np.int64],
    known: NDArray[np.int64],
    sums: NDArray[np.float64],
    entities: NDArray[np.int64],
    as_of: NDArray[np.int64],
    half_life_days: float,
) -> NDArray[np.float64]:
    """Decayed sums of an entity as of a moment, events of that very moment included; zeros where it has none.

    ``entities`` (shape (n,)) holds −1 for an entity never seen. Returns shape (n, values).
    """
    answers = np.zeros((entities.size, sums.shape[1]))
    for q in range(entities.size):
        entity = entities[q]
        if entity < 0:
            continue
        low, high = starts[entity], starts[entity + 1]
        while low < high:
            middle = (low + high) // 2
            if known[middle] <= as_of[q]:
                low = middle + 1
            else:
                high = middle
        if low > starts[entity]:
            age = (as_of[q] - known[low - 1]) / MICROSECONDS_PER_DAY
            decay = 2.0 ** (-age / half_life_days)
            for v in range(sums.shape[1]):
                answers[q, v] = sums[low - 1, v] * decay
    return answers
