"""The verifier finds every way in which a solution can be wrong."""

from dataclasses import replace

import pandas as pd
import pytest

from domain.errors import PlanRejected
from optimization.problem import Problem, build_problem
from optimization.solution import Solution
from optimization.solve import solve
from optimization.verify import verify
from tests.optimization.problems import brute_force, random_problem


@pytest.fixture(scope="module")
def problem() -> Problem:
    return build_problem(
        pd.DataFrame(
            [("c1", "a1", 5), ("c1", "a2", 9), ("c2", "b1", 4), ("c2", "b2", 9)],
            columns=["case_id", "action_id", "cost_cents"],
        ),
        pd.DataFrame([("a1", "r", 2), ("b1", "r", 2), ("b2", "s", 1)], columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(
            [("r", None, 3, None, None), ("s", 1, None, 2, None)],
            columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"],
        ),
        pd.DataFrame([("a2", "b2")], columns=["action_id_1", "action_id_2"]),
    )


@pytest.fixture(scope="module")
def solution(problem: Problem) -> Solution:
    return solve(problem)


def test_a_right_solution_passes(problem: Problem, solution: Solution) -> None:
    """5 + 9 with s met (14) beats 9 + 4 with s one short (15)."""
    verify(problem, solution)
    assert solution.objective == 14


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"objective": 13, "bound": 13}, "states 13 cents but costs 14"),
        ({"bound": 15}, "bound of 15"),
        ({"choice": {"c1": "a1"}}, "'c2' is without an action"),
        ({"choice": {"c1": "a1", "c2": "b2", "c3": "x"}}, "'c3' is unknown"),
        ({"choice": {"c1": "b1", "c2": "b2"}}, "'b1' is no candidate of case 'c1'"),
        ({"choice": {"c1": "a1", "c2": "b1"}}, "'r' is used 4 times; its hard bound is 3"),
        ({"choice": {"c1": "a2", "c2": "b2"}}, "exclude each other"),
        ({"choice": {"c1": "a2", "c2": "b1"}, "bound": 0}, "states 14 cents but costs 15"),
        ({"problem_fingerprint": "0"}, "another problem"),
    ],
)
def test_a_tampered_solution_is_rejected(
    problem: Problem, solution: Solution, change: dict[str, object], message: str
) -> None:
    with pytest.raises(PlanRejected, match=message):
        verify(problem, replace(solution, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [s for s in range(60) if brute_force(random_problem(s)) is not None])
def test_any_other_choice_is_rejected_or_costs_something_else(seed: int) -> None:
    """Swapping one case's action is noticed unless it is another optimum."""
    problem = random_problem(seed)
    solution = solve(problem)
    for case, action in problem.candidates[["case_id", "action_id"]].itertuples(index=False):
        other = replace(solution, choice={**solution.choice, case: action})
        try:
            verify(problem, other)
        except PlanRejected:
            continue
        assert solution.objective == brute_force(problem)
