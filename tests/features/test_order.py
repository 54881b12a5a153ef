"""The order of moments is that of a stable sort, however they are spread."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.order import FEW_MOMENTS, in_order

MANY = 3 * FEW_MOMENTS
RANDOM = np.random.default_rng(7)
SPREADS = {
    "a year": RANDOM.integers(0, 365 * 86_400_000_000, MANY),
    "all one moment": np.full(MANY, 5),
    "few moments": RANDOM.integers(0, 3, MANY),
    "a span of as many bits as are sorted by": np.append(RANDOM.integers(0, 2**26, MANY), [0, 2**26 - 1]),
    "one bit more": np.append(RANDOM.integers(0, 2**27, MANY), [0, 2**27 - 1]),
    "the longest span there is": np.append(RANDOM.integers(-100, 100, MANY), [-(2**63), 2**63 - 1]),
    "before 1970 and after": RANDOM.integers(-(2**62), 2**62, MANY),
    "small groups of one beginning": np.repeat(RANDOM.integers(0, 2**60, MANY // 4), 4) + RANDOM.integers(0, 9, MANY),
    "falling": np.arange(MANY, 0, -1) * 2**40,
}
"""With a longer span moments of one beginning are put in order one by one, or many at once."""


@pytest.mark.parametrize("name", SPREADS)
def test_the_order_of_many_is_that_of_a_stable_sort(name: str) -> None:
    """Equal moments stay as they stand, whatever the span."""
    moments = SPREADS[name]
    assert moments.size > FEW_MOMENTS
    for some in (moments, moments[::2]):
        order, ordered = in_order(some)
        assert np.array_equal(np.argsort(some, kind="stable"), order)
        assert np.array_equal(some[order], ordered)


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=60))
def test_the_order_of_random_moments_is_that_of_a_stable_sort(moments: list[int]) -> None:
    """Of few as they are, of many where they come again and again."""
    few, many = np.array(moments, np.int64), np.resize(np.array(moments, np.int64), FEW_MOMENTS + 100)
    for column in (few, many):
        order, ordered = in_order(column)
        assert np.array_equal(np.argsort(column, kind="stable"), order)
        assert np.array_equal(column[order], ordered)
