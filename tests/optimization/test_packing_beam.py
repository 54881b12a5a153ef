"""Beam search over the loads of all rows, against a brute force over every combination."""

from dataclasses import replace

import numpy as np
import pytest

from optimization.arrays import Arrays, Ints, to_arrays
from optimization.joint.packing_beam import Beam, pack
from optimization.joint.packing_rows import cheapest_loads, rises
from optimization.joint.state import start
from optimization.problem import Problem
from tests.optimization.brute_force import brute_force
from tests.optimization.problems import random_problem
from tests.optimization.test_exchange import assignment
from tests.optimization.test_packing import crowd, feasible_choice, loads_of, random_part

LOOKS = 20_000_000
ROW_BY_ROW = Beam(children=3, last=2)


def packed(problem: Problem, beam: Beam, looks: int = LOOKS) -> tuple[Arrays, Ints | None, Ints | None]:
    """The problem, the first feasible choice, and a cheaper one if the beam search found one."""
    arrays = to_arrays(problem)
    first = feasible_choice(arrays)
    if first is None:
        return arrays, None, None
    return arrays, first, pack(start(arrays, np.zeros(arrays.rows), first, keep_wide=True), looks, beam=beam)[0]


@pytest.mark.parametrize("block", range(4))
def test_no_hard_row_is_broken_and_what_is_found_costs_less(block: int) -> None:
    """Random problems with every kind of row: a choice that is found meets them all and costs less than the first."""
    for seed in range(50 * block, 50 * block + 50):
        problem = random_problem(seed)
        arrays, first, chosen = packed(problem, ROW_BY_ROW)
        if first is not None and chosen is not None:
            best = brute_force(problem)
            assert arrays.feasible(chosen)
            assert best is not None
            assert best <= arrays.objective(chosen) < arrays.objective(first)


def test_the_last_rows_are_packed_as_well_as_can_be() -> None:
    """Small assignments whose rows are all among the last: the brute force's optimum from any feasible start."""
    for seed in range(30):
        problem = assignment(seed)
        arrays, first, chosen = packed(problem, Beam(last=3))
        best = first if chosen is None else chosen
        assert brute_force(problem) == (None if best is None else arrays.objective(best))


def test_row_by_row_small_assignments_come_close_to_the_optimum() -> None:
    """Small assignments, one row given its load before the others: the optimum of most of 30."""
    reached = 0
    for seed in range(30):
        problem = assignment(seed)
        arrays, first, chosen = packed(problem, ROW_BY_ROW)
        best = first if chosen is None else chosen
        reached += brute_force(problem) == (None if best is None else arrays.objective(best))
    assert reached > 15


def test_a_load_raises_the_bound_by_what_others_lose() -> None:
    """100 random parts: what the other rows' cheapest loads without its cases cost more, from all subsets."""
    for seed in range(100):
        part, fee = random_part(seed), np.random.default_rng(seed).uniform(0, 12, 5)
        if not all(loads_of(part, k, fee) for k in range(3)):
            continue
        least, held, _ = cheapest_loads(part, fee)
        rise, _ = rises(part, fee, least, held)
        for k in range(3):
            gone = int(((held[k] > 0) << np.arange(5)).sum())
            assert least[k] == pytest.approx(loads_of(part, k, fee)[gone])
            others = [loads_of(part, other, fee) for other in range(3) if other != k]
            without = [min([cents for bits, cents in row.items() if not bits & gone], default=np.inf) for row in others]
            assert rise[k] == pytest.approx(sum(without) - sum(min(row.values()) for row in others))


def test_the_same_problem_is_packed_the_same_way() -> None:
    """Twice the same problem: the same choice after the same effort."""
    arrays = to_arrays(assignment(3))
    first = feasible_choice(arrays)
    assert first is not None
    (one, looked), (two, same) = (
        pack(start(arrays, np.zeros(arrays.rows), first, keep_wide=True), LOOKS, beam=ROW_BY_ROW) for _ in range(2)
    )
    assert looked == same
    np.testing.assert_array_equal(one, two)


def test_nothing_is_begun_that_the_effort_does_not_allow() -> None:
    """Less effort than one node side by side takes: nothing is found."""
    assert packed(assignment(3), replace(ROW_BY_ROW, turns=10**9))[2] is None


def test_rows_that_hold_very_many_cases_are_left_alone() -> None:
    """52 cases on two rows: nothing is looked at."""
    arrays = to_arrays(crowd(52))
    first = np.arange(0, len(arrays.cost), 2)
    assert arrays.feasible(first)
    assert pack(start(arrays, np.zeros(arrays.rows), first, keep_wide=True), LOOKS) == (None, 0)


def test_a_search_that_is_over_finds_nothing() -> None:
    """The guard's time is over before it begins."""
    arrays = to_arrays(assignment(3))
    first = feasible_choice(arrays)
    assert first is not None
    assert pack(start(arrays, np.zeros(arrays.rows), first, keep_wide=True), LOOKS, lambda: True)[0] is None
