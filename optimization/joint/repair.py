"""Repair: rows that prices kept only nearly are met exactly, at least cost for each unit.

Every case says its cheapest way out of what is broken, as cents for each unit of relief; the
cheapest go first, until all rows are met.
"""

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Floats, Ints
from optimization.joint.state import FREE, LEAST, MOST, USED, State, put, weigh_move

ROUNDS = 50
"""Times that all cases are asked; each round meets at least one row or ends."""


def repair(state: State) -> tuple[bool, int]:
    """Move cases until every hard row is met.

    Returns
    -------
    tuple
        Whether it is, and moves weighed.
    """
    weighed = 0
    for _ in range(ROUNDS):
        if met(state):
            return True, weighed
        price, candidate = np.empty(state.arrays.cases), np.empty(state.arrays.cases, np.int64)
        moving = (state.choice, state.rows, state.arrays.use_start, state.uses, state.adjusted)
        weighed += _ask(price, candidate, state.arrays.starts, *moving)
        order = np.argsort(price, kind="stable")
        if not _move(order[np.isfinite(price[order])], candidate, *moving):
            return False, weighed
    return met(state), weighed


def met(state: State) -> bool:
    """Whether no row that the state keeps is broken."""
    used = state.rows[:, USED]
    return not ((used > state.rows[:, MOST]) | (used < state.rows[:, LEAST])).any()


@compiled
def _ask(
    price: Floats,
    candidate: Ints,
    starts: Ints,
    choice: Ints,
    rows: Ints,
    use_start: Ints,
    uses: Ints,
    adjusted: Floats,
) -> int:
    """Each case's cheapest relief: cents for each part of what is broken, ∞ where it has none."""
    weighed = 0
    for case in range(len(starts) - 1):
        price[case], candidate[case] = np.inf, FREE
        old = choice[case]
        for new in range(starts[case], starts[case + 1]):
            relief = _relief(new, old, rows, use_start, uses)
            if new == old or relief <= 0.0:
                continue
            blocked, change = weigh_move(rows, use_start, uses, adjusted, new, old)
            weighed += 1
            if blocked == FREE and change / relief < price[case]:
                price[case], candidate[case] = change / relief, new
    return weighed


@compiled
def _move(
    order: Ints, candidate: Ints, choice: Ints, rows: Ints, use_start: Ints, uses: Ints, adjusted: Floats
) -> bool:
    """Take the reliefs in order as long as they relieve and fit; returns whether any was taken."""
    moved = False
    for case in order:
        new, old = candidate[case], choice[case]
        if _relief(new, old, rows, use_start, uses) <= 0.0:
            continue
        if weigh_move(rows, use_start, uses, adjusted, new, old)[0] == FREE:
            put(choice, rows, use_start, uses, case, new)
            moved = True
    return moved


@within
def _relief(new: int, old: int, rows: Ints, use_start: Ints, uses: Ints) -> float:
    """How much less broken rows would be, each in parts of what it is broken by."""
    relief = 0.0
    for candidate, sign in ((new, 1), (old, -1)):
        if candidate == FREE:
            continue
        for i in range(use_start[candidate], use_start[candidate + 1]):
            row, change = uses[i, 0], sign * uses[i, 1]
            over, short = rows[row, USED] - rows[row, MOST], rows[row, LEAST] - rows[row, USED]
            if over > 0:
                relief -= max(change, -over) / over
            elif short > 0:
                relief += min(change, short) / short
    return relief
