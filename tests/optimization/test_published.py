"""Published instances: the optimum found is the one in the literature."""

import numpy as np
import pytest

from benchmarks.published import WHERE, catalogue, folder, gap_problem, mmkp_problems, read_published
from optimization.solve import solve
from optimization.verify import verify

SMALL = "mmkp/TestSet1.5GP10IT5KP.txt"
PLACE = folder()

with_instances = pytest.mark.skipif(PLACE is None, reason=f"skipped: data not here; {WHERE}")


def test_a_knapsack_is_read_as_it_is_printed() -> None:
    """Value 17 = 10 + 7 of two classes is the best that fits 5 and 6; two problems stand in one file."""
    one = "1 2 2 2  5 6  1  10 2 3  12 9 9  2  4 1 1  7 3 3"
    text = one + "  " + one.replace("1 2 2 2", "2 2 2 2")
    (first, problem, offset), (second, _, _) = mmkp_problems(np.array(text.split(), np.int64))
    assert (first, second, offset) == ("1", "2", 19)
    assert solve(problem).objective == 19 - 17


def test_an_assignment_is_read_as_it_is_printed() -> None:
    """Two agents, three jobs: the costs 1 + 2 + 6 are the least under capacities of 4 and 3."""
    text = "2 3   1 2 3  4 5 6   2 2 2  3 3 3   4 3"
    assert solve(gap_problem(np.array(text.split(), np.int64))).objective == 9


@with_instances
def test_all_instances_are_read() -> None:
    """180 knapsacks and 10 assignments, each listed with its best known value."""
    assert PLACE is not None
    listed = catalogue(PLACE)
    assert {family: sum(one.family == family for one in listed) for family in ("MMKP", "GAP")} == {
        "MMKP": 180,
        "GAP": 10,
    }
    small = [one.known for one in read_published(PLACE, SMALL)]
    assert small == [one for one in listed if one.file == SMALL]


@with_instances
def test_small_knapsacks_reach_their_published_optimum() -> None:
    """All instances with 5 classes × 10 items × 5 constraints are solved to the published value, proven."""
    assert PLACE is not None
    for one in read_published(PLACE, SMALL):
        solution = solve(one.problem)
        verify(one.problem, solution)
        assert (one.known.best_known, 0) == (one.value(solution.objective), solution.gap), one.name


@with_instances
def test_an_assignment_of_100_jobs_reaches_its_published_optimum() -> None:
    """Yagiura's d05100 comes within 1 % of the published optimum, and the bound never passes it."""
    assert PLACE is not None
    (one,) = read_published(PLACE, "gap/d05100")
    solution = solve(one.problem, gap=0.01, effort=50)
    verify(one.problem, solution)
    assert solution.bound <= one.known.best_known <= solution.objective <= 1.01 * one.known.best_known
