"""Exchange search against a brute force over every combination."""

import numpy as np
import pandas as pd
import pytest

from optimization.arrays import Arrays, to_arrays
from optimization.effort import Effort
from optimization.joint.exchange import Cooling, exchange
from optimization.joint.plan_search import find_prices
from optimization.joint.state import State, start
from optimization.problem import Problem, build_problem
from tests.optimization.problems import brute_force, random_problem

LOOKS = 20_000
HOT = Cooling(hottest=3.0)


def assignment(seed: int) -> Problem:
    """6 jobs on 3 machines that are nearly full; heavy is cheap, as in the hardest published instances."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(5, 30, (6, 3))
    actions = [[f"j{job}-{machine}" for machine in range(3)] for job in range(6)]
    cost = 35 - weight + rng.integers(-5, 6, (6, 3))
    pairs = [(job, machine) for job in range(6) for machine in range(3)]
    return build_problem(
        pd.DataFrame(
            [(f"j{j}", actions[j][m], int(cost[j, m])) for j, m in pairs],
            columns=["case_id", "action_id", "cost_cents"],
        ),
        pd.DataFrame(
            [(actions[j][m], f"m{m}", int(weight[j, m])) for j, m in pairs],
            columns=["action_id", "resource_id", "amount"],
        ),
        pd.DataFrame(
            [(f"m{m}", None, int(weight[:, m].sum() * 0.35), None, None) for m in range(3)],
            columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"],
        ),
    )


def cheapest_at_prices(arrays: Arrays) -> State:
    """Each case's cheapest candidate by reduced cost, whatever rows that breaks."""
    prices = find_prices(arrays, Effort(1000)).cents
    empty = start(arrays, prices)
    return start(arrays, prices, empty.by_reduced[arrays.starts[:-1]], keep_wide=True)


@pytest.mark.parametrize("block", range(6))
def test_no_hard_row_is_broken_and_no_cost_is_below_the_optimum(block: int) -> None:
    """Random problems with every kind of row: what comes back meets them all, at the optimum's cost or more."""
    for seed in range(30 * block, 30 * block + 30):
        problem = random_problem(seed)
        arrays = to_arrays(problem)
        chosen, _ = exchange(cheapest_at_prices(arrays), LOOKS, np.random.default_rng(0))
        if chosen is not None:
            best = brute_force(problem)
            assert best is not None
            assert arrays.feasible(chosen)
            assert best <= arrays.objective(chosen)


def test_nearly_full_machines_are_filled_as_well_as_can_be() -> None:
    """Small assignments: the brute force's optimum, from a start that breaks rows."""
    for seed in range(30):
        problem = assignment(seed)
        arrays, best = to_arrays(problem), brute_force(problem)
        chosen, _ = exchange(cheapest_at_prices(arrays), 10 * LOOKS, np.random.default_rng(0), cooling=HOT)
        assert best == (None if chosen is None else arrays.objective(chosen))


def test_the_same_seed_gives_the_same_choice() -> None:
    """Two searches with one seed: the same choice after the same effort."""
    arrays = to_arrays(assignment(3))
    (first, effort), (second, same) = (
        exchange(cheapest_at_prices(arrays), LOOKS, np.random.default_rng(7)) for _ in range(2)
    )
    assert effort == same
    np.testing.assert_array_equal(first, second)
