"""Repacking: a few rows are emptied and filled anew with the same cases, as well as can be.

A case pays a *fee* for being taken, moved until every case is wanted about once. A row's cheapest load
at given fees is a knapsack, and Σ fees + Σ cheapest loads bounds what the rows cost (Lagrangian relaxation
of the assignment, Fisher, Jaikumar & Van Wassenhove 1986): far tighter than shadow prices of rows where
few cases fill a row. Mostly it proves that these rows give nothing better. Else only loads can matter that
lie within the gap above their row's cheapest; they are listed (columns by reduced cost, Brommesson 2006)
and searched for the cheapest that hold every case once.

Rows are drawn by what their loads cost above their cheapest. A plan may get worse by a tolerance drawn at a falling
temperature; what counts is the best one. Only candidates that take of a single row are moved.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimization.arrays import Floats, Ints
from optimization.joint.packing_cover import cover
from optimization.joint.packing_part import Part, Stock, part_of_rows
from optimization.joint.packing_rows import TINY, WORD, Loads, cheapest_loads, list_loads, move_fees
from optimization.joint.state import FREE, USED, State

UNITS = 5_000
"""Units that a row's tables reach to; rows that are used beyond are left alone."""
ROWS = 200
"""Most rows that are repacked."""
FEW = 15
"""Cases to a row on average, up to which rows are repacked: where more share a row, exact neighbourhoods gain more."""
TRY = 10_000
"""Entries looked at that cost as much time as beginning to repack some rows."""


@dataclass(frozen=True)
class Packing:
    """How the search is steered.

    Attributes
    ----------
    hottest
        First temperature, in what a case loses on average with its second-best candidate; the last is 0.
    fewest, most
        Cases that are packed anew at once.
    first_turns, turns
        Steps of the fees at first for all rows, and for the rows of one try.
    loads
        Loads listed for one try.
    narrower
        Factor of the gap within which loads are listed, each time that they were too many.
    narrowings
        Times that the gap is made narrower.
    nodes
        Nodes of one search for loads that hold every case once.
    patience
        Tries for each row without a better plan, after which the search ends.
    """

    hottest: float = 0.3
    fewest: int = 40
    most: int = 60
    first_turns: int = 600
    turns: int = 60
    loads: int = 4_000
    narrower: float = 0.6
    narrowings: int = 2
    nodes: int = 100_000
    patience: int = 100


@dataclass
class _Run:
    """A plan being repacked; ``fee`` (C,) and ``least`` (k,), each row's cheapest load, stay as they were at first."""

    stock: Stock
    rows: Ints
    fee: Floats
    least: Floats
    packing: Packing
    looked: int


def repack(
    state: State,
    looks: int,
    rng: np.random.Generator,
    over: Callable[[], bool] = lambda: False,
    packing: Packing = Packing(),
) -> tuple[Ints, int]:
    """Search from the state's choice, which every case is in and which meets every hard row.

    Parameters
    ----------
    looks
        Most entries to look at.
    over
        Whether to stop before.

    Returns
    -------
    tuple
        (C,) the cheapest choice that was found; and the entries looked at.
    """
    stock, best, heat = _stock(state), state.choice.copy(), packing.hottest * state.second_regret
    rows = _rows(state, stock)
    if not _worth_it(stock, rows):
        return best, 0
    run, cents, least, idle = _begin(stock, rows, state.lowest, packing), 0.0, 0.0, 0
    while idle < packing.patience * len(rows) and run.looked < looks and not over():
        tolerance = heat * (1 - run.looked / looks) * rng.exponential()
        cents += _try(run, _drawn(run, rng), np.floor(tolerance))
        if cents < least - TINY:
            least, best[:], idle = cents, run.stock.choice, 0
        idle += 1
    return best, run.looked


def _stock(state: State) -> Stock:
    arrays = state.arrays
    alone = np.flatnonzero(np.diff(arrays.use_start) == 1)
    home, amount = np.full(len(arrays.cost), FREE), np.zeros(len(arrays.cost), np.int64)
    home[alone], amount[alone] = arrays.use_row[arrays.use_start[alone]], arrays.use_amount[arrays.use_start[alone]]
    return Stock(arrays.starts, arrays.cost.astype(float), home, amount, state.choice.copy(), state.rows.copy())


def _rows(state: State, stock: Stock) -> Ints:
    """Rows that candidates have as their home, the dearest ones where they are many."""
    rows = np.setdiff1d(stock.home, [FREE])
    rows = rows[state.rows[rows, USED] <= UNITS]
    return np.sort(rows[np.argsort(-state.prices[rows], kind="stable")[:ROWS]])


def _begin(stock: Stock, rows: Ints, lowest: Floats, packing: Packing) -> _Run:
    whole, fee = part_of_rows(rows, UNITS, stock), lowest.copy()
    cents = _cents(stock, whole)
    fee[whole.cases], _, looked = move_fees(whole, fee[whole.cases], cents, np.inf, packing.first_turns)
    return _Run(stock, rows, fee, cheapest_loads(whole, fee[whole.cases]), packing, looked)


def _worth_it(stock: Stock, rows: Ints) -> bool:
    """Whether there are two rows at least, and few cases to each."""
    there = int(np.isin(stock.home[stock.choice], rows).sum())
    return len(rows) > 1 and there <= FEW * len(rows)


def _counts(run: _Run) -> Ints:
    """(k,) cases in each row."""
    home = run.stock.home[run.stock.choice]
    return np.bincount(home[home != FREE], minlength=len(run.stock.rows))[run.rows]


def _drawn(run: _Run, rng: np.random.Generator) -> Ints:
    """Some rows, ascending: two at least, more while they hold few cases; likelier by the root of cents above least."""
    stock, packing = run.stock, run.packing
    home = stock.home[stock.choice]
    there, cents = home != FREE, stock.cost[stock.choice] - run.fee
    beyond = np.bincount(home[there], cents[there], len(stock.rows))[run.rows] - run.least
    order = np.argsort(rng.exponential(size=len(run.rows)) / np.sqrt(np.maximum(beyond, TINY)), kind="stable")
    size = rng.uniform(packing.fewest, packing.most)
    count = np.searchsorted(np.cumsum(_counts(run)[order]), size, side="right")
    return np.sort(run.rows[order[: max(2, int(count))]])


def _try(run: _Run, rows: Ints, tolerance: float) -> float:
    """Pack some rows anew, at a cost of ``tolerance`` cents more or less; the change in cents."""
    part, packing = part_of_rows(rows, UNITS, run.stock), run.packing
    run.looked += TRY
    if len(part.cases) > 2 * WORD:
        return 0.0
    cents = _cents(run.stock, part)
    most = cents + tolerance + TINY
    fee, bound, looked = move_fees(part, run.fee[part.cases], cents, most, packing.turns)
    run.looked += looked
    if bound > most:
        return 0.0
    loads, looked = _listed(part, fee, most - bound, packing)
    run.looked += looked
    if len(loads.first) <= len(rows):
        return 0.0
    present = _bits(part)
    found, looked = cover(loads, np.bitwise_or.reduce(present), present, most - bound, packing.nodes)
    run.looked += looked
    if not len(found):
        return 0.0
    _move(run.stock, part, loads.words[found])
    return _cents(run.stock, part_of_rows(rows, UNITS, run.stock)) - cents


def _listed(part: Part, fee: Floats, gap: float, packing: Packing) -> tuple[Loads, int]:
    """Loads within the gap, or within less where they are too many; entries looked at."""
    loads, looked = list_loads(part, fee, gap, packing.loads)
    for _ in range(packing.narrowings):
        if len(loads.first) > len(part.rows):
            break
        gap *= packing.narrower
        loads, more = list_loads(part, fee, gap, packing.loads)
        looked += more
    return loads, looked


def _cents(stock: Stock, part: Part) -> float:
    """What the present loads of a part cost, penalties included."""
    chosen = stock.choice[part.cases]
    taken = np.zeros(len(part.rows), np.int64)
    np.add.at(taken, part.present, stock.amount[chosen])
    return float(stock.cost[chosen].sum() + part.due[np.arange(len(taken)), taken].sum())


def _bits(part: Part) -> Ints:
    """(k, 2) a bit for each case in the load that holds it."""
    q = np.arange(len(part.cases))
    bits = np.zeros((len(part.rows), 2), np.int64)
    np.bitwise_or.at(bits, (part.present, q // WORD), np.left_shift(1, q % WORD))
    return bits


def _move(stock: Stock, part: Part, words: Ints) -> None:
    """Give the cases to the loads (k, 2) that hold them."""
    q = np.arange(len(part.cases))
    row = ((words[:, q // WORD] >> (q % WORD)) & 1).argmax(axis=0)
    old, new = stock.choice[part.cases], part.candidate[row, q]
    stock.choice[part.cases] = new
    np.subtract.at(stock.rows[:, USED], stock.home[old], stock.amount[old])
    np.add.at(stock.rows[:, USED], stock.home[new], stock.amount[new])
