"""Plans revised nearby: few cases are chosen anew, exactly, and all others stay.

Free are the cases that could most cheaply give or take what the rows in question need; what the others
use is taken off every row's bounds. Whatever comes back is summed up again over the whole problem.
Where all cases are free, the solver's bound holds for the whole problem too.

What a change costs is told against the best plan known: the desk's, or a better one that the same cases allow without
the change. Otherwise what could be bettered anyway would be laid to the change.
"""

from dataclasses import dataclass

import numpy as np

from optimization.arrays import Arrays, Ints
from optimization.best_choice import best_choice
from optimization.highs import ABSOLUTE_GAP
from optimization.joint.part import candidates_of, part_of
from optimization.questions.desk import Desk

WHOLE = 300
"""Problems of no more cases are chosen anew as a whole."""
NEAR = 30
"""Cases free at first on each side of each row."""
GROWTH = 4
"""How many more are free where those do not suffice."""
ROUNDS = 3
"""Times that more are freed."""
NODES = 200
"""Branch-and-bound nodes, or steps in integers, that one choice may take."""
NOTHING = -(2**62)
"""In place of a bound: nothing was proven."""


@dataclass(frozen=True, eq=False)
class Revised:
    """What came of it.

    Attributes
    ----------
    chosen
        (C,) a plan that meets all rows and what was asked for, or ``None`` where none was found.
    cost
        Its cents, summed up over the whole problem; ``None`` with it.
    bound
        Cents below which no such plan costs, NOTHING where that was not proven.
    impossible
        Whether it is proven that there is no such plan.
    """

    chosen: Ints | None
    cost: int | None
    bound: int = NOTHING
    impossible: bool = False


def insist(desk: Desk, forced: int) -> tuple[Ints, Revised]:
    """Look for a plan that has a candidate, among more cases until one is found.

    Returns
    -------
    tuple
        The cases that were free, and what came of it.
    """
    arrays = desk.arrays
    case, count = int(arrays.case[forced]), NEAR
    rows = sorted({row for one in (forced, int(desk.chosen[case])) for row, _ in desk.uses(one)})
    for _ in range(ROUNDS):
        cases = nearest(desk, rows, count, case)
        revised = choose(desk, arrays, cases, forced)
        if revised.chosen is not None or len(cases) == arrays.cases:
            break
        count *= GROWTH
    return cases, revised


def best_known(desk: Desk, cases: Ints, other: Revised) -> tuple[Ints, int]:
    """The cheapest plan known under the desk's own limits, (C,) and its cents.

    It is the desk's, what the cases allow when they choose freely, or ``other``, which meets those limits too.
    """
    known = [(desk.solution.objective, desk.chosen)]
    if desk.solution.objective > desk.bound:
        free = choose(desk, desk.arrays, cases)
        known += [(one.cost, one.chosen) for one in (free, other) if one.cost is not None and one.chosen is not None]
    cost, chosen = min(known, key=lambda one: one[0])
    return chosen, cost


def nearest(desk: Desk, rows: list[int], count: int = NEAR, also: int | None = None) -> Ints:
    """Cases that hold one of the rows and could leave it most cheaply, or could take it most cheaply; ascending."""
    if desk.arrays.cases <= WHOLE:
        return np.arange(desk.arrays.cases)
    near = [desk.holders.case[desk.holders.of(row)][:count] for row in rows]
    near += [_takers(desk, row, count) for row in rows]
    return np.unique(np.concatenate([*near, np.array([] if also is None else [also], np.int64)]))


def _takers(desk: Desk, row: int, count: int) -> Ints:
    """Cases with an action that takes of a row, by opportunity cost."""
    arrays = desk.arrays
    users = arrays.row_action[arrays.row_start[row] : arrays.row_start[row + 1]]
    users = users[desk.chosen[arrays.case[users]] != users]
    order = np.argsort(desk.alternatives.opportunity[users], kind="stable")
    return np.asarray(arrays.case[users[order[:count]]])


def choose(desk: Desk, arrays: Arrays, cases: Ints, forced: int | None = None) -> Revised:
    """Choose anew for some cases (ascending).

    Parameters
    ----------
    arrays
        The desk's problem, with other bounds of rows where that is the question.
    forced
        A candidate that the plan must have.
    """
    candidate = candidates_of(arrays, cases)
    if forced is not None:
        candidate = candidate[(arrays.case[candidate] != arrays.case[forced]) | (candidate == forced)]
    part = part_of(arrays, desk.chosen, desk.used, cases, candidate)[0]
    best = best_choice(part, NODES, ABSOLUTE_GAP)
    whole = len(cases) == arrays.cases
    bound = best.bound if whole and best.bound is not None else NOTHING
    if best.chosen is None:
        return Revised(None, None, bound, whole and best.impossible)
    chosen = desk.chosen.copy()
    chosen[cases] = candidate[best.chosen]
    if not arrays.feasible(chosen):
        return Revised(None, None, bound)
    return Revised(chosen, arrays.objective(chosen), bound)
