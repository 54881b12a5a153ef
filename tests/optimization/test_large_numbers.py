"""Costs and amounts of 1e6 to 1e15: what doubles cannot tell apart, certificates do not claim, and nothing is lost."""

import numpy as np
import pytest

from domain.errors import BadProblem, PlanRejected
from optimization.arrays import to_arrays
from optimization.enumeration import is_tiny
from optimization.highs import run_highs
from optimization.integers import solve_in_integers
from optimization.joint.bound import priced
from optimization.mip import exact_model
from optimization.problem import Problem
from optimization.questions.desk import open_desk
from optimization.questions.limits import Limits
from optimization.questions.re_plan import re_plan
from optimization.solution import Solution
from optimization.solve import solve
from optimization.verify import verify
from tests.optimization.brute_force import brute_force
from tests.optimization.small_problems import LARGE, Draft, Row, large_problem
from tests.optimization.test_solve import hard_problem


@pytest.mark.parametrize("family", LARGE)
@pytest.mark.parametrize("size", [10**6, 10**9, 10**12])
def test_the_optimum_of_large_numbers_is_proven(family: str, size: int) -> None:
    """Cost and bound are the brute force's to the cent; where nothing is feasible, that is said."""
    for seed in range(2):
        problem = large_problem(family, size, seed)
        best = brute_force(problem)
        if best is None:
            with pytest.raises(BadProblem, match="cannot all be met"):
                solve(problem)
            continue
        solution = solve(problem)
        verify(problem, solution)
        assert (solution.objective, solution.bound, solution.stopped_by) == (best, best, "best"), (family, size, seed)


def equal_row(size: int) -> Problem:
    """Eight cases whose one row is to be met to the unit."""
    costs = [[k * (5 + case % 3) for k in range(3)] for case in range(8)]
    total = 8 * size + 12
    draft = Draft(costs, [(total, total, None, None)])
    draft.uses = {(case, k, 0): (2 - k) * (size + case) for case in range(8) for k in range(2)}
    return draft.problem()


@pytest.mark.parametrize("size", [10**5, 10**6, 10**9, 2**56])
def test_a_row_is_met_to_the_unit(size: int) -> None:
    """HiGHS returns points two units off at 1e6 and fails at 2^56; the plan of 48 cents is found and proven."""
    solution = solve(equal_row(size))
    verify(equal_row(size), solution)
    assert (solution.objective, solution.bound) == (48, 48)


def test_what_highs_prints_does_not_reach_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    """Its warning about an integer solution that it lost goes to standard error."""
    run_highs(exact_model(to_arrays(equal_row(10**5))))
    told = capfd.readouterr()
    assert told.out == ""
    assert "transformNewIntegerFeasibleSolution" in told.err


def test_large_effort_is_no_error() -> None:
    """HiGHS counts nodes in 32 bits; three billion steps are asked for, of a problem that only it finds infeasible."""
    draft = Draft([[1, 2], [1, 2]], [(3, 3, None, None)], {(0, 0, 0): 2, (0, 1, 0): 4, (1, 0, 0): 4, (1, 1, 0): 2})
    with pytest.raises(BadProblem, match="cannot all be met"):
        solve(draft.problem(), effort=3_000_000_000)


def many_dear_cases(cases: int, cents: int) -> Problem:
    costs = [[(cents * (case % 7 + 1) + case * 7 + k * 3) * (k + 1) for k in range(3)] for case in range(cases)]
    return Draft(costs, [(None, cases // 4, None, None)], {(case, 0, 0): 1 for case in range(cases)}).problem()


def test_sums_beyond_64_bits_lift_no_bound() -> None:
    """A block of 600 cases of 1e13 cents has more than 2^63 parts of a cent; the bound stays below the plan's cost."""
    problem = many_dear_cases(600, 10**13)
    solution = solve(problem, effort=300)
    verify(problem, solution)
    assert 0 <= solution.gap < 1e-4


def test_a_search_that_ended_says_so_and_a_penalty_beyond_doubles_is_proven() -> None:
    """Two cases share one unit at a penalty of 2^53 + 3 cents, and neither has another candidate."""
    penalty = 2**53 + 3
    draft = Draft([[0], [0]], [(None, 1, None, penalty)], {(0, 0, 0): 1, (1, 0, 0): 1})
    solution = solve(draft.problem())
    assert (solution.objective, solution.bound, solution.stopped_by) == (penalty, penalty, "best")


def test_prices_stay_within_a_penalty_that_doubles_round_up() -> None:
    """2^53 + 3 rounds to 2^53 + 4: such a price would claim a cent too much."""
    penalty = 2**53 + 3
    arrays = to_arrays(Draft([[0], [0]], [(None, 1, None, penalty)], {(0, 0, 0): 1, (1, 0, 0): 1}).problem())
    assert priced(arrays, np.array([float(penalty)])).bound <= penalty


@pytest.mark.parametrize("amount", [1, 2**62])
def test_the_verifier_counts_beyond_64_bits(amount: int) -> None:
    """A hard row of −2^62 that is used: broken, however large the difference; and the solver says which row it is."""
    draft = Draft([[0]], [(None, -(2**62), None, None)], {(0, 0, 0): amount})
    problem = draft.problem()
    claimed = Solution({"c0": "a0-0"}, 0, 0, 0, 0.0, problem.fingerprint)
    with pytest.raises(PlanRejected, match="hard bound"):
        verify(problem, claimed)
    with pytest.raises(BadProblem, match=rf"'r0' allows {-(2**62)} but at least {amount} are needed"):
        solve(problem)


def test_cpsat_proves_what_its_presolve_gets_wrong() -> None:
    """Amounts beyond 2^31 in one row: with its presolve CP-SAT calls 404,928,680 the best, which is 12."""
    uses = {(0, 0, 0): 4000659664, (1, 1, 0): 2979741377, (1, 2, 0): 2000800898, (1, 3, 0): 3 * 10**9, (3, 0, 0): 10**9}
    rows: list[Row] = [(4404928674, None, 1, None), *[(None, 1, None, None)] * 5]
    draft = Draft([[12, 0], [1, 0, 8, 6], [0], [0], *[list(range(9)) for _ in range(5)]], rows, uses)
    draft.uses |= {(case, k, case - 3): 2 for case in range(4, 9) for k in range(8)}
    arrays = to_arrays(draft.problem())
    assert not is_tiny(arrays)
    proven = solve_in_integers(arrays, 5_000)
    assert proven.chosen is not None
    assert (proven.bound, arrays.objective(proven.chosen)) == (12 + 5 * 8, 12 + 5 * 8)


def test_effort_that_mending_spent_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole search gets what mending has left, and the certificate counts the steps of both."""
    searched: list[tuple[int, int]] = []

    def spied(problem: Problem, gap: float, effort: int, earlier: Solution, verified: bool) -> Solution:
        found = solve(problem, gap, effort, earlier=earlier, verified=verified)
        searched.append((effort, found.steps))
        return found

    monkeypatch.setattr("optimization.questions.re_plan.solve", spied)
    problem = hard_problem(12)
    solution = re_plan(open_desk(problem, solve(problem)), [Limits("r0", None, 100)], 0.0, 2_000)[1]
    ((left, steps),) = searched
    assert left < 2_000
    assert solution.steps == 2_000 - left + steps
    assert (solution.stopped_by == "best") == (solution.objective == solution.bound)
