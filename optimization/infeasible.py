"""Which hard rows cannot be met, and by how much: the elastic relaxation, in words."""

import numpy as np

from optimization.arrays import Arrays, Flags, Ints, to_arrays
from optimization.highs import run_highs
from optimization.joint.refinement import best_of_each
from optimization.mip import elastic_model
from optimization.problem import Problem

SHOWN = 5
"""Broken rows that the message names; the rest are counted."""


def least_broken(problem: Problem, max_nodes: int) -> str:
    """Say which hard rows the choice that breaks least of them breaks, and by how much."""
    arrays = to_arrays(problem)
    answer = run_highs(elastic_model(arrays), max_nodes)
    if answer.values is None:
        return "no choice meets the hard rows, and the effort did not suffice to find which"
    broken = _broken(problem, arrays, best_of_each(arrays, answer.values))
    more = f"; and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
    return "the hard rows cannot all be met: " + "; ".join(broken[:SHOWN]) + more


def _broken(problem: Problem, arrays: Arrays, chosen: Ints) -> list[str]:
    used = arrays.used(chosen)
    return [
        *(
            _short(problem, row, int(used[row]), int(arrays.lo[row]))
            for row in _where(arrays.hard_lo & (used < arrays.lo))
        ),
        *(
            _over(problem, row, int(used[row]), int(arrays.hi[row]))
            for row in _where(arrays.hard_hi & (used > arrays.hi))
        ),
    ]


def _where(flags: Flags) -> list[int]:
    return np.flatnonzero(flags).tolist()


def _short(problem: Problem, row: int, used: int, lo: int) -> str:
    name = problem.resources["resource_id"].iloc[row]
    return f"resource {name!r} needs at least {lo} but can only reach {used} ({lo - used} short)"


def _over(problem: Problem, row: int, used: int, hi: int) -> str:
    pair = row - len(problem.resources)
    if pair >= 0:
        one, other = problem.exclusions.iloc[pair]
        return f"actions {one!r} and {other!r} exclude each other"
    name = problem.resources["resource_id"].iloc[row]
    return f"resource {name!r} allows {hi} but at least {used} are needed ({used - hi} over)"
