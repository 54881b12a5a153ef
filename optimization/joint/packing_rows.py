"""Loads of one row: the cheapest by dynamic programming, and all that are nearly as cheap; fees of cases; compiled."""

from typing import NamedTuple

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Floats, Ints
from optimization.joint.packing_part import Part

WORD = 63
"""Cases for each word of a load's bits."""
CELLS = 28
"""Cells of a table that take as long as one load looked at."""
TINY = 1e-6
"""Cents that are more than rounding."""


class Loads(NamedTuple):
    """Loads (sets of cases) of rows one after another.

    ``first`` (k + 1,) each row's first; ``words`` (P, 2) a bit a case; ``extra`` (P,) cents above the row's cheapest.
    """

    first: Ints
    words: Ints
    extra: Floats


@compiled
def move_fees(part: Part, fee: Floats, cents: float, most: float, turns: int) -> tuple[Floats, float, int]:
    """Move fees that cases pay for being taken: a subgradient ascent of Σ fees + Σ_rows cheapest load.

    Parameters
    ----------
    fee
        (q,) to begin with.
    cents
        What the present loads cost.
    most
        Cents beyond which a bound needs no improvement.

    Returns
    -------
    tuple
        (q,) the best fees, their bound in cents, entries looked at.
    """
    best_fee, best, looked, step, idle = fee.copy(), -np.inf, 0, 1.0, 0
    table = np.empty((len(fee) + 1, part.due.shape[1]))
    taken, way, fee = np.empty(len(fee)), np.zeros(len(fee)), fee.copy()
    for _ in range(turns):
        bound, taken[:] = fee.sum(), 0.0
        for k in range(len(part.rows)):
            kept = _kept(part, k, fee, 0.0)
            looked += _fill(part, k, kept, fee, table)
            bound += table[0, 0]
            _follow(part, k, kept, fee, table, taken)
        if bound > best + TINY:
            best_fee[:], best, idle = fee, bound, 0
        else:
            idle += 1
        if idle >= 5:
            step, idle = step * 0.7, 0
        way = 0.4 * way + 0.6 * (1.0 - taken)
        length = (way * way).sum()
        if best > most or length < TINY or not np.isfinite(bound):
            break
        fee += step * max(cents - bound, 0.5) / length * way
    return best_fee, best, looked


@compiled
def cheapest_loads(part: Part, fee: Floats) -> Floats:
    """(k,) cents of each row's cheapest load at given fees (q,)."""
    least, table = np.empty(len(part.rows)), np.empty((len(fee) + 1, part.due.shape[1]))
    for k in range(len(part.rows)):
        _fill(part, k, _kept(part, k, fee, 0.0), fee, table)
        least[k] = table[0, 0]
    return least


@within
def _kept(part: Part, k: int, fee: Floats, within_cents: float) -> Ints:
    """Cases that a row's load may hold: those that cost less than so many cents there beyond their fee."""
    kept, count = np.empty(len(fee), np.int64), 0
    for q in range(len(fee)):
        beyond = part.cost[k, q] - fee[q]
        if part.amount[k, q] <= part.room[k] and (beyond < within_cents or (part.wanting[k] and np.isfinite(beyond))):
            kept[count] = q
            count += 1
    return kept[:count]


@within
def _fill(part: Part, k: int, kept: Ints, fee: Floats, table: Floats) -> int:
    """table[i, y]: least cents of choosing among ``kept[i:]`` once y units are taken. Returns entries looked at."""
    room, last = part.room[k], len(kept)
    table[last, : room + 1] = part.due[k, : room + 1]
    for i in range(last - 1, -1, -1):
        amount, cents = part.amount[k, kept[i]], part.cost[k, kept[i]] - fee[kept[i]]
        now, without = table[i, : room + 1], table[i + 1, : room + 1]
        having = without[amount:]
        for y in range(len(having)):
            more, less = having[y] + cents, without[y]
            now[y] = more if more < less else less
        now[len(having) :] = without[len(having) :]
    return int((last + 1) * (room + 1) // CELLS)


@within
def _follow(part: Part, k: int, kept: Ints, fee: Floats, table: Floats, taken: Floats) -> None:
    """Count who is in the cheapest load."""
    y = 0
    for i in range(len(kept)):
        q = kept[i]
        then = y + part.amount[k, q]
        if then <= part.room[k] and table[i + 1, then] + part.cost[k, q] - fee[q] < table[i + 1, y] - TINY:
            taken[q] += 1.0
            y = then


@compiled
def list_loads(part: Part, fee: Floats, gap: float, most: int) -> tuple[Loads, int]:
    """All loads of each row within ``gap`` cents of its cheapest, no more than ``most``; entries looked at.

    Returns
    -------
    tuple
        The loads, with fewer than k + 1 ``first`` where they are too many or a row has none.
    """
    loads = Loads(np.zeros(len(part.rows) + 1, np.int64), np.zeros((most, 2), np.int64), np.empty(most))
    table, looked = np.empty((len(fee) + 1, part.due.shape[1])), 0
    for k in range(len(part.rows)):
        kept = _kept(part, k, fee, gap)
        looked += _fill(part, k, kept, fee, table)
        end, nodes = _list_row(part, k, kept, fee, table, gap, loads)
        looked += nodes
        loads.first[k + 1] = end
        if end <= loads.first[k]:
            return Loads(loads.first[: k + 1], loads.words, loads.extra), looked
    return loads, looked


@within
def _list_row(part: Part, k: int, kept: Ints, fee: Floats, table: Floats, gap: float, loads: Loads) -> tuple[int, int]:
    """Depth first, cut where even the cheapest end costs too much: the next free place, −1 if none; nodes."""
    first, last = loads.first[k], len(kept)
    end, nodes, i, y, cents, least = first, 0, 0, 0, 0.0, table[0, 0]
    held, word = np.zeros(last + 1, np.int64), np.zeros(2, np.int64)
    while i >= 0:
        nodes += 1
        if i == last:
            if end == len(loads.extra):
                return -1, nodes
            loads.words[end, 0], loads.words[end, 1] = word[0], word[1]
            loads.extra[end] = cents + table[last, y] - least
            end += 1
            i -= 1
            continue
        q = kept[i]
        amount, more, bit = part.amount[k, q], part.cost[k, q] - fee[q], 1 << (q % WORD)
        fits = held[i] == 0 and y + amount <= part.room[k]
        if fits and cents + more + table[i + 1, y + amount] <= least + gap:
            y, cents = y + amount, cents + more
            word[q // WORD] ^= bit
            held[i], held[i + 1] = 1, 0
            i += 1
            continue
        if held[i] == 1:
            y, cents = y - amount, cents - more
            word[q // WORD] ^= bit
        if held[i] < 2 and cents + table[i + 1, y] <= least + gap:
            held[i], held[i + 1] = 2, 0
            i += 1
            continue
        i -= 1
    return end, nodes
