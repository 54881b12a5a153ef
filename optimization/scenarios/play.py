"""Play scenarios against one base: change, bound at once, solve again from the base, verify, compare."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from domain.errors import BadProblem, BadScenario
from optimization.arrays import to_arrays
from optimization.joint.bound import priced
from optimization.problem import Problem
from optimization.recall import recall
from optimization.scenarios.base import Base
from optimization.scenarios.measure import measure
from optimization.scenarios.outcome import Comparison, Played
from optimization.scenarios.scenario import Changed, Scenario
from optimization.scenarios.swaps import Swaps
from optimization.solution import Solution
from optimization.solve import EFFORT, solve
from optimization.verify import verify

AS_PLANNED = "as planned"
"""What the base is called beside its scenarios."""


def play(
    base: Base,
    scenarios: Sequence[Scenario],
    gap: float = 0.0,
    effort: int = EFFORT,
    progress: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Solve each scenario and hold it against the base.

    Parameters
    ----------
    gap, effort
        Of each scenario, see :func:`optimization.solve.solve`.
    progress
        Told the name of the scenario that begins.

    Raises
    ------
    BadScenario
        If two have one name, a change is not possible, or what it leaves cannot be met.
    """
    _refuse_same_name(scenarios)
    # All changes are tried before anything is solved: a slip of the pen in the last file costs no time.
    changed = [scenario.applied(base.situation) for scenario in scenarios]
    played = []
    for scenario, after in zip(scenarios, changed, strict=True):
        progress(scenario.name)
        played.append(_played(base, scenario, after, gap, effort))
    as_planned = measure(Scenario(AS_PLANNED), Changed(base.situation), base.solution, base.solution.priced_bound, base)
    return Comparison(as_planned, tuple(played))


def _refuse_same_name(scenarios: Sequence[Scenario]) -> None:
    names = [scenario.name for scenario in scenarios]
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise BadScenario(f"two scenarios are named {twice!r}; side by side each needs its own name")
    if AS_PLANNED in names:
        raise BadScenario(f"no scenario may be named {AS_PLANNED!r}, which is the base's name")


def _played(base: Base, scenario: Scenario, changed: Changed, gap: float, effort: int) -> Played:
    try:
        problem = changed.situation.problem
        at_once = bound_at_once(problem, base.solution)
        solution = solve_again(problem, base, gap, effort)
    except BadProblem as error:
        raise BadScenario(f"scenario {scenario.name!r} cannot be met: {error}") from None
    certified = replace(solution, bound=max(solution.bound, at_once))
    verify(problem, certified)
    return measure(scenario, changed, certified, at_once, base)


def bound_at_once(problem: Problem, solution: Solution) -> int:
    """Cents below which no choice of a changed problem costs, by the prices of the unchanged one.

    L(p) bounds every problem from below, whatever its prices p were found for. Where capacities alone
    changed it is L(p, b + Δb) = L(p, b) − Σ p·Δb.
    """
    prices, _ = recall(problem, solution)
    return priced(to_arrays(problem), prices).bound


def solve_again(problem: Problem, base: Base, gap: float, effort: int) -> Solution:
    """Solve a changed problem from the base's solution; what does not have to change stays."""
    if problem.fingerprint == base.situation.problem.fingerprint:
        return base.solution
    return staying(problem, solve(problem, gap, effort, earlier=base.solution), base.solution)


def staying(problem: Problem, solution: Solution, earlier: Solution) -> Solution:
    """Give every case its earlier action back, one after the other, where that costs nothing more.

    Near the optimum many choices cost the same; a case that changes for nothing would hide those that have to.
    """
    arrays = to_arrays(problem)
    (_, chosen), (_, before) = recall(problem, solution), recall(problem, earlier)
    if (before >= 0).all() and arrays.feasible(before) and arrays.objective(before) <= solution.objective:
        chosen = before
    swaps = Swaps(arrays, chosen)
    for case in np.flatnonzero((before >= 0) & (before != chosen)).tolist():
        more = swaps.cost(case, int(before[case]))
        if more is not None and more <= 0:
            swaps.make(case, int(before[case]))
    actions = problem.candidates["action_id"].take(swaps.chosen).tolist()
    choice = dict(zip(problem.case_ids, actions, strict=True))
    return replace(solution, choice=choice, objective=arrays.objective(swaps.chosen))
