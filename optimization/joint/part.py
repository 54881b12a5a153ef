"""Some cases as a problem of their own, under what all others leave of every row."""

import numpy as np

from optimization.arrays import NONE, Arrays, Ints, Places, arranged


def uses_of(arrays: Arrays, candidate: Ints) -> tuple[Ints, Ints]:
    """The uses of some candidates: (m,) which of them each one belongs to, and (m,) its place among all uses."""
    first = arrays.use_start[candidate]
    length = arrays.use_start[candidate + 1] - first
    user = np.repeat(np.arange(len(candidate)), length)
    return user, np.repeat(first - (np.cumsum(length) - length), length) + np.arange(len(user))


def part_of(arrays: Arrays, chosen: Ints, used: Ints, cases: Ints, candidate: Ints) -> tuple[Arrays, Places]:
    """Set some cases free among some of their candidates.

    Parameters
    ----------
    chosen, used
        (C,) a plan, and (R,) what it takes of each row.
    cases, candidate
        The cases and the candidates that compete, both ascending; each case has one at least.

    Returns
    -------
    tuple
        The part, and (r,) the place of its rows among all.
    """
    user, use = uses_of(arrays, candidate)
    held = uses_of(arrays, chosen[cases])[1]
    rows = np.unique(np.concatenate([arrays.use_row[use], arrays.use_row[held]]))
    mine = np.zeros(len(rows), np.int64)
    np.add.at(mine, np.searchsorted(rows, arrays.use_row[held]), arrays.use_amount[held])
    others = used[rows] - mine
    lo = np.where(arrays.lo[rows] > -NONE, arrays.lo[rows] - others, -NONE)
    hi = np.where(arrays.hi[rows] < NONE, arrays.hi[rows] - others, NONE)
    under = np.where(arrays.hard_lo[rows], -1, arrays.under[rows])
    over = np.where(arrays.hard_hi[rows], -1, arrays.over[rows])
    case = np.searchsorted(cases, arrays.case[candidate])
    part = arranged(
        case=case,
        starts=np.searchsorted(case, np.arange(len(cases) + 1)),
        cost=arrays.cost[candidate],
        uses=(user, np.searchsorted(rows, arrays.use_row[use]), arrays.use_amount[use]),
        bounds=(lo, hi, under, over),
    )
    return part, rows
