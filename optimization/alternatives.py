"""Alternatives: what every case could do instead, what that would be worth, and whether it fits now.

*Opportunity cost* is the difference of reduced costs: what an alternative costs more than what was
chosen once both pay the shadow prices for what they take from others. What the plan's cost would
change by, were nothing else moved, is told beside it, exactly.
"""

from dataclasses import dataclass

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Arrays, Flags, Ints

FITS = -1
"""In place of a row that is in the way."""


@dataclass(frozen=True, eq=False)
class Swaps:
    """What it would be to give a case another candidate, all others staying as they are.

    Attributes
    ----------
    cents
        (k,) change of the plan's cost, penalties of soft rows included; exact.
    blocked
        (k,) a row whose hard bound is then broken, or FITS.
    """

    cents: Ints
    blocked: Ints


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Every candidate of a problem beside what was chosen for its case.

    Attributes
    ----------
    ranked
        (n,) the candidates of each case, the smallest opportunity cost first, of equals the first in place.
    opportunity
        (n,) in 1/scale cents; 0 for what was chosen, below 0 where prices favour another one.
    swaps
        Of each candidate.
    """

    ranked: Ints
    opportunity: Ints
    swaps: Swaps


def find_alternatives(arrays: Arrays, reduced: Ints, chosen: Ints, used: Ints) -> Alternatives:
    """Rank all candidates of all cases.

    Parameters
    ----------
    reduced
        (n,) reduced costs in 1/scale cents.
    chosen, used
        (C,) a plan that meets all rows; (R,) what it takes.
    """
    opportunity = reduced - reduced[chosen][arrays.case]
    ranked = np.lexsort((opportunity, arrays.case))
    return Alternatives(ranked, opportunity, swaps_of(arrays, chosen, used, 0, len(arrays.cost)))


def swaps_of(arrays: Arrays, chosen: Ints, used: Ints, first: int, last: int) -> Swaps:
    """The candidates from ``first`` to ``last`` (not included), each in place of its case's chosen one."""
    cents, blocked = np.empty(last - first, np.int64), np.empty(last - first, np.int64)
    _weigh_all(arrays, chosen, used, first, cents, blocked)
    return Swaps(cents, blocked)


@compiled
def _weigh_all(arrays: Arrays, chosen: Ints, used: Ints, first: int, cents: Ints, blocked: Ints) -> None:
    start, row, amount, case, cost = arrays.use_start, arrays.use_row, arrays.use_amount, arrays.case, arrays.cost
    lo, hi, under, over, hard_lo, hard_hi = _bounds(arrays)
    for k in range(len(cents)):
        new = first + k
        old = chosen[case[new]]
        total, stop = cost[new] - cost[old], FITS
        i, i_end, j, j_end = start[new], start[new + 1], start[old], start[old + 1]
        while i < i_end or j < j_end:
            if j == j_end or (i < i_end and row[i] < row[j]):
                r, change = row[i], amount[i]
                i += 1
            elif i == i_end or row[j] < row[i]:
                r, change = row[j], -amount[j]
                j += 1
            else:
                r, change = row[i], amount[i] - amount[j]
                i += 1
                j += 1
            now = used[r]
            then = now + change
            if under[r] + over[r] > 0:
                total += under[r] * (max(0, lo[r] - then) - max(0, lo[r] - now))
                total += over[r] * (max(0, then - hi[r]) - max(0, now - hi[r]))
            if (change > 0 and hard_hi[r] and then > hi[r]) or (change < 0 and hard_lo[r] and then < lo[r]):
                stop = r
        cents[k], blocked[k] = total, stop


@within
def _bounds(arrays: Arrays) -> tuple[Ints, Ints, Ints, Ints, Flags, Flags]:
    return arrays.lo, arrays.hi, arrays.under, arrays.over, arrays.hard_lo, arrays.hard_hi
