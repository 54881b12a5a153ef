"""The best choice of a small problem and the bound that proves it: by HiGHS in doubles, else by CP-SAT in integers.

HiGHS takes a column within 1e-6 of a whole number for whole, and reckons rows in doubles. What it says is believed only

- of problems whose rows and money stay so small that no rounding of doubles comes near its tolerances (`ROW`, `MONEY`),
- less what a bound computed in doubles may be too high by (:attr:`Answer.certain <optimization.highs.Answer.certain>`),
- and as long as no choice that is feasible in integers contradicts it.

Else, and where HiGHS ends without a choice that bears its bound out, the same problem is solved in integers.
"""

from math import ceil

import numpy as np

from optimization.arrays import NONE, Arrays, Floats, Ints
from optimization.choice import Choice
from optimization.highs import ABSOLUTE_GAP, Answer, run_highs
from optimization.integers import solve_in_integers
from optimization.mip import best_of_each, exact_model
from optimization.problem_checks import exact_sum

ROW = 2**24
"""Units of a row up to which HiGHS is believed: 64 roundings of doubles are 1e-7 there, its row tolerance."""
MONEY = 33
"""Bits of the largest cost in cents up to which it is: 64 roundings of doubles are 1e-4 cents there."""


def best_choice(
    arrays: Arrays,
    max_nodes: int,
    gap: float = 0.0,
    scale: int = 1,
    known: Ints | None = None,
    seconds: float | None = None,
) -> Choice:
    """Choose one candidate of each case at least cost.

    Parameters
    ----------
    max_nodes
        Branch-and-bound nodes, or steps in integers.
    gap
        Cents by which the choice may stay above the best; 0 where it is to be proven best.
    scale
        Costs are in 1/scale cents, penalties in cents.
    known
        (C,) a choice that meets the hard rows.
    seconds
        After which HiGHS is given up, and what is known stays.
    """
    if not rows_fit_doubles(arrays):
        return _in_integers(arrays, max_nodes, scale, Choice(known, None, 0))
    bits = _surplus_bits(arrays, scale)
    answer = _in_doubles(arrays, max_nodes, gap, scale, bits, seconds)
    if answer.stopped:
        return Choice(known, None, answer.steps)
    chosen = cheaper(arrays, known, _feasible(arrays, answer.values), scale)
    found = Choice(chosen, _certified(answer, scale, bits), answer.steps, answer.infeasible and chosen is None)
    if found.impossible or _borne_out(arrays, found, answer, gap, scale, bits):
        return found
    return _in_integers(arrays, max_nodes, scale, found)


def rows_fit_doubles(arrays: Arrays) -> bool:
    """Whether no row can come to more units than doubles tell apart well below HiGHS's tolerances."""
    total = np.zeros(arrays.rows)
    np.add.at(total, arrays.use_row, arrays.use_amount.astype(float))
    most = np.where(arrays.hard_hi, np.minimum(total, np.maximum(arrays.hi, 0)), total)
    most = np.maximum(most, np.where(arrays.lo > -NONE, np.abs(arrays.lo), 0))
    most = np.maximum(most, np.where((arrays.hi < 0) & (arrays.hi > -NONE), np.abs(arrays.hi), 0))
    return bool((most <= ROW).all()) and bool((arrays.use_amount <= ROW).all())


def cost_of(arrays: Arrays, chosen: Ints, scale: int) -> int:
    """Cost of a choice, penalties included, in 1/scale cents; exact."""
    return exact_sum(arrays.cost[chosen]) + scale * exact_sum(arrays.penalties(arrays.used(chosen)))


def cheaper(arrays: Arrays, known: Ints | None, other: Ints | None, scale: int) -> Ints | None:
    """The other choice (C,) if it costs less, or if it is the only one."""
    if known is None or other is None:
        return other if known is None else known
    return other if cost_of(arrays, other, scale) < cost_of(arrays, known, scale) else known


def _surplus_bits(arrays: Arrays, scale: int) -> int:
    """Bits of a cost in cents that HiGHS does not see: 0 unless money is larger than MONEY bits."""
    dearest = np.maximum.reduceat(np.abs(arrays.cost), arrays.starts[:-1]) if arrays.cases else arrays.cost
    cents = max(exact_sum(dearest) // scale, int(arrays.under.max(initial=0)), int(arrays.over.max(initial=0)))
    return max(0, cents.bit_length() - MONEY)


def _in_doubles(arrays: Arrays, max_nodes: int, gap: float, scale: int, bits: int, seconds: float | None) -> Answer:
    """What HiGHS says, in cents; with surplus bits in 2^bits cents, of costs rounded down to whole ones."""
    if not bits:
        return run_highs(exact_model(arrays, arrays.cost / scale), max_nodes, max(gap, 0.5 / scale), seconds)
    coarse = arrays._replace(under=arrays.under >> bits, over=arrays.over >> bits)
    cost = (arrays.cost // (scale << bits)).astype(float)
    return run_highs(exact_model(coarse, cost), max_nodes, max(gap / 2**bits, ABSOLUTE_GAP), seconds)


def _certified(answer: Answer, scale: int, bits: int) -> int | None:
    """HiGHS's bound less its tolerance, in 1/scale cents: a whole number as every cost is."""
    if not np.isfinite(answer.bound):
        return None
    return ceil(answer.certain) * (scale << bits) if bits else ceil(answer.certain * scale)


def _feasible(arrays: Arrays, values: Floats | None) -> Ints | None:
    """The choice (C,) that values mean, if it meets every hard row."""
    chosen = None if values is None else best_of_each(arrays, values)
    return chosen if chosen is not None and arrays.feasible(chosen) else None


def _borne_out(arrays: Arrays, found: Choice, answer: Answer, gap: float, scale: int, bits: int) -> bool:
    """Whether the choice and the bound are what HiGHS may end with: no contradiction, and close where it has finished.

    A gap that is allowed for may be passed by the bound's tolerance, and in any case by a cent.
    """
    if found.chosen is None or found.bound is None:
        return False
    apart = cost_of(arrays, found.chosen, scale) - found.bound
    tolerance = answer.bound - answer.certain + (arrays.cases if bits else 0) if gap else 0.0
    return apart >= 0 and (not answer.finished or apart <= (gap + (tolerance * 2.0**bits) + 1) * scale)


def _in_integers(arrays: Arrays, max_steps: int, scale: int, found: Choice) -> Choice:
    """What integers add to what was found; a bound above a feasible choice is dropped."""
    proven = solve_in_integers(arrays, max_steps, scale, found.chosen)
    chosen = cheaper(arrays, found.chosen, proven.chosen, scale)
    most = np.inf if chosen is None else cost_of(arrays, chosen, scale)
    bounds = [bound for bound in (found.bound, proven.bound) if bound is not None and bound <= most]
    return Choice(chosen, max(bounds, default=None), found.steps + proven.steps, proven.impossible and chosen is None)
