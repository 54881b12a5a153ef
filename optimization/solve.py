"""The optimiser: a problem in, a plan with its certificate out."""

import time
from collections.abc import Callable

import numpy as np

from domain.errors import BadProblem, PlanRejected
from optimization.arrays import Ints, to_arrays
from optimization.best_choice import best_choice
from optimization.effort import Effort, Watch, nobody_watches
from optimization.highs import ABSOLUTE_GAP
from optimization.infeasible import least_broken, out_of_reach
from optimization.joint.plan_search import Found, find_prices, first_plan, near_best
from optimization.joint.presolve import Presolved, presolve
from optimization.joint.state import FREE
from optimization.problem import Problem
from optimization.recall import named_prices, recall
from optimization.solution import Solution
from optimization.verify import verify

EFFORT = 50_000
"""Steps that may be spent by default: about a minute."""


def solve(
    problem: Problem,
    gap: float = 0.0,
    effort: int = EFFORT,
    seconds: float | None = None,
    earlier: Solution | None = None,
    watch: Watch = nobody_watches,
    clock: Callable[[], float] = time.monotonic,
    verified: bool = True,
) -> Solution:
    """Choose one candidate per case at least cost.

    Parameters
    ----------
    gap
        Certified relative gap at which to stop.
    effort
        Steps that may be spent; a first plan is made in any case.
    seconds
        Guard of the clock: looked at between steps, and what it meets of HiGHS is undone; named in the certificate.
    earlier
        Solution of a similar problem to start from: its prices, and its choice where it still is one.
    watch
        Told of steps, objective and bound in cents at each gain.
    clock
        What the guard reads.
    verified
        Whether the verifier looks at the plan first; False where whoever asks does that.

    Raises
    ------
    BadProblem
        If the hard rows cannot be met (which, and by how much), or no choice was found within the effort.
    PlanRejected
        If a bound lies above the cost of a feasible choice, or the verifier disagrees.
    """
    solution = _search(problem, gap, Effort(effort, seconds, clock), earlier, watch)
    if verified:
        verify(problem, solution)
    return solution


def _search(problem: Problem, gap: float, effort: Effort, earlier: Solution | None, watch: Watch) -> Solution:
    if gap < 0 or effort.limit < 0:
        raise BadProblem(f"gap and effort must be 0 or more, but are {gap!r} and {effort.limit!r}")
    reduced = presolve(to_arrays(problem))
    found = near_best(reduced.arrays, _first(problem, reduced, effort, earlier), gap, effort, watch=watch)
    return _solution(problem, reduced, found, gap, effort)


def _first(problem: Problem, reduced: Presolved, effort: Effort, earlier: Solution | None) -> Found:
    """A plan that meets every row, with the prices' bound; by a general solver where the quick way finds none."""
    arrays = reduced.arrays
    known, choice = (None, None) if earlier is None else recall(problem, earlier)
    from_earlier = None if known is None or not known.any() else known[reduced.row]
    prices = find_prices(arrays, effort, from_earlier)
    chosen = first_plan(arrays, prices, effort, None if choice is None else _kept(reduced, choice))
    if chosen is None:
        chosen = _chosen_exactly(problem, reduced, effort)
    return Found(chosen, arrays.objective(chosen), prices.bound, prices)


def _kept(reduced: Presolved, choice: Ints) -> Ints:
    """(C,) an earlier choice as candidates of the smaller problem; FREE where it was left out."""
    place = np.minimum(np.searchsorted(reduced.candidate, choice), len(reduced.candidate) - 1)
    return np.where((choice != FREE) & (reduced.candidate[place] == choice), place, FREE)


def _chosen_exactly(problem: Problem, reduced: Presolved, effort: Effort) -> Ints:
    steps = max(1, effort.left)
    best = best_choice(reduced.arrays, steps, ABSOLUTE_GAP)
    effort.solver(best.steps)
    if best.chosen is not None:
        return best.chosen
    if best.impossible or out_of_reach(reduced.arrays):
        raise BadProblem(least_broken(problem, steps))
    raise BadProblem(
        f"within {effort.limit} steps no choice was found that meets the hard rows, nor that there is none; "
        "allow more effort"
    )


def _solution(problem: Problem, reduced: Presolved, found: Found, gap: float, effort: Effort) -> Solution:
    """Name what was found; rows that presolve left out cannot be broken, so the cost is the same."""
    chosen, objective = reduced.candidate[found.chosen], found.objective
    if found.bound > objective:
        raise PlanRejected(f"the bound of {found.bound} cents lies above the {objective} cents of a feasible choice")
    rows = len(problem.resources) + len(problem.exclusions)
    prices, exclusion_prices = named_prices(problem, reduced.row_values(found.priced.cents, rows))
    return Solution(
        choice=dict(zip(problem.case_ids, problem.candidates["action_id"].take(chosen).tolist(), strict=True)),
        objective=objective,
        bound=found.bound,
        steps=effort.spent,
        wanted_gap=gap,
        problem_fingerprint=problem.fingerprint,
        prices=prices,
        exclusion_prices=exclusion_prices,
        priced_bound=found.priced.bound,
        stopped_by=_why(found, gap, effort),
    )


def _why(found: Found, gap: float, effort: Effort) -> str:
    if found.objective == found.bound:
        return "best"
    if found.gap <= gap:
        return "gap"
    if effort.timed_out:
        return "clock"
    return "effort" if effort.over else "search"
