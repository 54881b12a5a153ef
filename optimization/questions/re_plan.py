"""The plan made anew under other limits, from the desk's prices and choice.

First the plan is mended at the prices as they are; where the bound that is known at once does not
certify the gap, the whole search follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from domain.money import Money
from optimization.arrays import Arrays, Ints
from optimization.effort import Effort
from optimization.joint.plan_search import meet_all_rows
from optimization.problem import Problem
from optimization.questions.answer import Answer, counted
from optimization.questions.desk import Desk
from optimization.questions.limits import Limits, changed_arrays, changed_problem, rows_of
from optimization.questions.moved import Moved, moved
from optimization.questions.what_if import WhatIf, what_if
from optimization.recall import recall
from optimization.solution import Solution
from optimization.solve import EFFORT, solve


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
        more = f"{money(abs(self.difference_cents))} {'more' if self.difference_cents >= 0 else 'less'} than now"
        first = f", first of all {self.changed[0].case_id} to {self.changed[0].after}" if self.changed else ""
        return (
            f"with {counted(len(self.at_once.changes), 'limit')} changed the plan costs {money(self.cost_cents)}, "
            f"{more} and at most {money(self.cost_cents - self.bound_cents)} above the best; "
            f"{counted(len(self.changed), 'case')} would get another action{first}"
        )


def re_plan(
    desk: Desk, changes: Sequence[Limits], gap: float = 0.0, effort: int = EFFORT
) -> tuple[Replanned, Solution]:
    """Make the plan anew under other limits, from the desk's prices and choice.

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
    solution, chosen = _mended(desk, arrays, problem, at_once, gap, effort) or _searched(desk, problem, gap, effort)
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
    desk: Desk, arrays: Arrays, problem: Problem, at_once: WhatIf, gap: float, effort: int
) -> tuple[Solution, Ints] | None:
    """The desk's plan, repaired and bettered under other limits; ``None`` where the gap is not certified."""
    spent = Effort(effort)
    chosen = meet_all_rows(arrays, desk.priced, desk.chosen, spent)
    if chosen is None:
        return None
    choice = dict(zip(problem.case_ids, desk.names.actions.take(chosen).to_pylist(), strict=True))
    solution = replace(
        desk.solution,
        choice=choice,
        objective=arrays.objective(chosen),
        bound=at_once.bound_cents,
        steps=spent.spent,
        wanted_gap=gap,
        problem_fingerprint=problem.fingerprint,
        priced_bound=ceil(desk.priced.value + at_once.by_prices_cents),
        stopped_by="gap",
    )
    return (solution, chosen) if solution.gap_reached else None


def _searched(desk: Desk, problem: Problem, gap: float, effort: int) -> tuple[Solution, Ints]:
    solution = solve(problem, gap, effort, earlier=desk.solution)
    return solution, recall(problem, solution)[1]
