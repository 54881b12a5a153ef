"""An own vehicle takes a load: reach, hours of service, what it costs, and the shifts it is taken from."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.params import CostParams
from optimization.actions.do_nothing import DoNothing
from optimization.actions.shift_capacity import ShiftCapacity
from optimization.candidates import propose_all
from optimization.own_fleet import OwnFleet, trip_rows
from optimization.problem import build_problem
from optimization.resources import shared_resources
from optimization.solve import solve
from store.frames import completed
from tests.optimization.test_actions import AS_OF, cases, context

PICKUP = pd.Timestamp("2026-03-02T18:00Z")
DEGREE_KM = 111.19
"""Of longitude on the equator, where the places of these tests lie."""


def fleet(vehicles: int = 1, depots: tuple[str, ...] = ("D",), drivers: int | None = 1) -> OwnFleet:
    """Depots D (where A is) and E (two degrees west) with shifts of 8 hours from 8:00 on; B lies a degree east."""
    places = pd.DataFrame({"lat": 0.0, "lon": [0.0, 1.0, 0.0, -2.0]}, index=["A", "B", "D", "E"])
    begins = pd.Timestamp(AS_OF) + pd.to_timedelta(8 * np.arange(4), unit="h")
    kinds = [("vehicle_depot_shift", vehicles), *([("driver_depot_shift", drivers)] if drivers is not None else [])]
    rows = [
        (kind, depot, begin, begin + pd.Timedelta(hours=8), float(amount))
        for kind, amount in kinds
        for depot in depots
        for begin in begins
    ]
    shifts = pd.DataFrame(rows, columns=["kind", "depot_id", "from_at", "until_at", "amount"])
    moments = dict.fromkeys(("from_at", "until_at"), "datetime64[us, UTC]")
    return OwnFleet(shifts.astype(moments | dict.fromkeys(("kind", "depot_id"), "str")), places)


def waiting(n: int = 1, **columns: Any) -> pd.DataFrame:
    frame = cases(case_id=[f"S{k}" for k in range(n)], **({"planned_pickup_at": [PICKUP] * n} | columns))
    pickup = pd.to_datetime(frame["planned_pickup_at"], utc=True).astype("datetime64[us, UTC]")
    return frame.assign(planned_pickup_at=pickup).astype({"origin_id": "str", "destination_id": "str"})


def propose(frame: pd.DataFrame | None = None, delay: float = 600.0, **more: Any) -> Any:
    frame = waiting() if frame is None else frame
    return ShiftCapacity().propose(frame, context(len(frame), delay, **({"own_fleet": fleet()} | more)))


def test_a_trip_is_priced_by_its_hours() -> None:
    """A degree and back at 1.2 and 64 km/h, and 3 h at docks, at 90.75; less 1000 for the carrier, 145 to cancel."""
    made = propose()
    hours = 2 * 1.2 * DEGREE_KM / 64 + 3
    assert made.trips.depot_id.tolist() == ["D"]
    assert made.direct_cost.tolist() == pytest.approx([90.75 * hours - 1000 + 145], rel=1e-4)
    assert made.risk.failure_cost.tolist() == pytest.approx([(0.65 * 600 - 15) * 2])
    assert made.handling_min.tolist() == [20.0]


def test_what_saves_nothing_is_not_proposed() -> None:
    """Without a price to save, 650 for the trip are more than the 420 that it takes off the failure."""
    assert len(propose(waiting(price=[np.nan])).case) == 0


def test_another_depot_must_reach_the_load_in_time() -> None:
    """E is 4 h 11 min away: a pickup at 18:00 is reached, one at 12:00 would have it leave before 8:00."""
    far = {"own_fleet": fleet(depots=("E",)), "delay": 3_000.0}
    made = propose(**far)
    assert made.trips.depot_id.tolist() == ["E"]
    away = np.ceil(2 * 1.2 * DEGREE_KM / 64 * 60)
    assert made.trips.leaves_min.tolist() == pytest.approx([600 - away])
    noon = waiting(planned_pickup_at=[pd.Timestamp("2026-03-02T12:00Z")])
    assert len(propose(noon, **far).case) == 0


def test_a_driver_rests_on_a_long_way_home() -> None:
    """E to A to B to E: 6 degrees at 1.2 are 751 min at the wheel, on top 30 of break, 600 of rest, 180 at docks."""
    made = propose(own_fleet=fleet(depots=("E",)), delay=3_000.0)
    wheel = np.ceil(6 * 1.2 * DEGREE_KM / 64 * 60)
    assert (made.trips.returns_min - made.trips.leaves_min).tolist() == pytest.approx([wheel + 30 + 600 + 180])


@pytest.mark.parametrize(
    ("columns", "more"),
    [
        ({"stage": ["X3"]}, {}),
        ({"picked_up": [True]}, {}),
        ({"destination_id": ["nowhere"]}, {}),
        ({"planned_pickup_at": [pd.NaT]}, {}),
        ({}, {"own_fleet": fleet(vehicles=0)}),
        ({}, {"own_fleet": None}),
        ({"planned_pickup_at": [pd.Timestamp("2026-03-04T18:00Z")]}, {}),
    ],
)
def test_where_no_vehicle_can_go_there_is_no_candidate(columns: dict[str, Any], more: dict[str, Any]) -> None:
    """Under way, an unknown place or pickup, no vehicle, none known, or a shift beyond what is known."""
    assert len(propose(waiting(**columns), **more).case) == 0


def test_the_cheapest_depots_come_first() -> None:
    made = propose(own_fleet=fleet(depots=("E", "D")), delay=3_000.0)
    assert made.trips.depot_id.tolist() == ["D", "E"]


def test_a_trip_takes_every_shift_it_falls_into() -> None:
    """From D it leaves at 18:00 and is back 7 h 10 min later, at 1:10: the shifts of 16:00 and of midnight."""
    table = propose_all(waiting(), context(1, 600.0, own_fleet=fleet()), [DoNothing(), ShiftCapacity()]).table
    rows = trip_rows(table, fleet())
    assert sorted(set(rows["resource_id"])) == [
        "driver_depot_shift:D@2026-03-02T16:00Z",
        "driver_depot_shift:D@2026-03-03T00:00Z",
        "vehicle_depot_shift:D@2026-03-02T16:00Z",
        "vehicle_depot_shift:D@2026-03-03T00:00Z",
    ]
    assert set(rows["action_id"]) == {"S0/shift_capacity:D"}


@pytest.mark.parametrize(("vehicles", "drivers", "taken"), [(2, 2, 2), (1, 2, 1), (2, 1, 1), (2, 0, 0), (3, None, 3)])
def test_the_joint_plan_has_only_so_many(vehicles: int, drivers: int | None, taken: int) -> None:
    """Three loads that a vehicle would pay for: as many get one as there are vehicles and, where known, drivers."""
    own = fleet(vehicles, drivers=drivers)
    table = propose_all(waiting(3), context(3, 600.0, own_fleet=own), [DoNothing(), ShiftCapacity()]).table
    capacity = completed("capacity", pd.DataFrame([]))
    shared = shared_resources(table.assign(review_min=0), capacity, AS_OF, CostParams(), own_fleet=own)
    solution = solve(build_problem(table, shared.usage, shared.resources))
    assert sum("shift_capacity" in action for action in solution.choice.values()) == taken
    assert {unit for name, unit in shared.units.items() if "depot_shift" in name} == {"units"}


def test_distance_is_that_of_the_great_circle() -> None:
    """Paris to New York, 5,837 km (haversine on a sphere of 6,371 km)."""
    places = pd.DataFrame({"lat": [48.8566, 40.7128], "lon": [2.3522, -74.006]}, index=["P", "N"])
    known = OwnFleet(fleet().shifts, places)
    km = known.distance_km(pd.Series(["P", "P"]), pd.Series(["N", "?"]))
    assert km[0] == pytest.approx(5_837, abs=2)
    assert np.isnan(km[1])
