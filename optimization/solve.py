"""The exact solver: the whole problem to HiGHS, its answer checked and its bound certified in integers."""

import math

import numpy as np

from domain.errors import BadProblem, PlanRejected
from optimization.arrays import Arrays, Ints, to_arrays
from optimization.greedy import greedy_choice
from optimization.highs import Answer, run_highs
from optimization.infeasible import chosen_of, least_broken
from optimization.mip import exact_model
from optimization.problem import Problem
from optimization.solution import Solution

BOUND_TOLERANCE = 1e-4
"""Cents, and RELATIVE_TOLERANCE of the bound: what a bound computed in doubles may be too high by."""
RELATIVE_TOLERANCE = 1e-9


def solve(problem: Problem, gap: float = 0.0, max_nodes: int = 10_000) -> Solution:
    """Choose one candidate per case at least cost.

    Parameters
    ----------
    gap
        Certified relative gap at which to stop.
    max_nodes
        Branch-and-bound nodes that may be spent; where they end without a solution, the greedy
        plan is returned with the bound of the LP relaxation and its honest gap.

    Raises
    ------
    BadProblem
        If the hard rows cannot be met (which, and by how much), or no feasible choice was found
        within the effort.
    PlanRejected
        If the solver's bound lies above the cost of a feasible choice by more than its tolerance.
    """
    if gap < 0 or max_nodes < 0:
        raise BadProblem(f"gap and effort must be 0 or more, but are {gap!r} and {max_nodes!r}")
    arrays = to_arrays(problem)
    answer = run_highs(exact_model(arrays), gap, max_nodes)
    bound, steps = answer.bound, answer.steps
    if not np.isfinite(bound) and not answer.infeasible:
        relaxed = run_highs(exact_model(arrays, integer=False))
        bound, steps = relaxed.bound, steps + relaxed.steps
    chosen = _best_feasible(problem, arrays, answer, max_nodes)
    objective = arrays.objective(chosen)
    return Solution(
        choice=_named(problem, chosen),
        objective=objective,
        bound=max(_cheapest(arrays), _certified(bound, objective)),
        steps=steps,
        wanted_gap=gap,
        problem_fingerprint=problem.fingerprint,
    )


def _best_feasible(problem: Problem, arrays: Arrays, answer: Answer, max_nodes: int) -> Ints:
    """The cheaper of the solver's choice and the greedy one, rounded and checked in integers."""
    found = [] if answer.values is None else [chosen_of(arrays, answer.values)]
    greedy = greedy_choice(arrays)
    found += [] if greedy is None else [greedy]
    feasible = [chosen for chosen in found if arrays.feasible(chosen)]
    if feasible:
        return min(feasible, key=arrays.objective)
    if not answer.infeasible:
        raise BadProblem(f"no choice that meets the hard rows was found within {max_nodes} nodes; allow more effort")
    least, message = least_broken(problem, max(1, max_nodes))
    if least is not None and arrays.feasible(least):
        return least
    raise BadProblem(message)


def _certified(bound: float, objective: int) -> int:
    """The bound as whole cents: no choice costs a fraction of a cent, so it may be rounded up.

    A bound above a feasible choice's cost proves nothing but that the solver erred.
    """
    if not np.isfinite(bound):
        return -(2**62)
    certified = math.ceil(bound - BOUND_TOLERANCE - RELATIVE_TOLERANCE * abs(bound))
    if certified > objective:
        raise PlanRejected(f"the solver's bound of {bound} cents lies above the {objective} cents of a feasible choice")
    return certified


def _cheapest(arrays: Arrays) -> int:
    """Σ of each case's cheapest candidate: a bound that holds without any solver."""
    if not len(arrays.cost):
        return 0
    return sum(np.minimum.reduceat(arrays.cost, arrays.starts).tolist())


def _named(problem: Problem, chosen: Ints) -> dict[str, str]:
    rows = problem.candidates.iloc[chosen]
    return dict(zip(rows["case_id"].tolist(), rows["action_id"].tolist(), strict=True))
