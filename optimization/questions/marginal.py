"""One resource's price on both sides: what the prices prove if there were more of it, or less.

With all other prices as they are, the bound is a concave, piecewise linear function of one row's price q,

    L_r(q, b) = Σ_c min_a (reduced cost without r + q w_ra) − q b − (what the other rows' capacities are worth),

and v(b) = max_q L_r(q, b) is convex in b. So v(b) − v(b + 1) ≤ q ≤ v(b − 1) − v(b) for any price q at
which L_r(·, b) is highest: shadow prices are not unique, and both ends are told. Every v(b') is certified,
whatever the prices: no plan under b' costs less. The ends are marginal values of the bound, and
estimates of the plan's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from features.compiled import compiled
from optimization.arrays import NONE, Arrays, Flags, Ints, Places
from optimization.questions.desk import Desk

LARGEST_PRODUCT = 2**60
"""1/scale cents that price × amount may come to."""


@dataclass(frozen=True, eq=False)
class Demand:
    """What one row's users would pay: u users in k cases.

    Attributes
    ----------
    row
        Which.
    start
        (k + 1,) first user of each case.
    base, amount
        (u,) reduced cost without the row's own price, in 1/scale cents; units taken.
    elsewhere
        (u,) whether another row makes the user impossible.
    others
        (k,) lowest reduced cost of the case's possible candidates that do not use the row, NONE where there is none.
    rest
        L without the row and its users' cases, in 1/scale cents.
    """

    row: int
    start: Ints
    base: Ints
    amount: Ints
    elsewhere: Flags
    others: Ints
    rest: int


def demand_of(desk: Desk, row: int) -> Demand:
    """Take one row apart from the rest."""
    arrays, priced = desk.arrays, desk.priced
    own = slice(int(arrays.row_start[row]), int(arrays.row_start[row + 1]))
    users, amount, price = arrays.row_action[own], arrays.row_amount[own], int(priced.price[row])
    too_much = bool(arrays.hard_hi[row]) & (amount > arrays.hi[row])
    elsewhere = _too_large_uses(desk, users) > too_much
    cases, start = np.unique(arrays.case[users], return_index=True)
    others = _others(arrays, priced.reduced, desk.impossible, users, cases)
    worth = price * int(arrays.hi[row] if price > 0 else arrays.lo[row]) if price else 0
    total = int(priced.value * priced.scale) - sum(priced.lowest[cases].tolist()) + worth
    base = priced.reduced[users] - price * amount
    return Demand(row, np.r_[start, len(users)], base, amount, elsewhere, others, total)


def best_value(desk: Desk, demand: Demand, lo: int, hi: int) -> Fraction | None:
    """v(lo, hi): the highest bound, in cents, that a price of this row proves under other bounds of it.

    Returns
    -------
    Fraction
        ``None`` where a case has no possible candidate any more: no plan is possible.
    """
    arrays, scale, row = desk.arrays, desk.priced.scale, demand.row
    possible = ~demand.elsewhere & (not arrays.hard_hi[row] or demand.amount <= hi)
    base, amount = np.where(possible, demand.base, NONE), np.where(possible, demand.amount, 0)
    if len(base) and (np.minimum(np.minimum.reduceat(base, demand.start[:-1]), demand.others) == NONE).any():
        return None

    @cache
    def value(price: int) -> int:
        high, low = _cheapest(demand.start, base, amount, demand.others, price)
        return demand.rest + (int(high) << 32) + int(low) - price * (hi if price > 0 else lo if price < 0 else 0)

    reach = LARGEST_PRODUCT // int(max(amount.max(initial=1), 1))
    least = -reach if arrays.hard_lo[row] else -int(arrays.under[row]) * scale
    most = reach if arrays.hard_hi[row] else int(arrays.over[row]) * scale
    best = _peak(value, int(desk.priced.price[row]), max(least, -reach), min(most, reach))
    return Fraction(value(best), scale)


def _too_large_uses(desk: Desk, users: Places) -> Ints:
    """How many uses of each candidate are more than a hard upper bound allows."""
    count = np.zeros(len(desk.arrays.cost), np.int64)
    np.add.at(count, desk.arrays.row_action[desk.too_large], 1)
    return count[users]


@compiled
def _others(arrays: Arrays, reduced: Ints, impossible: Flags, users: Places, cases: Ints) -> Ints:
    """(k,) the lowest reduced cost of possible candidates that are no users (ascending) of the row."""
    starts = arrays.starts
    lowest, at = np.empty(len(cases), np.int64), 0
    for k in range(len(cases)):
        lowest[k] = NONE
        for a in range(starts[cases[k]], starts[cases[k] + 1]):
            if at < len(users) and users[at] == a:
                at += 1
            elif not impossible[a]:
                lowest[k] = min(lowest[k], reduced[a])
    return lowest


@compiled
def _cheapest(start: Ints, base: Ints, amount: Ints, others: Ints, price: int) -> tuple[int, int]:
    """Σ_c min(others, base + price × amount) as high and low halves, so that nothing overflows."""
    high, low = 0, 0
    for k in range(len(others)):
        least = others[k]
        for i in range(start[k], start[k + 1]):
            least = min(least, base[i] + price * amount[i])
        high += least >> 32
        low += least & 0xFFFFFFFF
    return high, low


def _peak(value: Callable[[int], int], at: int, least: int, most: int) -> int:
    """Where a concave function of whole numbers from ``least`` to ``most`` is highest: doubling steps, then halving."""
    at = min(max(at, least), most)
    low, high, step = at, at, 1
    while high < most and value(min(high + step, most)) > value(high):
        high, step = min(high + step, most), 2 * step
    high, step = min(high + step, most), 1
    while low > least and value(max(low - step, least)) > value(low):
        low, step = max(low - step, least), 2 * step
    low = max(low - step, least)
    while high > low:
        middle = (low + high) // 2
        if value(middle + 1) > value(middle):
            low = middle + 1
        else:
            high = middle
    return low
