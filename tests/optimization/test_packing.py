"""Repacking of rows against a brute force over every combination."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from optimization.arrays import Arrays, Floats, Ints, to_arrays
from optimization.joint.packing import Packing, repack
from optimization.joint.packing_cover import cover
from optimization.joint.packing_part import Part
from optimization.joint.packing_rows import cheapest_loads, list_loads, move_fees
from optimization.joint.state import start
from optimization.problem import Problem, build_problem
from tests.optimization.brute_force import brute_force
from tests.optimization.problems import random_problem
from tests.optimization.test_exchange import assignment

LOOKS = 2_000_000
EVERYTHING = Packing(fewest=30, most=30)


def feasible_choice(arrays: Arrays) -> Ints | None:
    """(C,) the first combination that meets every hard row."""
    ranges = [range(*ends) for ends in zip(arrays.starts[:-1], arrays.starts[1:], strict=True)]
    for combination in product(*ranges):
        if arrays.feasible(chosen := np.array(combination, np.int64)):
            return chosen
    return None


def packed(problem: Problem, looks: int = LOOKS) -> tuple[Arrays, Ints | None, Ints | None]:
    """The problem, the first feasible choice, and what repacking makes of it."""
    arrays = to_arrays(problem)
    first = feasible_choice(arrays)
    if first is None:
        return arrays, None, None
    state = start(arrays, np.zeros(arrays.rows), first, keep_wide=True)
    return arrays, first, repack(state, looks, np.random.default_rng(0), packing=EVERYTHING)[0]


@pytest.mark.parametrize("block", range(4))
def test_no_hard_row_is_broken_and_no_plan_gets_dearer(block: int) -> None:
    """Random problems with every kind of row: the choice meets them all, and costs no more than the first."""
    for seed in range(50 * block, 50 * block + 50):
        problem = random_problem(seed)
        arrays, first, chosen = packed(problem, LOOKS // 20)
        if first is not None and chosen is not None:
            best = brute_force(problem)
            assert arrays.feasible(chosen)
            assert best is not None
            assert best <= arrays.objective(chosen) <= arrays.objective(first)


def test_all_rows_of_a_small_assignment_are_packed_as_well_as_can_be() -> None:
    """Small assignments, all rows repacked at once: the brute force's optimum from any feasible start."""
    for seed in range(30):
        problem = assignment(seed)
        arrays, _, chosen = packed(problem)
        assert brute_force(problem) == (None if chosen is None else arrays.objective(chosen))


def random_part(seed: int) -> Part:
    """3 rows and 5 cases, with hard and soft bounds on both sides, and candidates that are not there."""
    rng = np.random.default_rng(seed)
    amount, room = rng.integers(1, 6, (3, 5)), rng.integers(4, 12, 3)
    cost = np.where(rng.random((3, 5)) < 0.8, rng.integers(-5, 15, (3, 5)).astype(float), np.inf)
    units = np.arange(room.max() + 1)
    over, floor, wanting = rng.integers(2, 12, (3, 1)), rng.integers(0, 4, (3, 1)), rng.integers(0, 2, 3)
    short = (units < floor) & (wanting[:, None] > 0)
    due = 3.0 * np.maximum(0, units - over) + np.where(short, rng.choice([2.0, np.inf]), 0.0)
    return Part(
        np.arange(3), np.arange(5), rng.integers(0, 3, 5), np.ones((3, 5), int), cost, amount, room, due, wanting
    )


def loads_of(part: Part, k: int, fee: Floats) -> dict[int, float]:
    """Cents of every load of a row at given fees (q,), by its bits."""
    found: dict[int, float] = {}
    for taken in product((0, 1), repeat=len(fee)):
        held = np.flatnonzero(taken)
        units = int(part.amount[k, held].sum())
        if units <= part.room[k]:
            cents = float((part.cost[k, held] - fee[held]).sum() + part.due[k, units])
            found |= {int((1 << held).sum()): cents} if np.isfinite(cents) else {}
    return found


def test_loads_within_the_gap_are_listed_and_no_others() -> None:
    """100 random parts: each row's cheapest load and those near it are those of all subsets."""
    for seed in range(100):
        part, fee = random_part(seed), np.random.default_rng(seed).uniform(0, 12, 5)
        rows = [loads_of(part, k, fee) for k in range(3)]
        if not all(rows):
            continue
        least, gap = [min(row.values()) for row in rows], 3.25
        np.testing.assert_allclose(cheapest_loads(part, fee)[0], least)
        loads, _ = list_loads(part, fee, gap, 1000)
        for k, row in enumerate(rows):
            mine = slice(loads.first[k], loads.first[k + 1])
            listed = dict(zip(loads.words[mine, 0].tolist(), (loads.extra[mine] + least[k]).tolist(), strict=True))
            assert listed == pytest.approx({bits: cents for bits, cents in row.items() if cents <= least[k] + gap})


def test_no_way_to_hold_every_case_costs_less_than_the_bound() -> None:
    """100 random parts: fees prove no more than the cheapest way, which the search for covers finds."""
    for seed in range(100):
        part, none = random_part(seed), np.zeros((3, 2), np.int64)
        rows = [loads_of(part, k, np.zeros(5)) for k in range(3)]
        ways = [sum(row[b] for row, b in zip(rows, bits, strict=True)) for bits in product(*rows) if exact(bits)]
        if not ways:
            continue
        fee, bound, _ = move_fees(part, np.full(5, 5.0), np.zeros((3, 5)), min(ways), np.inf, 40, 1.0)
        assert bound <= min(ways) + 1e-9
        loads, _ = list_loads(part, fee, min(ways) - bound + 1e-6, 1000)
        found, _ = cover(loads, np.array([31, 0]), none, min(ways) - bound + 1e-6, 10_000)
        bits = loads.words[found, 0].tolist()
        assert exact(tuple(bits))
        assert min(ways) == pytest.approx(sum(row[b] for row, b in zip(rows, bits, strict=True)))


def exact(bits: tuple[int, ...]) -> bool:
    """Whether loads hold each of 5 cases once."""
    return sum(bits) == 31 and np.bitwise_or.reduce(bits) == 31


def test_the_same_seed_repacks_the_same_way() -> None:
    """Twice the same problem and seed: the same choice."""
    (_, _, first), (_, _, second) = packed(assignment(3)), packed(assignment(3))
    np.testing.assert_array_equal(first, second)


def test_repacking_ends_where_nothing_is_gained_any_more() -> None:
    """A small assignment: far fewer entries are looked at than might be."""
    arrays = to_arrays(assignment(3))
    first = feasible_choice(arrays)
    assert first is not None
    _, looked = repack(start(arrays, np.zeros(arrays.rows), first, keep_wide=True), 10**12, np.random.default_rng(0))
    assert looked < 10**8


def crowd(cases: int) -> Problem:
    """Cases that take 1 of either of two rows that hold them all."""
    pairs = [(f"j{job:02d}", f"m{row}") for job in range(cases) for row in range(2)]
    return build_problem(
        pd.DataFrame([(job, f"{job}-{row}", 1) for job, row in pairs], columns=["case_id", "action_id", "cost_cents"]),
        pd.DataFrame([(f"{job}-{row}", row, 1) for job, row in pairs], columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(
            [(f"m{row}", None, cases, None, None) for row in range(2)],
            columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"],
        ),
    )


def test_rows_that_hold_many_cases_are_left_alone() -> None:
    """32 cases on two rows: nothing is looked at."""
    arrays = to_arrays(crowd(32))
    first = feasible_choice(arrays)
    assert first is not None
    assert repack(start(arrays, np.zeros(arrays.rows), first, keep_wide=True), LOOKS, np.random.default_rng(0))[1] == 0
