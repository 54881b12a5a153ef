"""Numbers of a file of changes are decimals, and so are exact: 0.29 of 100 is 29."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt


def scaled(values: Iterable[int], factor: Decimal) -> npt.NDArray[np.int64]:
    """(n,) integers × factor, rounded half to even."""
    exact = Fraction(factor)
    return np.array([round(int(value) * exact) for value in values], np.int64)


def plain(number: Decimal) -> str:
    """A number as people write it: 3 for 3.0."""
    return f"{number.normalize():f}"


def to_cents(money: Decimal) -> int:
    """Money as whole cents, half to even."""
    return int((money * 100).to_integral_value(ROUND_HALF_EVEN))
