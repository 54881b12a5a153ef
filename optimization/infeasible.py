"""Which hard rows cannot be met, and by how much: the elastic relaxation, in words."""

import numpy as np

from optimization.arrays import Arrays, Floats, Ints, to_arrays
from optimization.highs import run_highs
from optimization.mip import elastic_model
from optimization.problem import Problem

SHOWN = 5
"""Broken rows that the message names; the rest are counted."""


def least_broken(problem: Problem, max_nodes: int) -> tuple[Ints | None, str]:
    """Choose what breaks least of the hard rows, and say which rows it breaks and by how much.

    Returns
    -------
    tuple
        Chosen candidates, shape (C,), or ``None`` where the effort did not suffice, and the message.
    """
    arrays = to_arrays(problem)
    answer = run_highs(elastic_model(arrays), max_nodes=max_nodes)
    if answer.values is None:
        return None, "no choice meets the hard rows, and the effort did not suffice to find which"
    chosen = chosen_of(arrays, answer.values)
    broken = _broken(problem, arrays, chosen)
    more = f"; and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
    return chosen, "the hard rows cannot all be met: " + "; ".join(broken[:SHOWN]) + more


def chosen_of(arrays: Arrays, values: Floats) -> Ints:
    """The candidate with the largest value of each case, the first of equals."""
    n = len(arrays.cost)
    order = np.lexsort((np.arange(n), -np.round(values[:n], 6), arrays.case))
    return order[arrays.starts]


def _broken(problem: Problem, arrays: Arrays, chosen: Ints) -> list[str]:
    names, words = problem.resources["resource_id"].tolist(), []
    for name, (lo, hi, under, over), used in zip(names, arrays.rows, arrays.used(chosen).tolist(), strict=True):
        if under is None and lo is not None and used < lo:
            words.append(f"resource {name!r} needs at least {lo} but can only reach {used} ({lo - used} short)")
        if over is None and hi is not None and used > hi:
            words.append(f"resource {name!r} allows {hi} but at least {used} are needed ({used - hi} over)")
    actions = problem.candidates["action_id"].tolist()
    together = arrays.exclusions[np.isin(arrays.exclusions, chosen).all(axis=1)]
    words += [f"actions {actions[a]!r} and {actions[b]!r} exclude each other" for a, b in together.tolist()]
    return words
