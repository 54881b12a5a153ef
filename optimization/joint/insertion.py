"""Insertion by stake: cases that lose most if only a free candidate remains choose first.

Each takes its best candidate by reduced cost that still fits.
"""

import numpy as np

from features.compiled import compiled
from optimization.arrays import Floats, Ints
from optimization.joint.state import FREE, State, put, weigh_move

ALONE = 1e12
"""Cents at stake for a case with one candidate; a case with no free candidate comes before all that have one."""


def insert(state: State) -> None:
    """Serve the cases that have no candidate; one that nothing fits stays without."""
    arrays, order = state.arrays, by_stake(state)
    _insert(
        order[state.choice[order] == FREE],
        arrays.starts,
        state.by_reduced,
        state.choice,
        state.rows,
        arrays.use_start,
        state.uses,
        state.adjusted,
    )


def by_stake(state: State) -> Ints:
    """(C,) cases, the largest stake first: reduced cost of the cheapest free candidate above the cheapest of all."""
    arrays = state.arrays
    free = np.where(np.diff(arrays.use_start) == 0, state.reduced, np.inf)
    stake = np.minimum.reduceat(free, arrays.starts[:-1]) - state.lowest
    return np.argsort(-np.where(np.isfinite(stake), stake, _margin(state) + ALONE), kind="stable")


def _margin(state: State) -> Floats:
    """(C,) reduced cost of the second-best candidate above the best."""
    starts = state.arrays.starts
    second = state.by_reduced[np.minimum(starts[:-1] + 1, len(state.reduced) - 1)]
    return np.where(np.diff(starts) > 1, state.reduced[second] - state.lowest, ALONE)


@compiled
def _insert(
    order: Ints,
    starts: Ints,
    by_reduced: Ints,
    choice: Ints,
    rows: Ints,
    use_start: Ints,
    uses: Ints,
    adjusted: Floats,
) -> None:
    for case in order:
        for place in range(starts[case], starts[case + 1]):
            candidate = by_reduced[place]
            if weigh_move(rows, use_start, uses, adjusted, candidate, FREE)[0] == FREE:
                put(choice, rows, use_start, uses, case, candidate)
                break
