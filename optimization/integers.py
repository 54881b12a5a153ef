"""A problem in integers, where HiGHS in doubles may be wrong by a unit: all combinations if it is tiny, else CP-SAT.

Costs and amounts stay whole numbers throughout, and so does the bound. What CP-SAT is given stays within 64 bits:
larger costs are rounded down to a multiple of a power of 2, which makes the bound lower and never higher. CP-SAT's own
presolve is off: in OR-Tools 9.15 it adds up amounts in 32 bits, and calls plans the best that are not where those
overflow (https://github.com/google/or-tools/issues/5293).
"""

import math
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from optimization.arrays import NONE, Arrays, Ints
from optimization.choice import Choice
from optimization.cpsat import Budget, solver_with
from optimization.enumeration import is_tiny, try_all
from optimization.problem_checks import exact_sum, exact_sums

MOST_CANDIDATES = 20_000
"""Larger problems are left alone: CP-SAT finds nothing there in the time that is given."""
FEWEST_STEPS = 100
"""Steps that it may spend in any case."""
STEPS = 1_000
"""Steps in a unit of deterministic time, about a second."""
LARGEST = 2**60
"""What a row, and the objective in the solver's own units, may come to: CP-SAT counts in 64 bits."""


def solve_in_integers(arrays: Arrays, max_steps: int, scale: int = 1, known: Ints | None = None) -> Choice:
    """Solve a problem with exact arithmetic.

    Parameters
    ----------
    scale
        Costs are in 1/scale cents, penalties in cents.
    known
        (C,) a choice to start from.
    """
    if is_tiny(arrays):
        best, cost, steps = try_all(arrays, scale)
        return Choice(best, None if best is None else cost, steps, impossible=best is None)
    if len(arrays.cost) > MOST_CANDIDATES or not _rows_fit(arrays):
        return Choice(None, None, 0)
    return _by_cpsat(arrays, max_steps, scale, known)


def _rows_fit(arrays: Arrays) -> bool:
    """Whether no row comes to more than CP-SAT is trusted with."""
    total = max(exact_sums(arrays.use_row, arrays.use_amount, arrays.rows), default=0)
    lo, hi = arrays.lo[arrays.lo > -NONE], arrays.hi[arrays.hi < NONE]
    return max(total, int(abs(lo).max(initial=0)), int(abs(hi).max(initial=0))) <= LARGEST


def _by_cpsat(arrays: Arrays, max_steps: int, scale: int, known: Ints | None) -> Choice:
    model, taken, unit = _model(arrays, scale)
    for candidate in () if known is None else known.tolist():
        model.add_hint(taken[candidate], True)
    solver = solver_with(Budget(deterministic_time=max(max_steps, FEWEST_STEPS) / STEPS))
    solver.parameters.cp_model_presolve = False
    status, said = solver.solve(model), solver.response_proto
    steps = math.ceil(said.deterministic_time * STEPS)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
        return Choice(None, None, steps, impossible=status == cp_model.INFEASIBLE)
    chosen = None if status == cp_model.UNKNOWN else _chosen(solver, taken, arrays)
    return Choice(chosen, int(said.inner_objective_lower_bound) * unit, steps)


def _chosen(solver: cp_model.CpSolver, taken: list[Any], arrays: Arrays) -> Ints:
    values = np.array([solver.value(one) for one in taken], np.int64)
    chosen = np.flatnonzero(values)
    assert len(chosen) == arrays.cases
    return chosen


def _model(arrays: Arrays, scale: int) -> tuple[cp_model.CpModel, list[Any], int]:
    """The model, its candidates, and how many 1/scale cents a unit of its objective is."""
    model = cp_model.CpModel()
    taken: list[Any] = [model.new_bool_var("") for _ in range(len(arrays.cost))]
    for first, end in zip(arrays.starts[:-1].tolist(), arrays.starts[1:].tolist(), strict=True):
        model.add_exactly_one(taken[first:end])
    excess = [term for row in range(arrays.rows) for term in _row(model, arrays, row, taken)]
    costs = arrays.cost.tolist() + [cents * scale for _, cents, _ in excess]
    most = sum(abs(cost) for cost in arrays.cost.tolist()) + sum(cents * scale * most for _, cents, most in excess)
    unit = math.gcd(*costs) or 1
    while most // unit > LARGEST:
        unit *= 2
    columns = taken + [variable for variable, _, _ in excess]
    model.minimize(cp_model.LinearExpr.weighted_sum(columns, [cost // unit for cost in costs]))
    return model, taken, unit


def _row(model: cp_model.CpModel, arrays: Arrays, row: int, taken: list[Any]) -> list[tuple[Any, int, int]]:
    """Add a row; its excess variables, each with the cents of a unit and the most that it can be."""
    use = slice(arrays.row_start[row], arrays.row_start[row + 1])
    users = [taken[candidate] for candidate in arrays.row_action[use].tolist()]
    amounts, total = arrays.row_amount[use].tolist(), exact_sum(arrays.row_amount[use])
    lo, hi, excess = int(arrays.lo[row]), int(arrays.hi[row]), []
    if lo > 0:
        short, columns = _excess(model, arrays.hard_lo[row], lo, int(arrays.under[row]))
        model.add(cp_model.LinearExpr.weighted_sum(users + columns, amounts + [1] * len(columns)) >= lo)
        excess += short
    if hi < min(NONE, total):
        over, columns = _excess(model, arrays.hard_hi[row], total - hi, int(arrays.over[row]))
        model.add(cp_model.LinearExpr.weighted_sum(users + columns, amounts + [-1] * len(columns)) <= hi)
        excess += over
    return excess


def _excess(model: cp_model.CpModel, hard: bool, most: int, cents: int) -> tuple[list[tuple[Any, int, int]], list[Any]]:
    """The variable of a soft bound's excess, none of a hard one's; and the columns that it adds to the row."""
    if hard:
        return [], []
    variable = model.new_int_var(0, most, "")
    return [(variable, cents, most)], [variable]
