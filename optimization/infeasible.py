"""Which hard rows cannot be met, and by how much: the elastic relaxation, in words."""

import numpy as np

from optimization.arrays import Arrays, Flags, Ints, to_arrays
from optimization.best_choice import rows_fit_doubles
from optimization.highs import run_highs
from optimization.integers import solve_in_integers
from optimization.mip import best_of_each, elastic_model
from optimization.problem import Problem
from optimization.problem_checks import exact_sums

SHOWN = 5
"""Broken rows that the message names; the rest are counted."""


def least_broken(problem: Problem, max_nodes: int) -> str:
    """Say which hard rows the choice that breaks least of them breaks, and by how much."""
    arrays = to_arrays(problem)
    chosen = _breaking_least(arrays, max_nodes)
    broken = _alone(problem, arrays) if chosen is None else _broken(problem, arrays, chosen)
    if not broken:
        return "the hard rows cannot all be met, and the effort did not suffice to find which"
    more = f"; and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
    return "the hard rows cannot all be met: " + "; ".join(broken[:SHOWN]) + more


def _breaking_least(arrays: Arrays, max_nodes: int) -> Ints | None:
    """The choice (C,) that breaks hard rows by the fewest units, in integers where doubles could miss one."""
    if rows_fit_doubles(arrays):
        values = run_highs(elastic_model(arrays), max_nodes).values
        return None if values is None else best_of_each(arrays, values)
    nothing, no = np.zeros_like(arrays.cost), np.zeros_like(arrays.hard_lo)
    by_unit = arrays._replace(
        cost=nothing,
        under=arrays.hard_lo.astype(np.int64),
        over=arrays.hard_hi.astype(np.int64),
        hard_lo=no,
        hard_hi=no,
    )
    return solve_in_integers(by_unit, max_nodes).chosen


def _alone(problem: Problem, arrays: Arrays) -> list[str]:
    """Rows that no choice meets, whatever it does to the others."""
    short, over = _beyond_reach(arrays)
    return [
        *(_short(problem, row, most, int(arrays.lo[row])) for row, most in short.items()),
        *(_over(problem, row, least, int(arrays.hi[row])) for row, least in over.items()),
    ]


def _beyond_reach(arrays: Arrays) -> tuple[dict[int, int], dict[int, int]]:
    """Hard rows that all cases together take too little of, with the most; and too much of, with the least."""
    least, most = reach(arrays)
    return (
        {row: most[row] for row in _where(arrays.hard_lo) if most[row] < int(arrays.lo[row])},
        {row: least[row] for row in _where(arrays.hard_hi) if least[row] > int(arrays.hi[row])},
    )


def out_of_reach(arrays: Arrays) -> bool:
    """Whether a hard row alone cannot be met."""
    return any(_beyond_reach(arrays))


def reach(arrays: Arrays) -> tuple[list[int], list[int]]:
    """(R,), (R,) the least and the most that all cases together can take of each row."""
    if not len(arrays.row_action):
        return [0] * arrays.rows, [0] * arrays.rows
    row, case = np.repeat(np.arange(arrays.rows), np.diff(arrays.row_start)), arrays.case[arrays.row_action]
    begin = np.flatnonzero(np.r_[True, (row[1:] != row[:-1]) | (case[1:] != case[:-1])])
    users = np.diff(np.r_[begin, len(row)])
    everyone = users == np.diff(arrays.starts)[case[begin]]
    low = np.where(everyone, np.minimum.reduceat(arrays.row_amount, begin), 0)
    high = np.maximum.reduceat(arrays.row_amount, begin)
    return exact_sums(row[begin], low, arrays.rows), exact_sums(row[begin], high, arrays.rows)


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
