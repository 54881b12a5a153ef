"""Some cases as a problem of their own, under what all others leave of every row."""

import numpy as np

from optimization.arrays import NONE, Arrays, Ints, Places, arranged


def uses_of(arrays: Arrays, candidate: Ints) -> tuple[Ints, Ints]:
    """The uses of some candidates: (m,) which of them each one belongs to, and (m,) its place among all uses."""
    return _listed(arrays.use_start, candidate)


def candidates_of(arrays: Arrays, cases: Ints) -> Ints:
    """All candidates of some cases."""
    return _listed(arrays.starts, cases)[1]


def _listed(starts: Ints, which: Ints) -> tuple[Ints, Ints]:
    """The runs ``starts[k]`` to ``starts[k + 1]`` of some k one after another: whose each entry is, and its place."""
    first, length = starts[which], starts[which + 1] - starts[which]
    owner = np.repeat(np.arange(len(which)), length)
    return owner, np.repeat(first - (np.cumsum(length) - length), length) + np.arange(len(owner))


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
    least, most, under, over = arrays.bounds(rows)
    lo, hi = np.where(least > -NONE, least - others, -NONE), np.where(most < NONE, most - others, NONE)
    case = np.searchsorted(cases, arrays.case[candidate])
    part = arranged(
        case=case,
        starts=np.searchsorted(case, np.arange(len(cases) + 1)),
        cost=arrays.cost[candidate],
        uses=(user, np.searchsorted(rows, arrays.use_row[use]), arrays.use_amount[use]),
        bounds=(lo, hi, under, over),
    )
    return part, rows
