"""Other limits of some resources: what is asked for, and the problem under them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from domain.errors import BadProblem
from optimization.arrays import NONE, Arrays
from optimization.problem import Problem
from optimization.problem_checks import check_numbers
from optimization.questions.desk import Desk


@dataclass(frozen=True)
class Limits:
    """A resource's limits as they would be, in whole units; ``None`` for none."""

    resource_id: str
    lo: int | None
    hi: int | None


def more(desk: Desk, resource_id: str, units: int) -> Limits:
    """A resource's limits with its upper one moved by some units (below 0: down).

    Raises
    ------
    BadProblem
        If it has none.
    """
    row = desk.names.row(resource_id)
    if desk.arrays.hi[row] >= NONE:
        raise BadProblem(f"resource {resource_id!r} has no upper limit that could be moved")
    lo = int(desk.arrays.lo[row])
    return Limits(resource_id, None if lo <= -NONE else lo, int(desk.arrays.hi[row]) + units)


def rows_of(desk: Desk, changes: Sequence[Limits]) -> list[int]:
    """The rows of some resources; ``BadProblem`` where one is named twice, ``NotThere`` where it is unknown."""
    rows = [desk.names.row(change.resource_id) for change in changes]
    if len(set(rows)) < len(rows):
        twice = next(one.resource_id for k, one in enumerate(changes) if rows[k] in rows[:k])
        raise BadProblem(f"resource {twice!r} is changed twice; say once what its limits would be")
    return rows


def changed_arrays(desk: Desk, rows: list[int], changes: Sequence[Limits]) -> Arrays:
    """The desk's arrays under other limits; a limit that is new is soft where the resource has a penalty for it."""
    arrays = desk.arrays
    names = ("lo", "hi", "under", "over", "hard_lo", "hard_hi")
    bounds = {name: getattr(arrays, name).copy() for name in names}
    for row, change in zip(rows, changes, strict=True):
        lo, hi = -NONE if change.lo is None else change.lo, NONE if change.hi is None else change.hi
        if lo > hi:
            raise BadProblem(f"resource {change.resource_id!r} would have lo {change.lo} above hi {change.hi}")
        if (lo > -NONE) != (arrays.lo[row] > -NONE) or (hi < NONE) != (arrays.hi[row] < NONE):
            under, over = (desk.problem.resources[f"penalty_{side}_cents"].iloc[row] for side in ("lo", "hi"))
            bounds["hard_lo"][row], bounds["hard_hi"][row] = lo > -NONE and pd.isna(under), hi < NONE and pd.isna(over)
            bounds["under"][row] = 0 if lo <= -NONE or pd.isna(under) else under
            bounds["over"][row] = 0 if hi >= NONE or pd.isna(over) else over
        bounds["lo"][row], bounds["hi"][row] = lo, hi
    return arrays._replace(**bounds)


def changed_problem(problem: Problem, changes: Sequence[Limits]) -> Problem:
    """The problem under other limits.

    Raises
    ------
    BadProblem
        If lo is above hi somewhere, or a sum could overflow.
    """
    resources = problem.resources.copy()
    place = pd.Index(resources["resource_id"]).get_indexer([change.resource_id for change in changes])
    for name, values in (("lo", [one.lo for one in changes]), ("hi", [one.hi for one in changes])):
        column = resources[name].copy()
        column.iloc[place] = pd.array(values, "Int64")
        resources[name] = column
    check_numbers(problem.candidates, resources, problem.amount, problem.places.use_resource)
    return replace(problem, resources=resources)
