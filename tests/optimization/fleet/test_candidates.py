"""Shifts in the joint plan: a pseudo-case holds back what a shift brings, and the best of every subset is found."""

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from domain.errors import BadProblem
from optimization.fleet.candidates import SHIFT, ShiftOffer, offers, stay, to_extra, usable
from optimization.fleet.problem import Demand, FleetProblem
from optimization.fleet.shift_fleet import shift_fleet
from optimization.joining import Extra, extended
from optimization.problem import Problem, build_problem
from optimization.solve import solve
from optimization.verify import verify
from tests.optimization.fleet.fleets import random_fleet

RESOURCE = "vehicle_depot_shift:{}:{}"
Savings = dict[tuple[str, int], list[int]]


def wanted(problem: FleetProblem, seed: int) -> Savings:
    """What a vehicle would save each of a few cases, by site and shift."""
    rng = np.random.default_rng(seed)
    return {
        (one.site_id, one.shift): sorted(rng.integers(1, 900, rng.integers(0, 4)).tolist(), reverse=True)
        for one in problem.demand
    }


def priced(problem: FleetProblem, savings: Savings) -> FleetProblem:
    """The fleet with the worth of one more vehicle as the joint plan's cases have it."""
    return replace(problem, demand=tuple(Demand(*at, tuple(values)) for at, values in savings.items()))


def joint_of(savings: Savings, there: Counter[tuple[str, int]]) -> Problem:
    """Each saving a case: 1000 with nothing done, so much less with a vehicle of its site and shift."""
    candidates, usage = [], []
    for (site, shift), values in savings.items():
        for k, value in enumerate(values):
            case = f"{site}-{shift}-{k}"
            candidates += [(case, f"{case}/do_nothing", 1000), (case, f"{case}/vehicle", 1000 - value)]
            usage.append((f"{case}/vehicle", RESOURCE.format(site, shift), 1))
    return build_problem(
        pd.DataFrame(candidates, columns=["case_id", "action_id", "cost_cents"]),
        pd.DataFrame(usage, columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(
            [(RESOURCE.format(*at), None, there[at], None, None) for at in savings],
            columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"],
        ),
    )


def enumerated(savings: Savings, there: Counter[tuple[str, int]], made: tuple[ShiftOffer, ...]) -> int:
    """Least cost over every subset of shifts: at each site and shift the largest savings are had."""
    best = []
    for chosen in itertools.product([False, True], repeat=len(made)):
        count, cost = Counter(there), 0
        for one in itertools.compress(made, chosen):
            cost += one.cost_cents
            count.update(one.brings)
            count.subtract(one.leaves)
        if min(count.values(), default=0) >= 0:
            best.append(cost - sum(sum(values[: count[at]]) for at, values in savings.items()))
    return min(best) + 1000 * sum(map(len, savings.values()))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("crewed", [False, True])
def test_the_joint_plan_is_the_best_of_every_subset(seed: int, crewed: bool) -> None:
    """With pseudo-cases: the least over all subsets of shifts; and that is the fleet's own optimum."""
    fleet = random_fleet(seed, 3, 4, 3, 3 if crewed else None, plain=not crewed)
    savings = wanted(fleet, seed)
    problem = priced(fleet, savings)
    try:
        plan, still = shift_fleet(problem), stay(problem)
    except BadProblem:
        return
    made = offers(problem, plan)
    there = (
        Counter({(one.site_id, one.shift): one.vehicles for one in still.served}) if crewed else usable(problem, still)
    )
    both = extended(
        joint_of(savings, there), [to_extra(one, {at: RESOURCE.format(*at) for at in savings}) for one in made]
    )
    solution = solve(both)
    verify(both, solution)
    assert enumerated(savings, there, made) == solution.objective
    everything = sum(map(sum, savings.values()))
    assert plan.certificate.objective_cents == solution.objective - 1000 * sum(map(len, savings.values())) + everything


def test_a_shift_is_paid_once_for_two_cases() -> None:
    """One vehicle, two shifts at B worth 60 each, 100 to get there: for one it would not go, for both it does."""
    made = ShiftOffer("V", 100, {("B", 1): 1, ("B", 2): 1}, {("A", 1): 1})
    names = {at: RESOURCE.format(*at) for at in [("A", 1), ("B", 1), ("B", 2)]}
    one = joint_of({("A", 1): [], ("B", 1): [60], ("B", 2): []}, Counter({("A", 1): 1}))
    both = joint_of({("A", 1): [], ("B", 1): [60], ("B", 2): [60]}, Counter({("A", 1): 1}))
    assert solve(extended(one, [to_extra(made, names)])).choice["fleet:V"] == "fleet:V/stay"
    assert solve(extended(both, [to_extra(made, names)])).choice["fleet:V"] == f"fleet:V/{SHIFT}"


def test_a_fleet_that_stays_offers_nothing() -> None:
    problem = replace(random_fleet(0, drivers=None, plain=True), demand=())
    assert offers(problem, shift_fleet(problem)) == ()


def test_what_is_added_must_fit() -> None:
    joint = joint_of({("B", 1): [60]}, Counter())
    with pytest.raises(BadProblem, match="'nobody', unknown in candidates"):
        extended(joint, [Extra(uses=(("nobody", RESOURCE.format("B", 1), 1),))])
    with pytest.raises(BadProblem, match="more than once"):
        extended(joint, [Extra(candidates=(("B-1-0", "B-1-0/vehicle", 5),))])
