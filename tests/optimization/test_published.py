"""Published instances: the optimum found is the one in the literature."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from optimization.problem import Problem, build_problem
from optimization.solve import solve
from optimization.verify import verify

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "optimization"
SMALL = "mmkp/TestSet1.5GP10IT5KP.txt"

pytestmark = pytest.mark.skipif(not (DATA / "best_known.csv").exists(), reason="skipped: data not here")


def best_known(file: str) -> dict[str, int]:
    """Instance → best known value of a file of instances."""
    with (DATA / "best_known.csv").open(encoding="utf-8") as rows:
        return {row["instance"]: int(row["best_known"]) for row in csv.DictReader(rows) if row["file"] == file}


def mmkp_problems(file: Path) -> Iterator[tuple[str, Problem]]:
    """Multiple-choice knapsacks (Hiremath & Hill); values are maximised, so costs are negative."""
    numbers = iter(map(int, file.read_text(encoding="utf-8").split()))
    for instance in numbers:
        classes, items, constraints = next(numbers), next(numbers), next(numbers)
        limits = [next(numbers) for _ in range(constraints)]
        candidates, usage = [], []
        for _ in range(classes):
            name = f"{next(numbers):04}"
            for item in range(items):
                action = f"{name}-{item:03}"
                candidates.append((name, action, -next(numbers)))
                usage += [(action, f"r{row:02}", next(numbers)) for row in range(constraints)]
        yield str(instance), _problem(candidates, usage, limits)


def gap_problem(file: Path) -> Problem:
    """Generalised assignment: agents m, jobs n, costs, weights, capacities (OR-Library layout)."""
    numbers = iter(map(int, file.read_text(encoding="utf-8").split()))
    agents, jobs = next(numbers), next(numbers)
    cost = [[next(numbers) for _ in range(jobs)] for _ in range(agents)]
    weight = [[next(numbers) for _ in range(jobs)] for _ in range(agents)]
    pairs = [(agent, job) for agent in range(agents) for job in range(jobs)]
    candidates = [(f"{job:04}", f"{job:04}-{agent:02}", cost[agent][job]) for agent, job in pairs]
    usage = [(f"{job:04}-{agent:02}", f"r{agent:02}", weight[agent][job]) for agent, job in pairs]
    return _problem(candidates, usage, [next(numbers) for _ in range(agents)])


def _problem(candidates: list[tuple[str, str, int]], usage: list[tuple[str, str, int]], limits: list[int]) -> Problem:
    return build_problem(
        pd.DataFrame(candidates, columns=["case_id", "action_id", "cost_cents"]),
        pd.DataFrame(usage, columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(
            [(f"r{row:02}", None, limit, None, None) for row, limit in enumerate(limits)],
            columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"],
        ),
    )


def test_small_knapsacks_reach_their_published_optimum() -> None:
    """All instances with 5 classes × 10 items × 5 constraints are solved to the published value, proven."""
    known = best_known(SMALL)
    solved = {}
    for instance, problem in mmkp_problems(DATA / SMALL):
        solution = solve(problem)
        verify(problem, solution)
        solved[instance] = -solution.objective
        assert solution.gap == 0
    assert solved == known


def test_an_assignment_of_100_jobs_reaches_its_published_optimum() -> None:
    """Yagiura's d05100 comes within 1 % of the published optimum, and the bound never passes it."""
    problem = gap_problem(DATA / "gap/d05100")
    (best,) = best_known("gap/d05100").values()
    solution = solve(problem, gap=0.01, effort=50)
    verify(problem, solution)
    assert solution.bound <= best <= solution.objective <= 1.01 * best
