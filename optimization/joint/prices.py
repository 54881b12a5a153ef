"""Price ascent: shadow prices of all rows, by smoothed coordinate Newton steps at a falling temperature.

With prices p each case would choose by reduced cost c_a + Σ_r p_r w_ra. Its choice is smoothed to
shares π_a ∝ exp(−(reduced cost)/T); the dual function is then smooth and concave, and one row's
derivative and curvature are

    g_r = Σ_a w_ra π_a − capacity_r,     h_r = Σ_c Var_π(w_r) / T.

A sweep gives each row one step g_r/h_r, kept within κT for each unit of the row; T falls
geometrically from the spread of costs to a small part of it, where the smoothed optimum is nearly
the linear relaxation's. A row's price stays in its box: hard upper bounds p ≥ 0, hard lower ones
p ≤ 0, soft ones up to their penalty (Basu et al. 2020, ECLIPSE; smoothing after Nesterov 2005).
"""

import math
from dataclasses import dataclass

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Arrays, Floats, Ints, Places
from optimization.incidence import add_priced


@dataclass(frozen=True)
class Annealing:
    """How prices are looked for.

    Attributes
    ----------
    sweeps
        Steps each row takes.
    coldest
        Last temperature as a part of the costs' spread.
    reach
        κ: how far one step may go, in temperatures per unit.
    """

    sweeps: int = 20
    coldest: float = 1 / 2000
    reach: float = 4.0


def ascend(arrays: Arrays, annealing: Annealing = Annealing(), prices: Floats | None = None) -> Floats:
    """Look for prices, from zero or from earlier ones.

    Returns
    -------
    ndarray
        (R,) cents per unit; above 0 for a row that is wanted beyond its upper bound, below 0 for
        one that falls short of its lower bound.
    """
    low, high = boxes(arrays)
    found = _without_users(arrays, low, high, np.zeros(arrays.rows) if prices is None else prices)
    if not len(arrays.use_row):
        return found
    spread, mean = _spread(arrays), _mean_amount(arrays)
    first = 1.0 if prices is None else math.sqrt(annealing.coldest)
    for part in np.geomspace(first, annealing.coldest, annealing.sweeps):
        reduced = reduced_costs(arrays, found)
        _sweep(arrays, spread * part, annealing.reach, (low, high), mean, found, reduced)
    return found


def _without_users(arrays: Arrays, low: Floats, high: Floats, prices: Floats) -> Floats:
    """Prices in which a soft row that nobody uses, but that 0 units break, costs its whole penalty."""
    unused = np.diff(arrays.row_start) == 0
    short, over = unused & (arrays.lo > 0) & ~arrays.hard_lo, unused & (arrays.hi < 0) & ~arrays.hard_hi
    return np.where(short, low, np.where(over, high, prices))


def boxes(arrays: Arrays) -> tuple[Floats, Floats]:
    """(R,), (R,) the lowest and highest price each row may have."""
    low = np.where(arrays.hard_lo, -np.inf, -arrays.under.astype(float))
    high = np.where(arrays.hard_hi, np.inf, arrays.over.astype(float))
    return low, high


def reduced_costs(arrays: Arrays, prices: Floats) -> Floats:
    """(n,) c_a + Σ_r p_r w_ra."""
    reduced = arrays.cost.astype(float)
    add_priced(reduced, arrays.by_candidate, prices)
    return reduced


def _spread(arrays: Arrays) -> float:
    """Median of what candidates cost above their case's cheapest."""
    above = arrays.cost - np.minimum.reduceat(arrays.cost, arrays.starts[:-1])[arrays.case]
    return float(np.median(above[above > 0])) if (above > 0).any() else 1.0


def _mean_amount(arrays: Arrays) -> Floats:
    total = np.zeros(arrays.rows)
    np.add.at(total, arrays.use_row, arrays.use_amount.astype(float))
    return np.maximum(total / np.maximum(np.diff(arrays.row_start), 1), 1.0)


@compiled
def _sweep(
    arrays: Arrays,
    temperature: float,
    reach: float,
    box: tuple[Floats, Floats],
    mean: Floats,
    prices: Floats,
    reduced: Floats,
) -> None:
    """One step for each row, in their order; ``prices`` and ``reduced`` are moved in place."""
    case, starts, row_start = arrays.case, arrays.starts, arrays.row_start
    row_action, row_amount, lo, hi = arrays.row_action, arrays.row_amount, arrays.lo, arrays.hi
    low, high = box
    lowest, weight, total = np.empty(len(starts) - 1), np.empty(len(case)), np.empty(len(starts) - 1)
    for c in range(len(starts) - 1):
        _weigh(c, starts, reduced, temperature, lowest, weight, total)
    for r in range(len(lo)):
        begin, end = row_start[r], row_start[r + 1]
        if begin == end or (low[r] == 0 and high[r] == 0):
            continue
        demand, spread = _demand(begin, end, case, row_action, row_amount, weight, total)
        wanted = _next_price(prices[r], demand, spread, lo[r], hi[r], temperature, reach / mean[r])
        wanted = min(max(wanted, low[r]), high[r])
        step = wanted - prices[r]
        if step == 0:
            continue
        prices[r] = wanted
        for i in range(begin, end):
            a = row_action[i]
            c = case[a]
            reduced[a] += step * row_amount[i]
            now = math.exp((lowest[c] - reduced[a]) / temperature)
            total[c] += now - weight[a]
            weight[a] = now
            if not 1e-6 < total[c] < 1e9:
                _weigh(c, starts, reduced, temperature, lowest, weight, total)


@within
def _weigh(
    c: int, starts: Ints, reduced: Floats, temperature: float, lowest: Floats, weight: Floats, total: Floats
) -> None:
    """Weights exp((lowest − reduced)/T) of a case's candidates, and their sum."""
    least = reduced[starts[c]]
    for a in range(starts[c] + 1, starts[c + 1]):
        least = min(least, reduced[a])
    lowest[c] = least
    added = 0.0
    for a in range(starts[c], starts[c + 1]):
        weight[a] = math.exp((least - reduced[a]) / temperature)
        added += weight[a]
    total[c] = added


@within
def _demand(
    begin: int, end: int, case: Ints, row_action: Places, row_amount: Ints, weight: Floats, total: Floats
) -> tuple[float, float]:
    """What shares of a row's users take of it, and the sum of the cases' variances."""
    demand, spread = 0.0, 0.0
    i = begin
    while i < end:
        c = case[row_action[i]]
        first, second = 0.0, 0.0
        while i < end and case[row_action[i]] == c:
            amount = float(row_amount[i])
            part = weight[row_action[i]] * amount
            first += part
            second += part * amount
            i += 1
        first /= total[c]
        demand += first
        spread += second / total[c] - first * first
    return demand, spread


@within
def _next_price(
    price: float, demand: float, spread: float, lo: int, hi: int, temperature: float, reach: float
) -> float:
    """Newton's step towards the bound that binds, no further than ``reach`` and never across 0."""
    if price > 0 or (price == 0 and demand > hi):
        excess = demand - hi
    elif price < 0 or demand < lo:
        excess = demand - lo
    else:
        return price
    wanted = price + temperature * excess / max(spread, abs(excess) / reach, 1e-300)
    if price > 0:
        return max(wanted, 0.0)
    if price < 0:
        return min(wanted, 0.0)
    return wanted
