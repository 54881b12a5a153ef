"""Ejection local search: a case takes what it wants, those it displaces move on, down a short chain.

Each step moves the holder of an overfull row that loses least; the chain is kept if, all rows
met, it lowers price-adjusted cost (Glover 1996; Yagiura, Ibaraki & Glover 2006 for assignment).
"""

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Floats, Ints
from optimization.joint.state import FREE, KIND, MOST, USED, WIDE, State, put, weigh_move

DEPTH = 4
"""Displaced cases in a chain, at most."""
LEAST_GAIN = 0.5
"""Cents that a chain must gain; costs are whole cents."""


def improve(state: State, passes: int = 4, depth: int = DEPTH) -> int:
    """Search until a pass finds nothing, at most ``passes`` times.

    Returns
    -------
    int
        Moves weighed: the effort.
    """
    arrays, weighed = state.arrays, 0
    for _ in range(passes):
        gained, count = _pass(
            _unhappy(state),
            depth,
            arrays.starts,
            arrays.case,
            arrays.row_start,
            arrays.row_action,
            state.by_reduced,
            state.reduced,
            state.choice,
            state.rows,
            arrays.use_start,
            state.uses,
            state.adjusted,
        )
        weighed += count
        if gained == 0:
            break
    return weighed


def _unhappy(state: State) -> Ints:
    """Cases that pay more than the cheapest of their candidates does, by regret at the prices, largest first."""
    regret = np.where(state.choice == FREE, np.inf, state.reduced[state.choice] - state.lowest)
    order = np.argsort(-regret, kind="stable")
    return order[regret[order] > 0]


@compiled
def _pass(
    order: Ints,
    depth: int,
    starts: Ints,
    case_of: Ints,
    row_start: Ints,
    row_action: Ints,
    by_reduced: Ints,
    reduced: Floats,
    choice: Ints,
    rows: Ints,
    use_start: Ints,
    uses: Ints,
    adjusted: Floats,
) -> tuple[float, int]:
    """Try every candidate that would be cheaper for each of the cases; returns what was gained, and the effort."""
    cases, olds = np.empty(depth + 1, np.int64), np.empty(depth + 1, np.int64)
    gained, weighed = 0.0, 0
    for first in order:
        for at in range(starts[first], starts[first + 1]):
            case, candidate, old = first, by_reduced[at], choice[first]
            if candidate == old or (old != FREE and adjusted[candidate] >= adjusted[old]):
                continue
            blocked, total = weigh_move(rows, use_start, uses, adjusted, candidate, old)
            weighed += 1
            length = 0
            while blocked >= FREE and case != FREE:
                cases[length], olds[length] = case, choice[case]
                put(choice, rows, use_start, uses, case, candidate)
                length += 1
                row = blocked if blocked != FREE else _overfull(cases, length, choice, rows, use_start, uses)
                if row == FREE or length > depth or rows[row, KIND] == WIDE:
                    break
                excess, limit = rows[row, USED] - rows[row, MOST], -LEAST_GAIN - total
                least, found = limit, (FREE, FREE, FREE, 0.0)
                for i in range(row_start[row], row_start[row + 1]):
                    holds = row_action[i]
                    holder = case_of[holds]
                    if choice[holder] != holds or _in_chain(holder, cases, length):
                        continue
                    for place in range(starts[holder], starts[holder + 1]):
                        new = by_reduced[place]
                        freed = _amount(holds, row, use_start, uses) - _amount(new, row, use_start, uses)
                        if new == holds or freed < excess:
                            continue
                        stop, change = weigh_move(rows, use_start, uses, adjusted, new, holds)
                        weighed += 1
                        if stop < FREE or (length == depth and stop != FREE):
                            continue
                        judged = change if stop == FREE else max(change, reduced[new] - reduced[holds])
                        if judged < least:
                            least, found = judged, (holder, new, stop, change)
                case, candidate, blocked, change = found
                total += change
            done = length > 0 and _overfull(cases, length, choice, rows, use_start, uses) == FREE
            if done and total < -LEAST_GAIN:
                gained -= total
                continue
            for k in range(length - 1, -1, -1):
                put(choice, rows, use_start, uses, cases[k], olds[k])
    return gained, weighed


@within
def _overfull(cases: Ints, length: int, choice: Ints, rows: Ints, use_start: Ints, uses: Ints) -> int:
    """A row that the candidates of the chain leave overfull, or FREE."""
    found = FREE
    for k in range(length):
        candidate = choice[cases[k]]
        for i in range(use_start[candidate], use_start[candidate + 1]):
            if rows[uses[i, 0], USED] > rows[uses[i, 0], MOST]:
                found = uses[i, 0]
    return found


@within
def _in_chain(case: int, cases: Ints, length: int) -> bool:
    found = False
    for k in range(length):
        found |= cases[k] == case
    return found


@within
def _amount(candidate: int, row: int, use_start: Ints, uses: Ints) -> int:
    amount = 0
    for i in range(use_start[candidate], use_start[candidate + 1]):
        if uses[i, 0] == row:
            amount = uses[i, 1]
    return amount
