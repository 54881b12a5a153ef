"""A plan that is asked about from its files alone: its problem and its prices lie with it."""

from functools import lru_cache
from pathlib import Path

from decisions.plan import Plan
from decisions.plan_file import read_plan, read_plan_problem
from domain.errors import NotThere
from optimization.problem import Problem
from optimization.questions.desk import Desk, open_desk
from optimization.solution import Solution


def read_desk(file: Path) -> tuple[Plan, Desk | None]:
    """Read ``PLAN.json`` and, where it is there, ``PLAN.d``.

    Returns
    -------
    tuple
        No desk where the problem folder is missing, or the plan was made before prices were kept.

    Raises
    ------
    NotThere, BadProblem
        If there is no such plan, it is damaged, or the folder holds another problem.
    """
    plan = read_plan(file)
    if plan.certificate.priced_bound_cents is None:
        return plan, None
    try:
        problem = read_plan_problem(file, plan)
    except NotThere:
        return plan, None
    return plan, desk_of(plan, problem)


last_desk = lru_cache(maxsize=1)(read_desk)
"""The same for a file that is never written again, as a service keeps plans: the last one is remembered."""


def desk_of(plan: Plan, problem: Problem) -> Desk:
    """The desk of a plan."""
    return open_desk(problem, solution_of(plan))


def solution_of(plan: Plan) -> Solution:
    """What the solver answered, read off the plan."""
    said = plan.certificate
    chosen = sorted((case.case_id, f"{case.case_id}/{case.chosen}") for case in plan.cases)
    return Solution(
        choice=dict(chosen),
        objective=said.objective_cents,
        bound=said.bound_cents,
        steps=said.steps,
        wanted_gap=said.gap_wanted,
        problem_fingerprint=said.problem_fingerprint,
        prices=dict(said.prices),
        exclusion_prices={(one.action_id_1, one.action_id_2): one.cents for one in said.exclusion_prices},
        priced_bound=-(2**62) if said.priced_bound_cents is None else said.priced_bound_cents,
        stopped_by=said.stopped_by,
    )
