"""Cases that another plan treats otherwise."""

from dataclasses import dataclass

import numpy as np

from optimization.alternatives import FITS, swaps_of
from optimization.arrays import Arrays, Ints
from optimization.questions.desk import Desk


@dataclass(frozen=True)
class Moved:
    """A case that gets another action.

    Attributes
    ----------
    difference_cents
        Cost of ``after`` − cost of ``before``.
    """

    case_id: str
    before: str
    after: str
    difference_cents: int


def moved(desk: Desk, before: Ints, after: Ints) -> tuple[Moved, ...]:
    """The cases that two plans (C,) treat otherwise, those that pay most more first."""
    cost = desk.arrays.cost
    cases = np.flatnonzero(before != after)
    difference = cost[after[cases]] - cost[before[cases]]
    cases = cases[np.argsort(-difference, kind="stable")]
    olds, news = (desk.names.actions.take(plan[cases]).to_pylist() for plan in (before, after))
    costs = (cost[after[cases]] - cost[before[cases]]).tolist()
    ids = [desk.names.case_ids[case] for case in cases.tolist()]
    return tuple(Moved(*one) for one in zip(ids, olds, news, costs, strict=True))


def without_needless(arrays: Arrays, before: Ints, after: Ints, keep: int) -> Ints:
    """The plan ``after`` with every case but ``keep`` left as in ``before`` where that costs no more and fits."""
    chosen, used = after.copy(), arrays.used(after)
    for case in np.flatnonzero(before != after).tolist():
        old, new = int(before[case]), int(chosen[case])
        swap = swaps_of(arrays, chosen, used, old, old + 1)
        if case != keep and swap.cents[0] <= 0 and swap.blocked[0] == FITS:
            chosen[case] = old
            for place, sign in ((old, 1), (new, -1)):
                own = slice(arrays.use_start[place], arrays.use_start[place + 1])
                used[arrays.use_row[own]] += sign * arrays.use_amount[own]
    return chosen
