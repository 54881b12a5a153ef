"""What a row weighs: a power of two to the last places, and the same bits whether it comes alone or in a run."""

from decimal import Decimal, getcontext

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.compiled import compiled
from features.weights import ROWS, room_for, weigh

DAY = 86_400_000_000
HALF_LIVES = np.array([DAY // 8, 7 * DAY, 0])
AGES = st.integers(-1100 * (DAY // 8), 512 * (DAY // 8))


@compiled
def weighed(moments: np.ndarray, half_lives: np.ndarray, marks: np.ndarray, sign: int) -> np.ndarray:
    """Weights of one run, shape (half-lives, rows)."""
    weights, powers = room_for(half_lives.size, moments.size)
    weigh(moments, 0, moments.size, marks, half_lives, sign, weights, powers)
    return weights


def exactly(since: int, half_life: int) -> float:
    """2^(since / half-life) in decimals."""
    getcontext().prec = 40
    return float(Decimal(2) ** (Decimal(since) / Decimal(half_life)))


@settings(deadline=None)
@given(st.lists(AGES, min_size=1, max_size=ROWS), st.sampled_from([1, -1]))
def test_weights_are_powers_of_two_and_alone_as_in_a_run(ages: list[int], sign: int) -> None:
    """Within four units in the last place of the exact power; 0 below the smallest normal float; 1 without decay."""
    marks = np.array([3 * DAY, -DAY, 0])
    moments = np.array(ages, np.int64) * sign
    found = weighed(moments, HALF_LIVES, marks, sign)
    for k, moment in enumerate(moments.tolist()):
        assert found[2, k] == 1.0
        for h in (0, 1):
            exact = exactly(sign * (moment - int(marks[h])), int(HALF_LIVES[h]))
            assert abs(found[h, k] - exact) <= 4 * np.spacing(exact) or exact < 2.0**-1021
            assert found[h, k] == 0.0 or exact >= 2.0**-1023
        assert np.array_equal(weighed(moments[k : k + 1], HALF_LIVES, marks, sign)[:, 0], found[:, k])
