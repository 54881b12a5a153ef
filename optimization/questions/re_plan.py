"""The plan made anew under other limits, from the desk's prices and choice.

First the plan is mended at the prices as they are; where the bound that is known at once does not
certify the gap, the whole search follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from domain.money import Money
from optimization.arrays import Arrays, Ints
from optimization.effort import Effort
from optimization.joint.neighbourhood import Search
from optimization.joint.plan_search import first_plan
from optimization.problem import Problem
from optimization.questions.answer import Answer, counted
from optimization.questions.desk import Desk
from optimization.questions.limits import Limits, changed_arrays, changed_problem, rows_of
from optimization.questions.moved import Moved, moved
from optimization.questions.nearby import NODES, nearest
from optimization.questions.what_if import WhatIf, what_if
from optimization.recall import recall
from optimization.solution import Solution
from optimization.solve import EFFORT, solve
from optimization.verify import verify

MOST_FREE = 3_000
"""Cases that choose anew at once when the plan is mended."""
COMPETING = 0.8
"""Candidates compete up to the regret that so many of the plan's regretting cases stay within."""
LEFT = 100.0
"""Cents that a neighbourhood may stay above its best."""


@dataclass(frozen=True)
class Replanned(Answer):
    """The plan made anew under other limits.

    Attributes
    ----------
    at_once
        What was known before.
    cost_cents, bound_cents
        What the new plan costs, and what none costs less than.
    difference_cents
        Cost of the new plan − cost of the desk's.
    penalty_cents
        Its part that soft limits make up; the rest is the differences of ``changed``.
    changed
        Cases that get another action, those that pay most more first.
    """

    at_once: WhatIf
    cost_cents: int
    bound_cents: int
    difference_cents: int
    penalty_cents: int
    changed: tuple[Moved, ...]

    def sentence(self, money: Money) -> str:
        """Cost, difference, and how many cases change."""
        more = f"{money.more(self.difference_cents)} than now"
        first = f", first of all {self.changed[0].case_id} to {self.changed[0].after}" if self.changed else ""
        return (
            f"with {counted(len(self.at_once.changes), 'limit')} changed the plan costs {money(self.cost_cents)}, "
            f"{more} and at most {money(self.cost_cents - self.bound_cents)} above the best; "
            f"{counted(len(self.changed), 'case')} would get another action{first}"
        )


def re_plan(
    desk: Desk, changes: Sequence[Limits], gap: float = 0.0, effort: int = EFFORT, verified: bool = True
) -> tuple[Replanned, Solution]:
    """Make the plan anew under other limits, from the desk's prices and choice.

    Parameters
    ----------
    verified
        As for :func:`optimization.solve.solve`.

    Returns
    -------
    tuple
        What changes, and the solution, of the problem
        :func:`~optimization.questions.limits.changed_problem`.

    Raises
    ------
    BadProblem
        If the hard limits can then not be met; the message says which.
    """
    at_once = what_if(desk, changes)
    problem = changed_problem(desk.problem, changes)
    arrays = changed_arrays(desk, rows_of(desk, changes), changes)
    spent = Effort(effort)
    solution, chosen = _mended(desk, arrays, problem, at_once, gap, spent) or _searched(desk, problem, gap, spent)
    if verified:
        verify(problem, solution)
    cases = moved(desk, desk.chosen, chosen)
    difference = solution.objective - desk.solution.objective
    told = Replanned(
        at_once=at_once,
        cost_cents=solution.objective,
        bound_cents=max(solution.bound, at_once.bound_cents),
        difference_cents=difference,
        penalty_cents=difference - sum(one.difference_cents for one in cases),
        changed=cases,
    )
    return told, solution


def _mended(
    desk: Desk, arrays: Arrays, problem: Problem, at_once: WhatIf, gap: float, spent: Effort
) -> tuple[Solution, Ints] | None:
    """The desk's plan, bettered and repaired under other limits; ``None`` where the gap is not certified."""
    chosen = first_plan(arrays, desk.priced, spent, desk.chosen)
    if chosen is None:
        return None
    made = _solution(desk, arrays, problem, at_once, gap, chosen, spent)
    if not made.gap_reached:
        rows = rows_of(desk, at_once.changes)
        chosen = _bettered(desk, arrays, chosen, [np.flatnonzero(chosen != desk.chosen), _around(desk, rows)], spent)
        made = _solution(desk, arrays, problem, at_once, gap, chosen, spent)
    return (made, chosen) if made.gap_reached else None


def _around(desk: Desk, rows: list[int]) -> Ints:
    """A few cases on each side of each row."""
    return nearest(desk, rows, max(1, MOST_FREE // (2 * max(1, len(rows)))))


def _bettered(desk: Desk, arrays: Arrays, chosen: Ints, neighbourhoods: list[Ints], effort: Effort) -> Ints:
    """The plan after some cases chose anew, one neighbourhood after the other, exactly."""
    regret = desk.priced.regret(arrays.case)
    search = Search(arrays, regret, chosen.copy(), arrays.used(chosen))
    taken = regret[chosen]
    tolerance = float(np.quantile(taken[taken > 0], COMPETING)) if (taken > 0).any() else 0.0
    for cases in neighbourhoods:
        if 0 < len(cases) <= MOST_FREE and not effort.over:
            effort.solver(search.free(cases, tolerance, min(NODES, effort.left), LEFT)[1])
    return search.chosen


def _solution(
    desk: Desk, arrays: Arrays, problem: Problem, at_once: WhatIf, gap: float, chosen: Ints, effort: Effort
) -> Solution:
    """A plan under other limits with the bound that was known at once."""
    names = desk.names.actions.take(chosen).to_pylist()
    objective = arrays.objective(chosen)
    return replace(
        desk.solution,
        choice=dict(zip(problem.case_ids, names, strict=True)),
        objective=objective,
        bound=at_once.bound_cents,
        steps=effort.spent,
        wanted_gap=gap,
        problem_fingerprint=problem.fingerprint,
        priced_bound=ceil(desk.priced.value + at_once.by_prices_cents),
        stopped_by="best" if objective == at_once.bound_cents else "gap",
    )


def _searched(desk: Desk, problem: Problem, gap: float, spent: Effort) -> tuple[Solution, Ints]:
    """The whole search, with what mending has left of the effort; the certificate counts both."""
    solution = solve(problem, gap, spent.left, earlier=desk.solution, verified=False)
    return replace(solution, steps=spent.spent + solution.steps), recall(problem, solution)[1]
