"""The certified bound of prices: Lagrangian duality in integers, so that no rounding can lift it.

    L(p) = Σ_c min_{a of c} (c_a + Σ_r p_r w_ra) − Σ_r p_r · (hi_r if p_r > 0 else lo_r)

holds for any p within the rows' boxes. Prices are whole multiples of 1/scale cents, every sum is exact.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from optimization.arrays import Arrays, Floats, Ints
from optimization.incidence import add_priced
from optimization.joint.prices import boxes
from optimization.problem_checks import exact_sum

FINEST = 2**16
ROOM = 2.0**60
EXACT = 2.0**52
"""Doubles below it tell half units apart."""


@dataclass(frozen=True, eq=False)
class Priced:
    """A problem at prices.

    Attributes
    ----------
    scale
        Parts of a cent that prices are counted in, a power of 2.
    price
        (R,) price of each row in 1/scale cents.
    reduced
        (n,) reduced cost of each candidate, in 1/scale cents.
    lowest
        (C,) the lowest of each case.
    value
        L(p), exact cents.
    """

    scale: int
    price: Ints
    reduced: Ints
    lowest: Ints
    value: Fraction

    @property
    def bound(self) -> int:
        """No choice costs less: a choice costs whole cents."""
        return ceil(self.value)

    @property
    def cents(self) -> Floats:
        """(R,) prices as cents per unit."""
        return self.price / self.scale

    def regret(self, case: Ints) -> Floats:
        """(n,) cents by which each candidate's reduced cost lies above its case's lowest."""
        return (self.reduced - self.lowest[case]) / self.scale


def priced(arrays: Arrays, prices: Floats) -> Priced:
    """Certify prices, rounded to what fits exactly.

    Parameters
    ----------
    prices
        (R,) cents per unit.
    """
    scale = _scale(arrays, prices)
    if not scale:
        return priced(arrays, np.zeros(arrays.rows))
    price = _whole(arrays, prices, scale)
    reduced = arrays.cost * scale
    add_priced(reduced, arrays.by_candidate, price)
    lowest = np.minimum.reduceat(reduced, arrays.starts[:-1]) if arrays.cases else reduced
    total = exact_sum(lowest) - _capacity_value(arrays, price)
    return Priced(scale, price, reduced, lowest, Fraction(total, scale))


def _whole(arrays: Arrays, prices: Floats, scale: int) -> Ints:
    """Prices in 1/scale cents, rounded, and never outside of their boxes, which doubles may not tell to the cent."""
    low, high = boxes(arrays)
    price = np.rint(np.clip(prices, low, high) * scale)
    large = np.flatnonzero(np.abs(price) >= EXACT)
    price, parts = np.where(np.abs(price) < EXACT, price, 0).astype(np.int64), price[large].tolist()
    for row, wanted in zip(large.tolist(), parts, strict=True):
        least = -int(ROOM) if arrays.hard_lo[row] else -int(arrays.under[row]) * scale
        most = int(ROOM) if arrays.hard_hi[row] else int(arrays.over[row]) * scale
        price[row] = min(max(int(wanted), least, -int(ROOM)), most, int(ROOM))
    return price


def _scale(arrays: Arrays, prices: Floats) -> int:
    """The finest power of 2 at which no reduced cost leaves 64 bits; 0 where none is fine enough."""
    if not prices.any():
        return 1
    largest = np.abs(arrays.cost).astype(float)
    add_priced(largest, arrays.by_candidate, np.abs(prices) + 1)
    scale = FINEST
    while scale and largest.max(initial=0) * scale > ROOM:
        scale //= 2
    return scale


def _capacity_value(arrays: Arrays, price: Ints) -> int:
    """Σ price × bound that it belongs to, as exact integers."""
    priced_rows = np.flatnonzero(price)
    bound = np.where(price > 0, arrays.hi, arrays.lo)[priced_rows]
    return sum(p * b for p, b in zip(price[priced_rows].tolist(), bound.tolist(), strict=True))
