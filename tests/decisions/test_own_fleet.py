"""Own vehicles in the plan: shifts and places as known, and a vehicle that the plan sends."""

from typing import Any

from decisions.known_tables import KnownTables
from decisions.own_fleet import own_fleet
from decisions.plan_file import plan_bytes
from decisions.planner import Made, make_plan
from governance.policy import load_policy
from tests.decisions.network import AS_OF, FakeDataset, at, tiny_network, tiny_scoring


def depot_shift(kind: str, hours: float, **more: Any) -> dict[str, Any]:
    return {
        "resource_id": f"{kind}_depot_shift:A",
        "kind": f"{kind}_depot_shift",
        "depot_id": "A",
        "amount": 1.0,
        "from_at": at(hours),
        "until_at": at(hours + 8),
        "known_at": at(-24),
    } | more


def with_fleet(*rows: dict[str, Any]) -> FakeDataset:
    """The tiny network with a depot at A, B and C 30 km away, and pickups at 14:00."""
    network = tiny_network()
    network.rows["shipments"] = [
        {**row, "planned_pickup_at": at(6), "planned_delivery_at": at(20)} for row in network.rows["shipments"]
    ]
    network.rows["sites"] = [
        {"site_id": site, "lat": 0.0, "lon": lon} for site, lon in (("A", 0.0), ("B", 0.27), ("C", -0.27))
    ] + [{"site_id": "no place"}]
    network.rows["capacity"] = list(rows)
    return network


def plan(network: FakeDataset) -> Made:
    return make_plan(network, tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]


def test_shifts_that_are_over_or_known_later_are_not_there() -> None:
    rows = (depot_shift("vehicle", 0), depot_shift("vehicle", -8), depot_shift("vehicle", 8, known_at=at(1)))
    known = own_fleet(KnownTables(with_fleet(*rows), AS_OF))  # type: ignore[arg-type]
    assert known.shifts["from_at"].tolist() == [at(0)]
    assert known.depots == ["A"]
    assert sorted(known.places.index) == ["A", "B", "C"]


def test_the_plan_sends_the_vehicle_where_it_saves_most() -> None:
    """S5 is 300 min late at 4 a minute: a vehicle saves 420 for about 390. There is one."""
    rows = [depot_shift(kind, hours) for kind in ("vehicle", "driver") for hours in (0, 8, 16)]
    made = plan(with_fleet(*rows)).plan
    offered = {
        case.case_id: option for case in made.cases for option in case.options if option.kind == "shift_capacity"
    }
    assert "S5" in offered
    option = offered["S5"]
    assert (option.action, option.depot_id) == ("shift_capacity:A", "A")
    assert option.verdict.rules == ("an own vehicle instead of the carrier",)
    assert any(name.startswith("vehicle_depot_shift:A@") for name in option.uses)
    assert {"own_vehicle_removed", "own_vehicle_per_h"} <= {one.name for one in made.assumptions}
    used = [limit for limit in made.limits if limit.unit == "units"]
    assert used
    assert all(limit.used <= limit.available for limit in used)


def test_a_plan_with_a_fleet_gives_the_same_bytes_twice() -> None:
    network = with_fleet(*(depot_shift("vehicle", hours) for hours in (0, 8, 16)))
    assert plan_bytes(plan(network).plan) == plan_bytes(plan(network).plan)


def test_without_vehicles_the_plan_is_as_before() -> None:
    kinds = {option.kind for case in plan(with_fleet()).plan.cases for option in case.options}
    assert "shift_capacity" not in kinds
