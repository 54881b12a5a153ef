"""What events and questions weigh, 2^(age / half-life), for a run of rows at once.

A library's exponential takes one number at a time, and its last bit depends on the library. Here are additions,
multiplications, divisions and a floor only, which IEEE 754 rounds in one way everywhere, and which a processor does on
several rows side by side. So a row weighs the same to the bit whether it comes alone or among a million.
"""

import math

import numpy as np
from numpy.typing import NDArray

from features.compiled import compiled, within

ROWS = 128
"""Rows of a run at most: its weights stay in the first cache."""
TERMS = 14
SERIES = np.array([math.sqrt(2) * math.log(2) ** k / math.factorial(k) for k in range(TERMS)])
"""Coefficients of 2^(½ + r) = √2 · Σ (r ln 2)^k / k!: up to |r| = ½ what is left out is below 1e-17."""
BIAS = 1023.0
"""What IEEE 754 adds to the exponent of a double; an exponent of 0 and no mantissa is the number 0."""
WHOLE = 1.5 * 2.0**52
"""Added to a whole number, it puts its bits in the last places of the mantissa."""
MANTISSA_BITS = 52


@within
def room_for(half_lives: int, rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Room for the weights of runs of so many rows, or :data:`ROWS`, and for their powers; see :func:`weigh`."""
    powers = np.empty(min(rows, ROWS))
    return np.empty((half_lives, powers.size)), powers


@within
def series(r: float) -> float:
    """2^(½ + r) for −½ ≤ r ≤ ½."""
    total = SERIES[TERMS - 1]
    for k in range(TERMS - 2, -1, -1):
        total = total * r + SERIES[k]
    return float(total)


@compiled
def weigh(
    moments: NDArray[np.int64],
    begin: int,
    end: int,
    marks: NDArray[np.int64],
    half_lives: NDArray[np.int64],
    sign: int,
    weights: NDArray[np.float64],
    powers: NDArray[np.float64],
) -> None:
    """Write 2^(sign · (moment − mark) / half-life) of a run of rows; 1 where nothing decays, 0 below 2^−1022.

    Parameters
    ----------
    moments
        Shape (n,), microseconds; the run is ``begin`` to ``end``.
    marks, half_lives
        Shape (half-lives,), microseconds: from where ages count; 0 never decays.
    weights
        Shape (half-lives, rows of a run): what is written.
    powers
        Shape (rows of a run,): room for the whole parts of the powers of two.
    """
    bits = powers.view(np.int64)
    for h in range(half_lives.size):
        if half_lives[h] == 0:
            weights[h, : end - begin] = 1.0
            continue
        half_life, mark = float(half_lives[h]), marks[h]
        for k in range(end - begin):
            since = float(sign * (moments[begin + k] - mark))
            whole = np.floor(since / half_life)
            powers[k] = max(whole, -BIAS) + (WHOLE + BIAS)
            weights[h, k] = series((since - whole * half_life) / half_life - 0.5)
        for k in range(end - begin):
            bits[k] = bits[k] << MANTISSA_BITS
        for k in range(end - begin):
            weights[h, k] *= powers[k]
