"""Loads of one row: the cheapest by dynamic programming, and all that are nearly as cheap; fees of cases; compiled."""

from typing import NamedTuple

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Floats, Ints
from optimization.joint.packing_part import Part, cents_of

WORD = 63
"""Cases for each word of a load's bits."""
CELLS = 28
"""Cells of a table that take as long as one load looked at."""
FIRST_TURNS = 600
"""Steps of the fees for all rows."""
NARROWER = 0.6
"""Factor of the gap within which loads are listed, each time that they were too many."""
LATEST = 0.03
"""How much the latest turn counts in a share."""
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
def move_fees(
    part: Part, fee: Floats, share: Floats, cents: float, most: float, turns: int, step: float
) -> tuple[Floats, float, int]:
    """Move fees that cases pay for being taken: a subgradient ascent of Σ fees + Σ_rows cheapest load.

    Parameters
    ----------
    fee
        (q,) to begin with.
    share
        (k, q) how much of a case each row's cheapest loads had on average, later turns counting more; moved in place.
    cents
        What the present loads cost.
    most
        Cents beyond which a bound needs no improvement.
    step
        Length of the first turns, in what takes the bound to ``cents`` where it is linear.

    Returns
    -------
    tuple
        (q,) the best fees, their bound in cents, entries looked at.
    """
    best_fee, best, looked, idle = fee.copy(), -np.inf, 0, 0
    table = np.empty((len(fee) + 1, part.due.shape[1]))
    taken, way, fee = np.empty(len(fee)), np.zeros(len(fee)), fee.copy()
    for _ in range(turns):
        bound, more = _turn(part, fee, share, table, taken)
        looked += more
        idle += 1
        if bound > best + TINY:
            best_fee[:], best, idle = fee, bound, 0
        if idle >= 5:
            step, idle = step * 0.7, 0
        way = 0.4 * way + 0.6 * (1.0 - taken)
        length = (way * way).sum()
        if best > most or length < TINY or not np.isfinite(bound):
            break
        fee += step * max(cents - bound, 0.5) / length * way
    return best_fee, best, looked


@compiled
def _turn(part: Part, fee: Floats, share: Floats, table: Floats, taken: Floats) -> tuple[float, int]:
    """The bound at some fees, and entries looked at; counts who is in the cheapest loads."""
    bound, looked = fee.sum(), 0
    taken[:] = 0.0
    for k in range(len(part.rows)):
        kept = _kept(part, k, fee, 0.0)
        looked += _fill(part, k, kept, fee, table)
        bound += table[0, 0]
        share[k] *= 1 - LATEST
        _follow(part, k, kept, fee, table, taken, share[k], LATEST)
    return bound, looked


def first_fees(part: Part, fee: Floats) -> tuple[Floats, Floats, int]:
    """(q,) good fees for many rows, from any; (k, q) shares, see :func:`move_fees`; entries looked at."""
    share, cents = np.zeros(part.cost.shape), cents_of(part, part.present)
    fee, _, looked = move_fees(part, fee, share, cents, np.inf, FIRST_TURNS, 1.0)
    return fee, share, looked


@compiled
def cheapest_loads(part: Part, fee: Floats) -> tuple[Floats, Floats, int]:
    """(k,) cents of each row's cheapest load at given fees (q,); (k, q) 1 where a case is in it; entries looked at."""
    least, table, looked = np.empty(len(part.rows)), np.empty((len(fee) + 1, part.due.shape[1])), 0
    held, count = np.zeros(part.cost.shape), np.zeros(len(fee))
    for k in range(len(part.rows)):
        kept = _kept(part, k, fee, 0.0)
        looked += _fill(part, k, kept, fee, table)
        least[k] = table[0, 0]
        _follow(part, k, kept, fee, table, count, held[k], 1.0)
    return least, held, looked


@compiled
def rises(part: Part, fee: Floats, least: Floats, held: Floats) -> tuple[Floats, int]:
    """(k,) by how much the bound rises if each row has its cheapest load: others do without its cases; entries."""
    rise, looked, table = np.zeros(len(least)), 0, np.empty((len(fee) + 1, part.due.shape[1]))
    for k in range(len(least)):
        for other in range(len(least)):
            if other == k or (held[k] * held[other]).sum() == 0.0:
                continue
            kept = _kept(part, other, fee, 0.0)
            kept = kept[held[k][kept] == 0.0]
            looked += _fill(part, other, kept, fee, table)
            rise[k] += table[0, 0] - least[other]
    return rise, looked


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
def _follow(
    part: Part, k: int, kept: Ints, fee: Floats, table: Floats, taken: Floats, share: Floats, more: float
) -> None:
    """Count who is in the cheapest load, and add to their share."""
    y = 0
    for i in range(len(kept)):
        q = kept[i]
        then = y + part.amount[k, q]
        if then <= part.room[k] and table[i + 1, then] + part.cost[k, q] - fee[q] < table[i + 1, y] - TINY:
            taken[q] += 1.0
            share[q] += more
            y = then


def list_near(part: Part, fee: Floats, gap: float, most: int, narrowings: int) -> tuple[Loads, int]:
    """Loads within the gap, or within less where they are more than ``most``; see :func:`list_loads`."""
    loads, looked = list_loads(part, fee, gap, most)
    for _ in range(narrowings):
        if len(loads.first) > len(part.rows):
            break
        gap *= NARROWER
        loads, more = list_loads(part, fee, gap, most)
        looked += more
    return loads, looked


def bits_of(place: Ints, rows: int) -> Ints:
    """(rows, 2) a bit for each case in the load of the row at its place (q,)."""
    q = np.arange(len(place))
    bits = np.zeros((rows, 2), np.int64)
    np.bitwise_or.at(bits, (place, q // WORD), np.left_shift(1, q % WORD))
    return bits


def places_of(words: Ints, cases: int) -> Ints:
    """(cases,) which of some loads (k, 2) holds each case."""
    q = np.arange(cases)
    place: Ints = ((words[:, q // WORD] >> (q % WORD)) & 1).argmax(axis=0)
    return place


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
