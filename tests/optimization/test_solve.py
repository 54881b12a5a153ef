"""The solver against a brute force over every combination."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.errors import BadProblem, PlanRejected
from optimization.arrays import to_arrays
from optimization.best_choice import best_choice
from optimization.highs import Answer, run_highs
from optimization.joint import plan_search
from optimization.joint.plan_search import near_best
from optimization.mip import exact_model
from optimization.problem import Problem, build_problem
from optimization.solution import Solver
from optimization.solve import solve
from optimization.verify import verify
from tests.optimization.problems import brute_force, random_problem


@pytest.mark.parametrize("block", range(10))
def test_the_optimum_is_that_of_a_brute_force(block: int) -> None:
    """300 random problems: the cost equals the brute force's and is proven, or both say infeasible."""
    for seed in range(30 * block, 30 * block + 30):
        problem = random_problem(seed)
        best = brute_force(problem)
        if best is None:
            with pytest.raises(BadProblem, match=r"cannot all be met|exclude each other"):
                solve(problem)
            continue
        solution = solve(problem)
        verify(problem, solution)
        assert (solution.objective, solution.bound) == (best, best), seed
        assert solution.gap_reached


def test_a_small_problem_is_proven_before_anything_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 random problems those with a plan are proven best without exchange, packing or neighbourhoods."""
    feasible = [one for one in map(random_problem, range(60)) if brute_force(one) is not None]
    for step in ("exchange", "pack", "repack", "Search"):
        monkeypatch.setattr(plan_search, step, None)
    assert all(solve(one).stopped_by == "best" for one in feasible)


@pytest.mark.parametrize("seed", range(40))
def test_without_nodes_the_bound_still_holds(seed: int) -> None:
    """bound ≤ optimum ≤ objective where the effort ends before the first node; the plan is feasible."""
    problem = random_problem(seed)
    best = brute_force(problem)
    try:
        solution = solve(problem, effort=0)
    except BadProblem:
        return
    verify(problem, solution)
    assert best is not None
    assert solution.bound <= best <= solution.objective


def test_the_order_of_rows_does_not_matter() -> None:
    """The same tables shuffled give the same document."""
    problem = random_problem(7)
    shuffled = build_problem(
        *(
            getattr(problem, name).sample(frac=1, random_state=3)
            for name in ("candidates", "usage", "resources", "exclusions")
        )
    )
    assert solve(shuffled).document() == solve(problem).document()


def test_equal_costs_are_decided_the_same_way_every_time() -> None:
    """Where all candidates cost the same, two runs choose the same ones."""
    candidates = pd.DataFrame(
        [(f"c{c}", f"a{c}-{k}", 5) for c in range(20) for k in range(4)],
        columns=["case_id", "action_id", "cost_cents"],
    )
    usage = candidates[["action_id"]].assign(resource_id="r", amount=1)
    resources = pd.DataFrame(
        {"resource_id": ["r"], "lo": [None], "hi": [20], "penalty_lo_cents": None, "penalty_hi_cents": None}
    )
    problem = build_problem(candidates, usage, resources)
    assert solve(problem).document() == solve(problem).document()


def test_infeasible_says_which_row_and_by_how_much() -> None:
    """A hard row that needs 3 more units than there are is named with 3."""
    problem = build_problem(
        pd.DataFrame({"case_id": ["c"], "action_id": ["a"], "cost_cents": [1]}),
        pd.DataFrame({"action_id": ["a"], "resource_id": ["dock"], "amount": [7]}),
        pd.DataFrame(
            {
                "resource_id": ["dock"],
                "lo": [None],
                "hi": [4],
                "penalty_lo_cents": [None],
                "penalty_hi_cents": [None],
            }
        ),
    )
    with pytest.raises(BadProblem, match=r"'dock' allows 4 but at least 7 are needed \(3 over\)"):
        solve(problem)


def test_a_spent_effort_is_told_honestly() -> None:
    """A hard knapsack without nodes returns a feasible plan whose gap is stated and not reached."""
    problem = hard_problem()
    solution = solve(problem, effort=0)
    verify(problem, solution)
    assert solution.gap > 0
    assert not solution.gap_reached


def test_a_wanted_gap_is_enough() -> None:
    """With a gap of 50 % the solver stops early and says that the gap is reached."""
    solution = solve(hard_problem(), gap=0.5)
    assert 0 <= solution.gap <= 0.5
    assert solution.gap_reached


def test_rows_that_cannot_be_met_together_are_not_called_out_of_reach() -> None:
    """Either of two actions breaks one hard row: no row alone needs more than it allows, and nobody says so."""
    candidates = pd.DataFrame({"case_id": ["c", "c"], "action_id": ["x", "y"], "cost_cents": [1, 1]})
    usage = pd.DataFrame({"action_id": ["x", "y"], "resource_id": ["dock", "truck"], "amount": [3, 4]})
    limits = pd.DataFrame(
        {"resource_id": ["dock", "truck"], "lo": None, "hi": [2, 2], "penalty_lo_cents": None, "penalty_hi_cents": None}
    )
    said = r"'dock' allows 2, and the choice that breaks least takes 3 \(1 over\)$"
    with pytest.raises(BadProblem, match=said):
        solve(build_problem(candidates, usage, limits))


def test_no_plan_leaves_that_the_verifier_rejects(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that states a cent too few is found out, unless whoever asks verifies by himself."""
    problem = hard_problem()

    def wrong(*arguments: Any, **named: Any) -> Any:
        found = near_best(*arguments, **named)
        return replace(found, objective=found.objective - 1, bound=found.bound - 1)

    monkeypatch.setattr("optimization.solve.near_best", wrong)
    with pytest.raises(PlanRejected, match="but costs"):
        solve(problem, effort=200)
    assert solve(problem, effort=200, verified=False).gap >= 0


def test_a_call_of_highs_that_meets_the_clock_is_undone() -> None:
    """Nothing that it found is told, and what was known stays."""
    arrays = to_arrays(hard_problem())
    whole, cut = (run_highs(exact_model(arrays), seconds=seconds) for seconds in (None, 0.0))
    assert whole.values is not None
    assert not whole.stopped
    assert (cut.values, cut.bound, cut.stopped) == (None, -np.inf, True)
    known = best_choice(arrays, 1_000).chosen
    told = best_choice(arrays, 1_000, known=known, seconds=0.0)
    assert told.bound is None
    assert known is not None
    assert told.chosen is known


def test_the_clock_stops_the_search_and_is_named() -> None:
    """The plan is whole, and the certificate says why the search ended; a guard that is never met changes nothing."""
    problem = hard_problem()
    solution = solve(problem, seconds=0.0)
    verify(problem, solution)
    assert solution.stopped_by == "clock"
    assert solve(problem, effort=200, seconds=1e6).document() == solve(problem, effort=200).document()


@pytest.mark.parametrize("above", [5e-5, 2e-3, 1.0, 1e6])
def test_a_bound_above_a_feasible_plan_is_no_certificate(monkeypatch: pytest.MonkeyPatch, above: float) -> None:
    """Within the tolerance of doubles the bound is the cost; beyond it is dropped, and integers prove the plan best."""
    problem = random_problem(7)
    best = brute_force(problem)
    assert best is not None

    def high(*arguments: Any, **named: Any) -> Answer:
        answer = run_highs(*arguments, **named)
        return replace(answer, bound=answer.bound + above)

    monkeypatch.setattr("optimization.best_choice.run_highs", high)
    solution = solve(problem)
    assert (solution.objective, solution.bound) == (best, best)


def test_no_case_costs_nothing() -> None:
    """An empty problem is solved by an empty choice."""
    solution = solve(build_problem(pd.DataFrame(columns=["case_id", "action_id", "cost_cents"])))
    assert (dict(solution.choice), solution.objective, solution.bound) == ({}, 0, 0)


def test_a_floor_that_nobody_can_reach_costs_its_penalty_and_is_proven() -> None:
    """A soft floor of 4 at 7 cents costs 28, with one case that does not use it and with none at all."""
    floor = pd.DataFrame(
        {"resource_id": ["r"], "lo": [4], "hi": [None], "penalty_lo_cents": [7], "penalty_hi_cents": [None]}
    )
    nobody = pd.DataFrame(columns=["case_id", "action_id", "cost_cents"])
    one = pd.DataFrame({"case_id": ["c"], "action_id": ["a"], "cost_cents": [5]})
    solutions = [solve(build_problem(candidates, resources=floor)) for candidates in (nobody, one)]
    assert [(found.objective, found.bound) for found in solutions] == [(28, 28), (33, 33)]


def test_the_solver_meets_the_protocol() -> None:
    """The function can be handed over as a :class:`Solver`."""
    solver: Solver = solve
    assert solver(random_problem(7)).objective == brute_force(random_problem(7))


def hard_problem(cases: int = 40) -> Problem:
    rng = np.random.default_rng(5)
    candidates = [(f"c{c:02}", f"a{c:02}-{k}", int(rng.integers(100, 9999))) for c in range(cases) for k in range(5)]
    candidates += [(f"c{c:02}", f"a{c:02}-none", 10_000) for c in range(cases)]
    usage = [
        (action, f"r{row}", int(rng.integers(1, 50)))
        for _, action, _ in candidates
        if not action.endswith("none")
        for row in range(4)
    ]
    rows = [(f"r{row}", None, cases * 15, None, None) for row in range(4)]
    return build_problem(
        pd.DataFrame(candidates, columns=["case_id", "action_id", "cost_cents"]),
        pd.DataFrame(usage, columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(rows, columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"]),
    )
