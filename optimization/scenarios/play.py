"""Play scenarios against one base: change, bound at once, solve again from the base, verify, compare."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from domain.errors import BadProblem, BadScenario
from optimization.arrays import to_arrays
from optimization.joint.bound import priced
from optimization.joint.presolve import presolve
from optimization.problem import Problem
from optimization.recall import recall
from optimization.scenarios.base import Base
from optimization.scenarios.measure import measure
from optimization.scenarios.outcome import Comparison, Impossible, Played
from optimization.scenarios.scenario import Changed, Scenario
from optimization.scenarios.swaps import Swaps
from optimization.solution import Solution
from optimization.solve import EFFORT, solve
from optimization.verify import verify

AS_PLANNED, SOLVED_AGAIN = "as planned", "solved again"
"""What the base is called beside its scenarios, and what comes of solving it again without a change."""


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
        Told the name of the scenario that begins, with the bound that is proven at once.

    Raises
    ------
    BadScenario
        If two have one name, or a change is not possible.
    """
    _refuse_same_name(scenarios)
    # All changes are tried before anything is solved: a slip of the pen in the last file costs no time.
    changed = [scenario.applied(base.situation) for scenario in scenarios]
    played = [
        _played(base, scenario, after, gap, effort, progress)
        for scenario, after in zip(scenarios, changed, strict=True)
    ]
    return Comparison(
        _as_planned(base),
        tuple(one for one in played if isinstance(one, Played)),
        _solved_again(base, gap, effort) if scenarios else None,
        tuple(one for one in played if isinstance(one, Impossible)),
    )


def _refuse_same_name(scenarios: Sequence[Scenario]) -> None:
    names = [AS_PLANNED, SOLVED_AGAIN, *(scenario.name for scenario in scenarios)]
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice in (AS_PLANNED, SOLVED_AGAIN):
        raise BadScenario(f"no scenario may be named {twice!r}, which stands for the base")
    if twice is not None:
        raise BadScenario(f"two scenarios are named {twice!r}; side by side each needs its own name")


def _as_planned(base: Base) -> Played:
    unchanged = Changed(base.situation)
    return measure(Scenario(AS_PLANNED), unchanged, base.problem, base.solution, base.solution.priced_bound, base)


def _solved_again(base: Base, gap: float, effort: int) -> Played | None:
    """Where the base is not proven best, what effort alone makes of it: no scenario is to be credited with that."""
    if base.solution.objective == base.solution.bound:
        return None
    solution = _certified(base.problem, _from_base(base.problem, base, gap, effort), base.solution.bound)
    return measure(
        Scenario(SOLVED_AGAIN), Changed(base.situation), base.problem, solution, base.solution.priced_bound, base
    )


def _played(
    base: Base, scenario: Scenario, changed: Changed, gap: float, effort: int, progress: Callable[[str], None]
) -> Played | Impossible:
    try:
        problem = changed.situation.build()
        at_once = bound_at_once(problem, base.solution)
        progress(f"{scenario.name}, which costs at least {at_once:,} cents")
        solution = _certified(problem, solve_again(problem, base, gap, effort), at_once)
    except BadProblem as error:
        return Impossible(scenario.name, scenario.note, changed.told, str(error))
    return measure(scenario, changed, problem, solution, at_once, base)


def _certified(problem: Problem, solution: Solution, bound: int) -> Solution:
    """The solution with the higher of two bounds, verified."""
    certified = replace(solution, bound=max(solution.bound, bound))
    verify(problem, certified)
    return certified


def bound_at_once(problem: Problem, solution: Solution) -> int:
    """Cents below which no choice of a changed problem costs, by the prices of the unchanged one.

    L(p) bounds every problem from below, whatever its prices p were found for. Where capacities alone
    changed it is L(p, b + Δb) = L(p, b) − Σ p·Δb. It is taken after presolve of the changed problem: what
    was impossible before may be possible now.
    """
    prices, _ = recall(problem, solution)
    reduced = presolve(to_arrays(problem))
    return priced(reduced.arrays, prices[reduced.row]).bound


def solve_again(problem: Problem, base: Base, gap: float, effort: int) -> Solution:
    """Solve a changed problem from the base's solution; what does not have to change stays."""
    if problem.fingerprint == base.problem.fingerprint:
        return base.solution
    return _from_base(problem, base, gap, effort)


def _from_base(problem: Problem, base: Base, gap: float, effort: int) -> Solution:
    return staying(problem, solve(problem, gap, effort, earlier=base.solution, verified=False), base.solution)


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
