"""Ejection local search: a case takes what it wants, those it displaces move on, down a short chain.

Each step moves the holder of an overfull row that loses least; the chain is kept if, all rows
met, it lowers price-adjusted cost (Glover 1996; Yagiura, Ibaraki & Glover 2006 for assignment).
"""

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Ints
from optimization.joint.state import FREE, KIND, MOST, USED, WIDE, Board, State, amount_of, put, weigh_move

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
    weighed = 0
    for _ in range(passes):
        gained, count = _pass(_unhappy(state), depth, state.board)
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
def _pass(order: Ints, depth: int, board: Board) -> tuple[float, int]:
    """Try every candidate that would be cheaper for each of the cases; returns what was gained, and the effort."""
    chain = np.empty((2, depth + 1), np.int64)
    starts, by_reduced, choice, adjusted = board.starts, board.by_reduced, board.choice, board.adjusted
    gained, weighed = 0.0, 0
    for case in order:
        for at in range(starts[case], starts[case + 1]):
            candidate, old = by_reduced[at], choice[case]
            if candidate != old and (old == FREE or adjusted[candidate] < adjusted[old]):
                gain, count = _chain(case, candidate, chain, board)
                gained += gain
                weighed += count
    return gained, weighed


@compiled
def _chain(case: int, candidate: int, chain: Ints, board: Board) -> tuple[float, int]:
    """Give ``case`` its ``candidate`` and let the displaced move on; undone unless it gains.

    ``chain`` (2, depth + 1) is room for the cases of the chain and what they had before.
    """
    choice, rows, use_start, uses, adjusted = board.choice, board.rows, board.use_start, board.uses, board.adjusted
    depth, length = chain.shape[1] - 1, 0
    blocked, total = weigh_move(rows, use_start, uses, adjusted, candidate, choice[case])
    weighed = 1
    while blocked >= FREE and case != FREE:
        chain[0, length], chain[1, length] = case, choice[case]
        put(choice, rows, use_start, uses, case, candidate)
        length += 1
        row = blocked if blocked != FREE else _overfull(chain, length, choice, rows, use_start, uses)
        if row == FREE and total < -LEAST_GAIN:
            return -total, weighed
        if row == FREE or length > depth or rows[row, KIND] == WIDE:
            break
        case, candidate, blocked, change, count = _cheapest_exit(row, total, chain, length, board)
        total += change
        weighed += count
    for k in range(length - 1, -1, -1):
        put(choice, rows, use_start, uses, chain[0, k], chain[1, k])
    return 0.0, weighed


@compiled
def _cheapest_exit(row: int, total: float, chain: Ints, length: int, board: Board) -> tuple[int, int, int, float, int]:
    """Who leaves an overfull row at least cost: case, candidate, row blocked next, change in cents, effort.

    A move that would overfill another row is judged by reduced cost too: it pays for what it takes.
    """
    starts, case_of, row_start, row_action = board.starts, board.case, board.row_start, board.row_action
    by_reduced, reduced, choice, rows = board.by_reduced, board.reduced, board.choice, board.rows
    use_start, uses, adjusted = board.use_start, board.uses, board.adjusted
    last = length == chain.shape[1] - 1
    excess, least, weighed = rows[row, USED] - rows[row, MOST], -LEAST_GAIN - total, 0
    best = (FREE, FREE, FREE, 0.0)
    for i in range(row_start[row], row_start[row + 1]):
        holds = row_action[i]
        holder = case_of[holds]
        if choice[holder] != holds or _in_chain(holder, chain, length):
            continue
        for place in range(starts[holder], starts[holder + 1]):
            new = by_reduced[place]
            freed = amount_of(holds, row, use_start, uses) - amount_of(new, row, use_start, uses)
            if new == holds or freed < excess:
                continue
            stop, change = weigh_move(rows, use_start, uses, adjusted, new, holds)
            weighed += 1
            judged = change if stop == FREE else max(change, reduced[new] - reduced[holds])
            if stop >= FREE and not (last and stop != FREE) and judged < least:
                least, best = judged, (holder, new, stop, change)
    return best[0], best[1], best[2], best[3], weighed


@within
def _overfull(chain: Ints, length: int, choice: Ints, rows: Ints, use_start: Ints, uses: Ints) -> int:
    """A row that the candidates of the chain leave overfull, or FREE."""
    found = FREE
    for k in range(length):
        candidate = choice[chain[0, k]]
        for i in range(use_start[candidate], use_start[candidate + 1]):
            if rows[uses[i, 0], USED] > rows[uses[i, 0], MOST]:
                found = uses[i, 0]
    return found


@within
def _in_chain(case: int, chain: Ints, length: int) -> bool:
    found = False
    for k in range(length):
        found |= chain[0, k] == case
    return found
