"""HiGHS through MathOpt: one thread, effort in nodes, so that every run gives the same.

In OR-Tools 9.15 MathOpt's own ``threads`` and ``node_limit`` fail for HiGHS with an opaque
AttributeError; the solver's options are passed by name instead. A limit that was hit comes back
as UNDETERMINED, so the answer is read from what is there, not from the kind of limit.
"""

import time
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
)
from ortools.math_opt.core.python import solver
from ortools.math_opt.solvers import highs_pb2
from pybind11_abseil.status import StatusNotOk

from optimization.arrays import Floats
from optimization.quiet import native_output_to_stderr

ABSOLUTE_GAP = 0.99
"""The objective is a whole number of cents: a bound within less than 1 of it proves it optimal."""
TOLERANCE = 1e-4
"""Cents, and RELATIVE_TOLERANCE of it, that a bound computed in doubles may be too high by."""
RELATIVE_TOLERANCE = 1e-9
"""See TOLERANCE."""
ENTRIES = 12_000
"""Entries of a model's matrix that nodes and simplex iterations look through in one step."""
MOST_NODES = 2**31 - 1
"""HiGHS counts nodes in 32 bits."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS found.

    Attributes
    ----------
    values
        Value of every column, or ``None`` where no solution was found.
    bound
        Best proven lower bound, −∞ where there is none.
    steps
        Effort, see :mod:`optimization.effort`.
    infeasible
        Whether HiGHS says that no solution exists.
    finished
        Whether it says that nothing is left to search, within the gap.
    stopped
        Whether the clock ended it; then nothing that it found is told.
    """

    values: Floats | None
    bound: float
    steps: int
    infeasible: bool
    finished: bool = False
    stopped: bool = False

    @property
    def certain(self) -> float:
        """The bound taken back by what one computed in doubles may be too high by."""
        return self.bound - TOLERANCE - RELATIVE_TOLERANCE * abs(self.bound)


def run_highs(
    model: model_pb2.ModelProto,
    max_nodes: int = 10_000,
    absolute_gap: float = ABSOLUTE_GAP,
    seconds: float | None = None,
) -> Answer:
    """Solve a model until the absolute gap is proven or the nodes are spent; where HiGHS fails, it found nothing.

    Parameters
    ----------
    seconds
        After which it is given up as if it had not begun: what it found by then is not the same on every run.
    """
    began = time.monotonic()
    try:
        result = _solved(model, _parameters(absolute_gap, min(max_nodes, MOST_NODES), seconds))
    except StatusNotOk:  # numbers beyond what HiGHS accepts
        return Answer(None, -np.inf, 1, infeasible=False)
    if seconds is not None and time.monotonic() - began >= seconds:
        return Answer(None, -np.inf, 1, infeasible=False, stopped=True)
    termination, stats = result.termination, result.solve_stats
    bound, reason = termination.objective_bounds.dual_bound, result_pb2.TerminationReasonProto.Value
    return Answer(
        values=_values(result, len(model.variables.ids)),
        bound=bound if np.isfinite(bound) else -np.inf,
        steps=_steps(stats.node_count + stats.simplex_iterations, model),
        infeasible=termination.reason == reason("TERMINATION_REASON_INFEASIBLE"),
        finished=termination.reason == reason("TERMINATION_REASON_OPTIMAL"),
    )


def _solved(
    model: model_pb2.ModelProto, parameters: parameters_pb2.SolveParametersProto
) -> result_pb2.SolveResultProto:
    with native_output_to_stderr():
        return solver.solve(
            model,
            parameters_pb2.SolverTypeProto.Value("SOLVER_TYPE_HIGHS"),
            parameters_pb2.SolverInitializerProto(),
            parameters,
            model_parameters_pb2.ModelSolveParametersProto(),
            None,
            callback_pb2.CallbackRegistrationProto(),
            None,
            None,
        )


def _steps(turns: int, model: model_pb2.ModelProto) -> int:
    """Effort of nodes and simplex iterations, each of which looks through the model: about a millisecond a step."""
    return -(-turns * len(model.linear_constraint_matrix.row_ids) // ENTRIES)


def _parameters(gap: float, max_nodes: int, seconds: float | None) -> parameters_pb2.SolveParametersProto:
    guard = {} if seconds is None else {"time_limit": max(seconds, 0.0)}
    options = highs_pb2.HighsOptionsProto(
        int_options={"threads": 1, "mip_max_nodes": max_nodes, "random_seed": 0},
        double_options={"mip_rel_gap": 0.0, "mip_abs_gap": gap, **guard},
    )
    return parameters_pb2.SolveParametersProto(highs=options)


def _values(result: result_pb2.SolveResultProto, columns: int) -> Floats | None:
    """The first (best) solution's values; columns that are left out are zero."""
    for solution in result.solutions:
        if solution.HasField("primal_solution"):
            values = np.zeros(columns)
            found = solution.primal_solution.variable_values
            values[np.asarray(found.ids, np.int64)] = found.values
            return values
    return None


def solver_name() -> str:
    """Who solved, as a certificate names it: the search is ours, parts of it HiGHS solves exactly."""
    return f"Lanewise (shadow prices, local search) with HiGHS through OR-Tools MathOpt {version('ortools')}"
