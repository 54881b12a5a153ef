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
from optimization.joint.packing_part import (
    UNITS,
    Part,
    Stock,
    cases_in,
    cents_of,
    part_of_rows,
    rows_to_pack,
    stock_of,
)
from optimization.joint.packing_rows import (
    TINY,
    WORD,
    bits_of,
    cheapest_loads,
    first_fees,
    list_near,
    move_fees,
    places_of,
)
from optimization.joint.state import FREE, USED, State

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
    turns
        Steps of the fees for the rows of one try.
    loads
        Loads listed for one try.
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
    turns: int = 60
    loads: int = 4_000
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
    stock, best, heat = stock_of(state), state.choice.copy(), packing.hottest * state.second_regret
    rows = rows_to_pack(state, stock)
    if len(rows) < 2 or cases_in(stock, rows) > FEW * len(rows):
        return best, 0
    run, cents, least, idle = _begin(stock, rows, state.lowest, packing), 0.0, 0.0, 0
    while idle < packing.patience * len(rows) and run.looked < looks and not over():
        tolerance = heat * (1 - run.looked / looks) * rng.exponential()
        cents += _try(run, _drawn(run, rng), np.floor(tolerance))
        if cents < least - TINY:
            least, best[:], idle = cents, run.stock.choice, 0
        idle += 1
    return best, run.looked


def _begin(stock: Stock, rows: Ints, lowest: Floats, packing: Packing) -> _Run:
    whole, fee = part_of_rows(rows, UNITS, stock), lowest.copy()
    fee[whole.cases], _, looked = first_fees(whole, fee[whole.cases])
    return _Run(stock, rows, fee, cheapest_loads(whole, fee[whole.cases])[0], packing, looked)


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
    cents = cents_of(part, part.present)
    most = cents + tolerance + TINY
    fee, bound, looked = move_fees(
        part, run.fee[part.cases], np.zeros(part.cost.shape), cents, most, packing.turns, 1.0
    )
    run.looked += looked
    if bound > most:
        return 0.0
    loads, looked = list_near(part, fee, most - bound, packing.loads, packing.narrowings)
    run.looked += looked
    if len(loads.first) <= len(rows):
        return 0.0
    present = bits_of(part.present, len(rows))
    found, looked = cover(loads, np.bitwise_or.reduce(present), present, most - bound, packing.nodes)
    run.looked += looked
    if not len(found):
        return 0.0
    place = places_of(loads.words[found], len(part.cases))
    _move(run.stock, part, place)
    return cents_of(part, place) - cents


def _move(stock: Stock, part: Part, place: Ints) -> None:
    """Give the cases to the rows at their places (q,) in the part."""
    old, new = stock.choice[part.cases], part.candidate[place, np.arange(len(place))]
    stock.choice[part.cases] = new
    np.subtract.at(stock.rows[:, USED], stock.home[old], stock.amount[old])
    np.add.at(stock.rows[:, USED], stock.home[new], stock.amount[new])
