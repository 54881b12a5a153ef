"""General solvers on the whole joint plan: HiGHS and CP-SAT, one thread each, until a limit of seconds.

``python -m benchmarks.plan_references FOLDER SECONDS``. The limit is for solving; building the model comes on top, and
is shown. Objectives are recounted in integers from what was chosen. Both are given the plain model and no start.
"""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    sparse_containers_pb2,
)
from ortools.math_opt.core.python import solver
from ortools.math_opt.solvers import highs_pb2
from ortools.sat.python import cp_model

from benchmarks.plan_load import NONE, Ints, Loaded, load

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reference:
    """What a general solver came to; ``objective`` is ``None`` where it found no plan, ``bound`` may be −∞. Cents."""

    name: str
    objective: int | None
    bound: float
    build_s: float
    solve_s: float

    @property
    def gap(self) -> float:
        """(objective − bound) / objective, ∞ without a plan."""
        return math.inf if self.objective is None else (self.objective - self.bound) / max(1, abs(self.objective))


def cost_of(problem: Loaded, chosen: Ints) -> int | None:
    """Cents of a choice with penalties, ``None`` where it breaks a hard row, an exclusion, or misses a case."""
    used = used_by(problem, chosen)
    lo, hi, short_cents, over_cents = (column.astype(object) for column in problem.limits.T)
    short = np.where(lo == NONE, 0, np.maximum(lo - used, 0))
    over = np.where(hi == NONE, 0, np.maximum(used - hi, 0))
    broken = ((short > 0) & (short_cents == NONE)) | ((over > 0) & (over_cents == NONE))
    if broken.any() or np.isin(problem.exclusions, chosen).all(axis=1).any():
        return None
    if not np.array_equal(problem.case[np.sort(chosen)], np.arange(problem.case[-1] + 1)):
        return None
    return int(problem.cost[chosen].sum() + (short * short_cents).sum() + (over * over_cents).sum())


def used_by(problem: Loaded, chosen: Ints) -> Ints:
    """(R,) units that a choice takes of each row."""
    taken = np.zeros(len(problem.cost), np.int64)
    taken[chosen] = 1
    used = np.zeros(len(problem.limits), np.int64)
    np.add.at(used, problem.by_action[:, 1], problem.by_action[:, 2] * taken[problem.by_action[:, 0]])
    return used


# --- HiGHS -------------------------------------------------------------------------------------------------------


def by_highs(problem: Loaded, limit_s: float) -> Reference:
    """Through MathOpt; its own ``threads`` fails for HiGHS in OR-Tools 9.15, hence options by name."""
    begun = time.perf_counter()
    model = _mathopt_model(problem)
    built = time.perf_counter()
    options = highs_pb2.HighsOptionsProto(
        int_options={"threads": 1, "random_seed": 0},
        double_options={"time_limit": limit_s, "mip_rel_gap": 0.0, "mip_abs_gap": 0.99},
    )
    result = solver.solve(
        model,
        parameters_pb2.SolverTypeProto.Value("SOLVER_TYPE_HIGHS"),
        parameters_pb2.SolverInitializerProto(),
        parameters_pb2.SolveParametersProto(highs=options),
        model_parameters_pb2.ModelSolveParametersProto(),
        None,
        callback_pb2.CallbackRegistrationProto(),
        None,
        None,
    )
    took = time.perf_counter() - built
    found = [one.primal_solution.variable_values for one in result.solutions if one.HasField("primal_solution")]
    values = np.zeros(len(problem.cost))
    for place, value in zip(found[0].ids, found[0].values, strict=True) if found else ():
        if place < len(values):
            values[place] = value
    objective = cost_of(problem, np.flatnonzero(values > 0.5)) if found else None
    bound = result.termination.objective_bounds.dual_bound
    return Reference("HiGHS", objective, bound if math.isfinite(bound) else -math.inf, built - begun, took)


def _mathopt_model(problem: Loaded) -> model_pb2.ModelProto:
    """Columns: n candidates, R units short, R units over; rows: cases, resources, exclusions."""
    n, rows = len(problem.cost), len(problem.limits)
    lo, hi, short, over = (_or(column, math.nan) for column in problem.limits.T)
    ids = np.arange(n + 2 * rows)
    upper = np.concatenate([np.ones(n), np.where(np.isnan(short), 0, math.inf), np.where(np.isnan(over), 0, math.inf)])
    cost = np.concatenate([problem.cost, np.nan_to_num(short), np.nan_to_num(over)])
    cases, pairs = problem.case[-1] + 1, len(problem.exclusions)
    lower_row = np.concatenate([np.ones(cases), np.nan_to_num(lo, nan=-math.inf), np.full(pairs, -math.inf)])
    upper_row = np.concatenate([np.ones(cases), np.nan_to_num(hi, nan=math.inf), np.ones(pairs)])
    return model_pb2.ModelProto(
        variables=model_pb2.VariablesProto(
            ids=ids, lower_bounds=np.zeros(len(ids)), upper_bounds=upper, integers=ids < n
        ),
        objective=model_pb2.ObjectiveProto(
            linear_coefficients=sparse_containers_pb2.SparseDoubleVectorProto(ids=ids, values=cost)
        ),
        linear_constraints=model_pb2.LinearConstraintsProto(
            ids=np.arange(len(lower_row)), lower_bounds=lower_row, upper_bounds=upper_row
        ),
        linear_constraint_matrix=_matrix(problem, n, rows, int(cases)),
    )


def _matrix(problem: Loaded, n: int, rows: int, cases: int) -> sparse_containers_pb2.SparseDoubleMatrixProto:
    action, resource, amount = problem.by_resource.T
    place, pair = np.arange(rows), np.repeat(np.arange(len(problem.exclusions)), 2)
    row = np.concatenate([problem.case, cases + resource, cases + place, cases + place, cases + rows + pair])
    column = np.concatenate([np.arange(n), action, n + place, n + rows + place, problem.exclusions.ravel()])
    value = np.concatenate([np.ones(n), amount, np.ones(rows), -np.ones(rows), np.ones(len(pair))])
    order = np.lexsort((column, row))
    order = order[value[order] != 0]
    return sparse_containers_pb2.SparseDoubleMatrixProto(
        row_ids=row[order], column_ids=column[order], coefficients=value[order]
    )


def _or(column: Ints, instead: float) -> Floats:
    return np.where(column == NONE, instead, column)


# --- CP-SAT ------------------------------------------------------------------------------------------------------


def by_cpsat(problem: Loaded, limit_s: float) -> Reference:
    """One worker; the limit is of the clock."""
    begun = time.perf_counter()
    model, chosen = _cp_model(problem)
    built = time.perf_counter()
    search = cp_model.CpSolver()
    search.parameters.num_workers = 1
    search.parameters.max_time_in_seconds = limit_s
    status = search.solve(model)
    took = time.perf_counter() - built
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    taken = np.flatnonzero([search.boolean_value(one) for one in chosen]) if found else None
    bound = search.best_objective_bound if status != cp_model.UNKNOWN or search.best_objective_bound else -math.inf
    return Reference("CP-SAT", None if taken is None else cost_of(problem, taken), bound, built - begun, took)


def _cp_model(problem: Loaded) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in problem.cost]
    for group in np.split(np.arange(len(chosen)), np.flatnonzero(np.diff(problem.case)) + 1):
        model.add_exactly_one(chosen[k] for k in group)
    for one, other in problem.exclusions.tolist():
        model.add_at_most_one(chosen[one], chosen[other])
    terms, prices = list(chosen), problem.cost.tolist()
    starts = np.searchsorted(problem.by_resource[:, 1], np.arange(len(problem.limits) + 1))
    for row, limits in enumerate(problem.limits.tolist()):
        actions, _, amounts = problem.by_resource[starts[row] : starts[row + 1]].T.tolist()
        used = cp_model.LinearExpr.weighted_sum([chosen[action] for action in actions], amounts)
        slacks = _bounded(model, used, limits, sum(amounts))
        terms += [slack for slack, _ in slacks]
        prices += [price for _, price in slacks]
    model.minimize(cp_model.LinearExpr.weighted_sum(terms, prices))
    return model, chosen


def _bounded(
    model: cp_model.CpModel, used: cp_model.LinearExprT, limits: list[int], total: int
) -> list[tuple[cp_model.IntVar, int]]:
    """Add a row's bounds; returns the units beyond its soft ones with their price."""
    lo, hi, short_cents, over_cents = limits
    slacks = []
    if lo != NONE:
        short = model.new_int_var(0, 0 if short_cents == NONE else max(0, lo), "")
        model.add(used + short >= lo)
        slacks.append((short, max(0, short_cents)))
    if hi != NONE:
        over = model.new_int_var(0, 0 if over_cents == NONE else max(0, total - hi), "")
        model.add(used - over <= hi)
        slacks.append((over, max(0, over_cents)))
    return slacks


REFERENCES: tuple[Callable[[Loaded, float], Reference], ...] = (by_highs, by_cpsat)


def main(folder: str, limit_s: str) -> None:
    """Print what each came to."""
    problem = load(Path(folder))
    for reference in REFERENCES:
        found = reference(problem, float(limit_s))
        print(
            f"{found.name}: objective {found.objective}, bound {found.bound:.0f}, gap {found.gap:.3%}, "
            f"model {found.build_s:.1f} s, solved {found.solve_s:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
