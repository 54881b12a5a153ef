"""Desks over small random problems: solved ones, and ones with any feasible choice at any prices."""

from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
import pandas as pd

from domain.errors import BadProblem
from optimization.problem import Problem, build_problem
from optimization.questions.desk import Desk, open_desk
from optimization.solution import Solution
from optimization.solve import solve
from tests.optimization.problems import random_problem
from tests.optimization.questions.every_cost import every_cost


@cache
def solved_desk(seed: int) -> Desk | None:
    """The desk of a problem that was solved to the end; ``None`` where it has no solution."""
    problem = random_problem(seed)
    try:
        return open_desk(problem, solve(problem))
    except BadProblem:
        return None


def solved_desks() -> Iterator[Desk]:
    """The first of them that have one."""
    return (desk for seed in range(100) if (desk := solved_desk(seed)) is not None)


@cache
def any_desk(seed: int) -> Desk | None:
    """The desk of a feasible choice, good or bad, at prices that are not those of any solver; nothing is proven."""
    problem, rng = random_problem(seed), np.random.default_rng(seed)
    costs = list(every_cost(problem).items())
    if not costs:
        return None
    choice, cost = costs[rng.integers(len(costs))]
    named = dict(zip(problem.case_ids, choice, strict=True))
    return open_desk(problem, Solution(named, cost, -(2**62), 0, 0.0, problem.fingerprint, *_prices(problem, rng)))


def _prices(problem: Problem, rng: np.random.Generator) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    names = problem.resources["resource_id"].tolist()
    pairs = list(problem.exclusions.itertuples(index=False, name=None))
    spread = float(rng.choice([1.0, 8.0, 3_000.0]))
    drawn = [float(price) for price in rng.normal(0, spread, len(names) + len(pairs))]
    return dict(zip(names, drawn, strict=False)), dict(zip(pairs, drawn[len(names) :], strict=True))


def cost_of(problem: Problem, choice: Mapping[str, str]) -> int:
    """What a choice costs, by the brute force; a ``KeyError`` says that it breaks a hard row."""
    return every_cost(problem)[tuple(choice[case] for case in problem.case_ids)]


def limited(problem: Problem, resource_id: str, lo: int | None, hi: int | None) -> Problem:
    """The problem with other limits of one resource."""
    resources = problem.resources.copy()
    row = resources.index[resources["resource_id"] == resource_id][0]
    for name, value in (("lo", lo), ("hi", hi)):
        resources.loc[row, name] = pd.NA if value is None else value
    return build_problem(problem.candidates, problem.usage, resources, problem.exclusions)


def joined_by(problem: Problem, case_id: str, actions: dict[str, tuple[int, dict[str, int]]]) -> Problem:
    """The problem with one case more: action_id → cost and uses."""
    candidates = pd.DataFrame([(case_id, name, cost) for name, (cost, _) in actions.items()])
    usage = pd.DataFrame(
        [(name, resource, amount) for name, (_, uses) in actions.items() for resource, amount in uses.items()],
        columns=problem.usage.columns,
    )
    candidates.columns = problem.candidates.columns
    return build_problem(
        pd.concat([problem.candidates, candidates]),
        pd.concat([problem.usage, usage]),
        problem.resources,
        problem.exclusions,
    )


def limits_of(problem: Problem) -> Iterator[tuple[str, int | None, int | None]]:
    """resource_id, lo and hi of every resource."""
    for name, *bounds in problem.resources[["resource_id", "lo", "hi"]].itertuples(index=False):
        lo, hi = (None if pd.isna(value) else int(value) for value in bounds)
        yield name, lo, hi
