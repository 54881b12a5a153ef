"""Exchange search: rows may be overfull for a while, at a price that rises until they no longer are.

A local search over moves of one case and of short chains, in which a unit beyond a hard bound costs
a *fine*. Between local optima fines of broken rows rise and those of kept rows fall, and a few cases
are moved at random; the cheapest choice that met every row is what counts. It finds its way where
rows are so full that no move alone fits (Yagiura, Ibaraki & Glover 2004 and 2006, for generalised
assignment).
"""

from dataclasses import dataclass

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Floats, Ints
from optimization.joint.ejection import LEAST_GAIN
from optimization.joint.state import FREE, HI, KIND, LEAST, LO, MOST, OVER, UNDER, USED, WIDE, State, put


@dataclass(frozen=True)
class Fines:
    """How the search is steered.

    Attributes
    ----------
    up, down
        Factors of the fine of a broken row, of a kept one, after each local optimum.
    kicked
        Cases moved at random between local optima.
    near
        Candidates of a case, by reduced cost, that compete.
    depth
        Cases that a chain moves after the first.
    """

    up: float = 1.25
    down: float = 0.95
    kicked: int = 4
    near: int = 6
    depth: int = 2


def exchange(
    state: State, rounds: int, rng: np.random.Generator, steering: Fines = Fines()  # noqa: B008 -- frozen
) -> tuple[Ints | None, int]:
    """Search from the state's choice.

    Returns
    -------
    tuple
        (C,) the cheapest choice that meets every row, ``None`` where none was met; and moves weighed.
    """
    arrays = state.arrays
    floor = np.maximum(np.abs(state.prices), _smallest_fine(state))
    fines, best, least, weighed = floor.copy(), None, np.inf, 0
    for _ in range(rounds):
        order = rng.permutation(arrays.cases)
        weighed += _local_optimum(
            order,
            fines,
            steering.near,
            steering.depth,
            arrays.starts,
            arrays.case,
            arrays.row_start,
            arrays.row_action,
            state.by_reduced,
            state.choice,
            state.rows,
            arrays.use_start,
            state.uses,
            state.adjusted,
        )
        used = state.rows[:, USED]
        broken = (used > state.rows[:, MOST]) | (used < state.rows[:, LEAST])
        cost = np.inf if broken.any() else arrays.objective(state.choice)
        if cost < least:
            best, least = state.choice.copy(), cost
        fines = np.maximum(np.where(broken, fines * steering.up, fines * steering.down), floor)
        _kick(state, steering, rng)
    return best, weighed


def _smallest_fine(state: State) -> float:
    """Cents a unit that no row's fine falls below: a small part of what a candidate costs for each unit it takes."""
    arrays = state.arrays
    mean = arrays.use_amount.mean() if len(arrays.use_amount) else 1.0
    return float(max(np.abs(arrays.cost).mean() / mean / 1000, 1e-6))


def _kick(state: State, steering: Fines, rng: np.random.Generator) -> None:
    arrays = state.arrays
    for case in rng.integers(0, arrays.cases, steering.kicked).tolist():
        near = min(steering.near, int(arrays.starts[case + 1] - arrays.starts[case]))
        candidate = int(state.by_reduced[arrays.starts[case] + rng.integers(0, near)])
        put(state.choice, state.rows, arrays.use_start, state.uses, case, candidate)


@compiled
def _fined(
    rows: Ints, use_start: Ints, uses: Ints, adjusted: Floats, fines: Floats, new: int, old: int
) -> float:
    """Change in cents, penalties and fines included, if ``new`` comes in place of ``old``."""
    cents = adjusted[new] - adjusted[old]
    i, i_end, j, j_end = use_start[new], use_start[new + 1], use_start[old], use_start[old + 1]
    while i < i_end or j < j_end:
        if j == j_end or (i < i_end and uses[i, 0] < uses[j, 0]):
            row, change = uses[i, 0], uses[i, 1]
            i += 1
        elif i == i_end or uses[j, 0] < uses[i, 0]:
            row, change = uses[j, 0], -uses[j, 1]
            j += 1
        else:
            row, change = uses[i, 0], uses[i, 1] - uses[j, 1]
            i += 1
            j += 1
        now = rows[row, USED]
        cents += _outside(rows, row, now + change, fines[row]) - _outside(rows, row, now, fines[row])
    return cents


@within
def _outside(rows: Ints, row: int, used: int, fine: float) -> float:
    """Cents for being outside of a row's bounds: penalties of soft ones, the fine of hard ones."""
    cents = 0.0
    if rows[row, UNDER] > 0:
        cents += float(rows[row, UNDER] * max(0, rows[row, LO] - used))
    if rows[row, OVER] > 0:
        cents += float(rows[row, OVER] * max(0, used - rows[row, HI]))
    if used > rows[row, MOST]:
        cents += fine * (used - rows[row, MOST])
    elif used < rows[row, LEAST]:
        cents += fine * (rows[row, LEAST] - used)
    return cents


@compiled
def _local_optimum(
    order: Ints,
    fines: Floats,
    near: int,
    depth: int,
    starts: Ints,
    case_of: Ints,
    row_start: Ints,
    row_action: Ints,
    by_reduced: Ints,
    choice: Ints,
    rows: Ints,
    use_start: Ints,
    uses: Ints,
    adjusted: Floats,
) -> int:
    """Move cases, alone or in chains, as long as that lowers the fined cost; returns moves weighed."""
    cases, olds = np.empty(depth + 1, np.int64), np.empty(depth + 1, np.int64)
    weighed, better = 0, True
    while better:
        better = False
        for first in order:
            for at in range(starts[first], min(starts[first + 1], starts[first] + near)):
                case, candidate, total, length = first, by_reduced[at], 0.0, 0
                if candidate == choice[first]:
                    continue
                change = _fined(rows, use_start, uses, adjusted, fines, candidate, choice[first])
                weighed += 1
                while True:
                    total += change
                    cases[length], olds[length] = case, choice[case]
                    put(choice, rows, use_start, uses, case, candidate)
                    length += 1
                    if total < -LEAST_GAIN or length > depth:
                        break
                    row = _fullest(candidate, rows, use_start, uses)
                    if row == FREE:
                        break
                    case, least = FREE, np.inf
                    for i in range(row_start[row], row_start[row + 1]):
                        holds = row_action[i]
                        holder = case_of[holds]
                        if choice[holder] != holds or _moved(holder, cases, length):
                            continue
                        for place in range(starts[holder], min(starts[holder + 1], starts[holder] + near)):
                            new = by_reduced[place]
                            if new == holds:
                                continue
                            weighed += 1
                            delta = _fined(rows, use_start, uses, adjusted, fines, new, holds)
                            if delta < least:
                                least, case, candidate = delta, holder, new
                    if case == FREE:
                        break
                    change = least
                if total < -LEAST_GAIN:
                    better = True
                    continue
                for k in range(length - 1, -1, -1):
                    put(choice, rows, use_start, uses, cases[k], olds[k])
    return weighed


@within
def _fullest(candidate: int, rows: Ints, use_start: Ints, uses: Ints) -> int:
    """The row of few users that the candidate takes of and that is most overfull, or FREE."""
    found, most = FREE, 0
    for i in range(use_start[candidate], use_start[candidate + 1]):
        row = uses[i, 0]
        excess = rows[row, USED] - rows[row, MOST]
        if excess > most and rows[row, KIND] != WIDE:
            found, most = row, excess
    return found


@within
def _moved(case: int, cases: Ints, length: int) -> bool:
    found = False
    for k in range(length):
        found |= cases[k] == case
    return found
