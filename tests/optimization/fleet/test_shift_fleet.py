"""The shared fleet against a brute force, a min-cost flow, hours of service, and inputs that contradict themselves."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from domain.errors import BadProblem, PlanRejected
from optimization.cpsat import Budget, SideCertificate
from optimization.fleet.flow import solve_flow, suffices
from optimization.fleet.hours import EU, US, HoursOfService
from optimization.fleet.problem import Demand, Driver, FleetProblem, Site, Vehicle
from optimization.fleet.shift_fleet import shift_fleet, solve_cpsat
from optimization.fleet.solution import FleetPlan, Served, Step
from optimization.fleet.verify import verify_fleet
from optimization.spans import Span
from tests.optimization.fleet.fleets import brute_force, journey, random_fleet

DRIVERS = (None, 1, 2)


def two_sites(**more: Any) -> FleetProblem:
    """A and B, four hours apart; three shifts of 8 hours; a vehicle of A is worth 500 at B in the last two shifts."""
    given = {
        "sites": (Site("A", "north"), Site("B", "south")),
        "shifts": tuple(Span(480 * k, 480 * (k + 1)) for k in range(3)),
        "drive_min": ((0, 240), (240, 0)),
        "move_cents": ((0, 100), (100, 0)),
        "vehicles": (Vehicle("V", "A"),),
        "demand": (Demand("B", 1, (500,)), Demand("B", 2, (500,))),
    }
    return FleetProblem(**(given | more))


def cost(problem: FleetProblem) -> int:
    return shift_fleet(problem).certificate.objective_cents


@pytest.mark.parametrize("seed", range(120))
def test_no_plan_is_cheaper(seed: int) -> None:
    """The proven optimum is the brute force's, or both find none."""
    problem = random_fleet(seed, 2 + (seed % 4 == 0), 4, 2 - (seed % 4 == 0), DRIVERS[seed % 3])
    best = brute_force(problem)
    if best is None:
        with pytest.raises(BadProblem, match="rules"):
            solve_cpsat(problem)
        return
    certificate = solve_cpsat(problem).certificate
    assert (best, best) == (certificate.objective_cents, certificate.bound_cents)


@pytest.mark.parametrize("seed", range(36, 48))
def test_large_costs_are_proven_to_the_cent(seed: int) -> None:
    """Costs of some 10^11 cents, no two alike."""
    plain = random_fleet(seed, 2 + (seed % 4 == 0), 4, 2 - (seed % 4 == 0), DRIVERS[seed % 3])
    rng = np.random.default_rng(seed)

    def dear(cents: int) -> int:
        return cents and cents * 322_522_327 + int(rng.integers(0, 100_000_000))

    problem = replace(
        plain,
        move_cents=tuple(tuple(map(dear, row)) for row in plain.move_cents),
        demand=tuple(
            replace(one, values_cents=tuple(sorted(map(dear, one.values_cents), reverse=True))) for one in plain.demand
        ),
    )
    best = brute_force(problem)
    if best is not None:
        certificate = solve_cpsat(problem).certificate
        assert (best, best) == (certificate.objective_cents, certificate.bound_cents)


@pytest.mark.parametrize("seed", range(60))
def test_flow_and_search_agree(seed: int) -> None:
    """Vehicles alone: the min-cost flow and CP-SAT find the same cost, and the small ones the brute force's."""
    problem = random_fleet(seed, 3, 4, 12 if seed % 3 else 2, None, plain=True)
    assert suffices(problem)
    flow = solve_flow(problem).certificate
    assert flow.objective_cents == flow.bound_cents == solve_cpsat(problem).certificate.objective_cents
    if len(problem.vehicles) == 2:
        assert brute_force(problem) == flow.objective_cents


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), sites=st.integers(1, 5), vehicles=st.integers(0, 8), drivers=st.integers(0, 8))
def test_every_plan_passes_the_verifier(seed: int, sites: int, vehicles: int, drivers: int) -> None:
    """Larger fleets, where nobody can enumerate: verified, no bound above the cost; or nobody can come home."""
    problem = random_fleet(seed, sites, 5, vehicles, drivers)
    try:
        plan = shift_fleet(problem)
    except BadProblem:
        event("nobody can come home")
        return
    assert plan.certificate.gap >= 0


def test_the_same_fleet_gives_the_same_bytes() -> None:
    problem = random_fleet(12, 4, 5, 8, 8)
    first, second = (json.dumps(shift_fleet(problem).document()) for _ in range(2))
    assert first == second


def test_a_vehicle_goes_where_it_is_worth_its_way() -> None:
    """Worth 2 × 500 at B for 100: it leaves in shift 0; if it were worth 90 in all, it would stay."""
    plan = shift_fleet(two_sites())
    assert plan.certificate.objective_cents == 100
    assert plan.itineraries["V"] == (Step("move", 0, "A", "B"), Step("stay", 1, "B", "B"), Step("stay", 2, "B", "B"))
    assert cost(two_sites(demand=(Demand("B", 1, (90,)),))) == 90


def test_a_driver_who_drove_must_rest() -> None:
    """Arrived at minute 240, rested at 840: shift 1 begins at 480 without him, shift 2 at 960 with him."""
    driver = Driver("D", "A", home_by_end=False)
    assert cost(two_sites(drivers=(driver,))) == 100 + 500
    assert cost(two_sites(drivers=(driver, Driver("E", "B")))) == 100


def test_who_must_be_home_comes_home_or_does_not_go() -> None:
    """With one move allowed nobody goes. With two he brings the vehicle back at 960, rested; or he rides for 30."""
    assert cost(two_sites(drivers=(Driver("D", "A", max_moves=1),))) == 1000
    crew = (Driver("D", "A"), Driver("E", "B"), Driver("F", "B"))
    assert cost(two_sites(drivers=crew)) == 100 + 100 + 500
    assert cost(two_sites(drivers=crew, ride_cents=((0, 30), (30, 0)))) == 100 + 30


def test_licences_and_maintenance_keep_a_vehicle_at_home() -> None:
    assert cost(two_sites(vehicles=(Vehicle("V", "A", regions=frozenset({"north"})),))) == 1000
    assert cost(two_sites(vehicles=(Vehicle("V", "A", maintenance=(Span(100, 110),)),))) == 100 + 500
    assert cost(two_sites(vehicles=(Vehicle("V", "A", maintenance=(Span(1000, 1010),)),))) == 1000


def test_the_running_period_is_not_overdrawn() -> None:
    """70 hours of duty allowed and 68 used: he cannot drive for four."""
    crew = (Driver("D", "A", home_by_end=False, duty_used_min=68 * 60), Driver("E", "B"), Driver("F", "B"))
    assert cost(two_sites(drivers=crew)) == 1000


@pytest.mark.parametrize(
    ("hours", "driving", "elapsed", "duty"),
    [
        (US, 480, 480, 480),
        (US, 481, 511, 511),
        (US, 660, 690, 690),
        (US, 661, 690 + 600 + 1, 691),
        (EU, 270, 270, 270),
        (EU, 540, 585, 585),
        (EU, 541, 585 + 660 + 1, 586),
        (EU, 1080, 585 + 660 + 585, 1170),
    ],
)
def test_a_drive_takes_its_breaks_and_rests(hours: HoursOfService, driving: int, elapsed: int, duty: int) -> None:
    """49 CFR 395.3: 30 min after 8 h, 10 h after 11 h. Regulation 561/2006: 45 min after 4.5 h, 11 h after 9 h."""
    assert (elapsed, duty) == (hours.elapsed_min(driving), hours.duty_min(driving))
    assert (elapsed, duty) == journey(two_sites(hours=hours), driving)


def test_a_flow_is_refused_where_rules_are_individual() -> None:
    with pytest.raises(BadProblem, match="vehicles have no rules of their own"):
        solve_flow(two_sites(drivers=()))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sites": (Site("A"), Site("A"))}, "site 'A' is there more than once"),
        ({"vehicles": (Vehicle("V", "A"),), "drivers": (Driver("V", "A"),)}, "unit 'V' is there more than once"),
        ({"demand": (Demand("B", 1, ()), Demand("B", 1, ()))}, "'B in shift 1' is there more than once"),
        ({"shifts": ()}, "one shift at least"),
        ({"shifts": (Span(0, 500), Span(480, 900), Span(900, 960))}, "shifts must follow one another"),
        (
            {"shifts": (Span(0, 900), Span(900, 960), Span(960, 999)), "drivers": ()},
            "a shift of 900 min is longer than a duty",
        ),
        ({"drive_min": ((0, 1),)}, "drive_min must have 2 rows and columns"),
        ({"move_cents": ((0, -1), (0, 0))}, "move_cents must be 0 or more"),
        ({"vehicles": (Vehicle("V", "Z"),)}, "belongs to site 'Z', which is not among the sites"),
        ({"vehicles": (Vehicle("V", "A", regions=frozenset({"south"})),)}, "no licence for region 'north'"),
        ({"vehicles": (Vehicle("V", "A", max_moves=-1),)}, "may be moved -1 times"),
        ({"demand": (Demand("B", 7, (1,)),)}, "there is no such site or shift"),
        ({"demand": (Demand("B", 1, (1, 2)),)}, "never increase, but are (1, 2)"),
        ({"demand": (Demand("B", 1, (2**51,)),)}, "more than 2^50 cents"),
        ({"work_driving_min": 700}, "work_driving_min must be from 0 to 660"),
    ],
)
def test_a_fleet_that_contradicts_itself_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(BadProblem, match=re.escape(said)):
        two_sites(**more)


@pytest.mark.parametrize(("name", "value"), [("rest_min", 0), ("max_duty_min", 600)])
def test_hours_that_contradict_themselves_are_refused(name: str, value: int) -> None:
    with pytest.raises(BadProblem, match="hours of service"):
        replace(US, **{name: value})


def test_a_unit_that_cannot_keep_its_rules_is_named() -> None:
    stranded = Vehicle("V", "A", at="B", max_moves=0, home_by_end=True)
    with pytest.raises(BadProblem, match="unit 'V' at 'B' cannot keep its rules"):
        shift_fleet(two_sites(vehicles=(stranded,)))
    abroad = Driver("D", "A", at="B")
    with pytest.raises(BadProblem, match="those that must come home need a vehicle or a driver to come with"):
        shift_fleet(two_sites(vehicles=(), drivers=(abroad,)))


def test_too_little_effort_is_said() -> None:
    with pytest.raises(BadProblem, match="no plan of the fleet was found within 1e-09"):
        solve_cpsat(random_fleet(3, 6, 6, 12, 12), Budget(1e-9))


STAYS = tuple(Step("stay", k, "A", "A") for k in range(3))
NOBODY = (Served("B", 1, 0), Served("B", 2, 0))


@pytest.mark.parametrize(
    ("vehicle", "driver", "served", "cents", "said"),
    [
        (STAYS, STAYS, NOBODY, 999, "states 999 cents but costs 1000"),
        (STAYS, STAYS, (Served("B", 1, 1),), 500, "1 vehicles are said to serve 'B' in shift 1"),
        (STAYS, STAYS, (Served("A", 0, 1),), 1000, "where there is no demand"),
        (STAYS[1:], (Step("stay", 0, "B", "B"),), NOBODY, 1000, "is at 'A', not at 'B'"),
        (
            (Step("move", 0, "A", "B"),),
            STAYS,
            NOBODY,
            1100,
            "1 vehicles move from 'A' to 'B' in shift 0, but 0",
        ),
        (STAYS, (Step("ride", 0, "A", "B"),), NOBODY, 1000, "cannot ride"),
        (STAYS, (Step("work", 0, "A", "A"), Step("work", 1, "A", "A")), NOBODY, 1000, "is not free before minute 1080"),
        (STAYS, (Step("stay", 0, "A", "B"),), NOBODY, 1000, "changes its site by stay"),
        ((Step("move", 2, "A", "B"),), (Step("move", 2, "A", "B"),), NOBODY, 1100, "ends at 'B', not at home"),
        ((Step("work", 0, "A", "A"),), STAYS, NOBODY, 1000, "cannot work"),
    ],
)
def test_the_verifier_finds_what_is_wrong(vehicle: Any, driver: Any, served: Any, cents: int, said: str) -> None:
    plan = FleetPlan({"V": vehicle, "D": driver}, served, SideCertificate(cents, 0))
    with pytest.raises(PlanRejected, match=re.escape(said)):
        verify_fleet(two_sites(drivers=(Driver("D", "A"),)), plan)


@pytest.mark.parametrize(
    ("vehicle", "said"),
    [
        (Vehicle("V", "A", max_moves=0), "moves 1 times, and may 0 times"),
        (Vehicle("V", "A", regions=frozenset({"north"})), "has no licence for region 'south'"),
        (Vehicle("V", "A", maintenance=(Span(200, 210),)), "is not at home for its maintenance in shift 0"),
        (Vehicle("V", "A", maintenance=(Span(1200, 1210),)), "is not at home for its maintenance in shift 2"),
        (Vehicle("V", "A", free_from_min=1), "is not free before minute 1"),
        (Vehicle("V", "A", home_by_end=True), "ends at 'B', not at home"),
    ],
)
def test_the_verifier_knows_a_vehicles_rules(vehicle: Vehicle, said: str) -> None:
    away = (Step("move", 0, "A", "B"), Step("stay", 1, "B", "B"), Step("stay", 2, "B", "B"))
    plan = FleetPlan({"V": away}, (Served("B", 1, 1), Served("B", 2, 1)), SideCertificate(100, 0))
    verify_fleet(two_sites(), plan)
    with pytest.raises(PlanRejected, match=re.escape(said)):
        verify_fleet(two_sites(vehicles=(vehicle,)), plan)
