"""A few rows and whoever is in them, as a table for :mod:`repacking <optimization.joint.packing>`; compiled."""

from typing import NamedTuple

import numpy as np

from features.compiled import compiled
from optimization.arrays import Floats, Ints
from optimization.joint.state import FREE, LEAST, LO, MOST, OVER, UNDER, USED, State, penalty

UNITS = 5_000
"""Units that a row's tables reach to; rows that are used beyond are left alone."""
ROWS = 200
"""Most rows that are repacked."""


class Stock(NamedTuple):
    """The plan that is repacked, and who may be moved: a candidate that takes of one row only has that as its *home*.

    Attributes
    ----------
    starts, cost
        (C + 1,), (n,) candidates of each case, and their cents.
    home, amount
        (n,), (n,) the row, FREE for candidates that stay where they are, and the units.
    choice, rows
        (C,) the plan, and (R, 8) what it takes, as in :class:`optimization.joint.state.State`; moved in place.
    """

    starts: Ints
    cost: Floats
    home: Ints
    amount: Ints
    choice: Ints
    rows: Ints


class Part(NamedTuple):
    """k rows, and the q cases that have their home there.

    Attributes
    ----------
    rows, cases
        (k,), (q,) places in the problem.
    present
        (q,) which of the k rows each case is in.
    candidate, cost, amount
        (k, q) the cheapest candidate with its home there, in its present row the present one; FREE, ∞ and 0 where
        there is none.
    room
        (k,) most units that the cases may take together.
    due
        (k, room + 1) cents of penalty once so many units are taken, ∞ where a hard bound is broken.
    wanting
        (k,) whether a row has a lower bound, so that who costs something may still be wanted.
    """

    rows: Ints
    cases: Ints
    present: Ints
    candidate: Ints
    cost: Floats
    amount: Ints
    room: Ints
    due: Floats
    wanting: Ints


def stock_of(state: State) -> Stock:
    """The state's plan to be repacked."""
    arrays = state.arrays
    alone = np.flatnonzero(np.diff(arrays.use_start) == 1)
    home, amount = np.full(len(arrays.cost), FREE), np.zeros(len(arrays.cost), np.int64)
    home[alone], amount[alone] = arrays.use_row[arrays.use_start[alone]], arrays.use_amount[arrays.use_start[alone]]
    return Stock(arrays.starts, arrays.cost.astype(float), home, amount, state.choice.copy(), state.rows.copy())


def rows_to_pack(state: State, stock: Stock) -> Ints:
    """Rows that candidates have as their home, ascending; the dearest ones where they are many."""
    rows = np.setdiff1d(stock.home, [FREE])
    rows = rows[state.rows[rows, USED] <= UNITS]
    return np.sort(rows[np.argsort(-state.prices[rows], kind="stable")[:ROWS]])


def cases_in(stock: Stock, rows: Ints) -> int:
    """How many cases have their home in some rows."""
    return int(np.isin(stock.home[stock.choice], rows).sum())


def cents_of(part: Part, place: Ints) -> float:
    """What cases cost if each is in the row at its place (q,) among the part's, penalties included."""
    q, taken = np.arange(len(place)), np.zeros(len(part.rows), np.int64)
    np.add.at(taken, place, part.amount[place, q])
    return float(part.cost[place, q].sum() + part.due[np.arange(len(taken)), taken].sum())


@compiled
def part_of_rows(rows: Ints, units: int, stock: Stock) -> Part:
    """Take the cases out of some rows, which then hold ``units`` at most, or what they hold now."""
    place, cases, count = np.full(len(stock.rows), FREE), np.empty(len(stock.choice), np.int64), 0
    for k in range(len(rows)):
        place[rows[k]] = k
    for case in range(len(stock.choice)):
        home = stock.home[stock.choice[case]]
        if home != FREE and place[home] != FREE:
            cases[count] = case
            count += 1
    shape = (len(rows), count)
    present, candidate, cost = np.empty(count, np.int64), np.full(shape, FREE), np.full(shape, np.inf)
    amount, most, taken = np.zeros(shape, np.int64), np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for q in range(count):
        case = cases[q]
        present[q] = place[stock.home[stock.choice[case]]]
        taken[present[q]] += stock.amount[stock.choice[case]]
        for new in range(stock.starts[case], stock.starts[case + 1]):
            k = FREE if stock.home[new] == FREE else place[stock.home[new]]
            if k == present[q] and new != stock.choice[case]:
                continue
            if k != FREE and stock.cost[new] < cost[k, q]:
                candidate[k, q], cost[k, q], amount[k, q] = new, stock.cost[new], stock.amount[new]
        most += amount[:, q]
    room, due, wanting = _room(rows, stock.rows, taken, np.maximum(taken, np.minimum(units, most)))
    return Part(rows, cases[:count], present, candidate, cost, amount, room, due, wanting)


@compiled
def _room(rows: Ints, table: Ints, taken: Ints, most: Ints) -> tuple[Ints, Floats, Ints]:
    """(k,) units that may be taken, ``most`` at most; (k, …) cents for taking so many; (k,) rows with lower bounds."""
    room, wanting = np.empty(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for k in range(len(rows)):
        others = table[rows[k], USED] - taken[k]
        room[k] = min(most[k], table[rows[k], MOST] - others)
        wanting[k] = others < table[rows[k], LEAST] or (table[rows[k], UNDER] > 0 and others < table[rows[k], LO])
    due = np.full((len(rows), room.max() + 1), np.inf)
    for k in range(len(rows)):
        row, others = rows[k], table[rows[k], USED] - taken[k]
        soft = table[row, UNDER] + table[row, OVER] > 0
        for units in range(room[k] + 1):
            if others + units >= table[row, LEAST]:
                due[k, units] = penalty(table, row, others + units) if soft else 0.0
    return room, due, wanting


@compiled
def smaller_part(part: Part, rows: Ints, cases: Ints) -> Part:
    """Some of a part's rows and cases, by their places in it."""
    shape = (len(rows), len(cases))
    candidate, cost, amount = np.empty(shape, np.int64), np.empty(shape), np.empty(shape, np.int64)
    for i in range(len(rows)):
        candidate[i], cost[i] = part.candidate[rows[i]][cases], part.cost[rows[i]][cases]
        amount[i] = part.amount[rows[i]][cases]
    return Part(
        part.rows[rows],
        part.cases[cases],
        part.present[cases],
        candidate,
        cost,
        amount,
        part.room[rows],
        part.due[rows],
        part.wanting[rows],
    )
