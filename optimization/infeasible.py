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
    """Say which hard rows no choice meets, which others the choice breaks that breaks least, and by how much."""
    arrays = to_arrays(problem)
    alone, chosen = _beyond_reach(arrays), _breaking_least(arrays, max_nodes)
    broken = _alone(problem, arrays, *alone)
    if chosen is not None:
        broken += _together(problem, arrays, chosen, {*alone[0], *alone[1]})
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


def _alone(problem: Problem, arrays: Arrays, short: dict[int, int], over: dict[int, int]) -> list[str]:
    """Rows that no choice meets, whatever it does to the others."""
    least, most = "needs at least {bound} but can only reach {used}", "allows {bound} but at least {used} are needed"
    return [
        *(_said(problem, row, least, used, int(arrays.lo[row])) for row, used in short.items()),
        *(_said(problem, row, most, used, int(arrays.hi[row])) for row, used in over.items()),
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


def _together(problem: Problem, arrays: Arrays, chosen: Ints, but: set[int]) -> list[str]:
    """Other rows that a choice breaks: each could be met at the cost of another."""
    used = arrays.used(chosen)
    least = "needs at least {bound}, and the choice that breaks least reaches {used}"
    most = "allows {bound}, and the choice that breaks least takes {used}"
    return [
        *(
            _said(problem, row, least, int(used[row]), int(arrays.lo[row]))
            for row in _where(arrays.hard_lo & (used < arrays.lo))
            if row not in but
        ),
        *(
            _said(problem, row, most, int(used[row]), int(arrays.hi[row]))
            for row in _where(arrays.hard_hi & (used > arrays.hi))
            if row not in but
        ),
    ]


def _where(flags: Flags) -> list[int]:
    return np.flatnonzero(flags).tolist()


def _said(problem: Problem, row: int, words: str, used: int, bound: int) -> str:
    """A row in words, with how far it is short of its bound or over it."""
    pair = row - len(problem.resources)
    if pair >= 0:
        one, other = problem.exclusions.iloc[pair]
        return f"actions {one!r} and {other!r} exclude each other"
    name, apart = (
        problem.resources["resource_id"].iloc[row],
        f"{abs(used - bound)} {'over' if used > bound else 'short'}",
    )
    return f"resource {name!r} {words.format(bound=bound, used=used)} ({apart})"
