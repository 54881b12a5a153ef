"""Docks in the plan: hours as known, pickups that are booked, and a re-booking that the plan chooses."""

from typing import Any

from decisions.dock_hours import dock_hours
from decisions.known_tables import KnownTables
from decisions.plan_file import plan_bytes
from decisions.planner import Made, make_plan
from governance.policy import load_policy
from tests.decisions.network import AS_OF, FakeDataset, at, milestone, shipment, tiny_network, tiny_scoring


def dock_hour(hours: float, amount: float = 1.0, **more: Any) -> dict[str, Any]:
    return {
        "resource_id": "dock_site_hour:A",
        "kind": "dock_site_hour",
        "site_id": "A",
        "amount": amount,
        "from_at": at(hours),
        "until_at": at(hours + 1),
        "known_at": at(-24),
    } | more


def with_docks(*rows: dict[str, Any]) -> FakeDataset:
    """The tiny network, all pickups of its site A at 14:00, six hours ahead."""
    network = tiny_network()
    network.rows["shipments"] = [
        {**row, "planned_pickup_at": at(6), "planned_delivery_at": at(20)} for row in network.rows["shipments"][:2]
    ]
    network.rows["capacity"] = list(rows)
    return network


def plan(network: FakeDataset) -> Made:
    return make_plan(network, tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]


def test_an_hour_counts_who_still_waits_for_it() -> None:
    """Two wait at 14:00; who was picked up, cancelled, or is not known yet does not."""
    network = with_docks(dock_hour(6), dock_hour(-3))
    network.rows["shipments"] += [
        shipment("gone", planned_pickup_at=at(6)),
        shipment("cancelled", planned_pickup_at=at(6)),
        shipment("later", planned_pickup_at=at(6), known_at=at(1)),
    ]
    network.rows["milestones"] += [milestone("gone", "AF", -1)]
    hours = dock_hours(KnownTables(network, AS_OF))  # type: ignore[arg-type]
    assert hours["booked"].tolist() == [2]
    assert hours["from_at"].tolist() == [at(6)]


def test_hours_known_later_are_not_there() -> None:
    network = with_docks(dock_hour(6), dock_hour(5, known_at=at(1)))
    assert dock_hours(KnownTables(network, AS_OF))["from_at"].tolist() == [at(6)]  # type: ignore[arg-type]


def test_the_plan_re_books_into_the_free_hours() -> None:
    """S1 and S2 are late by hours; with 10:00 free one of them goes there, and its limit is full."""
    made = plan(with_docks(dock_hour(2), dock_hour(6, 2.0))).plan
    moved = {case.case_id: case.decision for case in made.cases if case.decision.kind == "rebook_dock"}
    assert len(moved) == 1
    (option,) = moved.values()
    assert option.action == "rebook_dock:2026-03-02T10:00Z"
    assert option.pickup_at == "2026-03-02T10:00:00Z"
    assert option.verdict.rules == ("moving a pickup",)
    limits = {limit.resource_id: limit for limit in made.limits}
    assert limits["dock_site_hour:A@2026-03-02T10:00Z"].used == 1
    assert {one.name for one in made.assumptions} >= {"rebook_passed_on", "rebook_notice_min"}


def test_a_plan_with_docks_gives_the_same_bytes_twice() -> None:
    network = with_docks(*(dock_hour(hour) for hour in (2, 3, 4)), dock_hour(6, 2.0))
    assert plan_bytes(plan(network).plan) == plan_bytes(plan(network).plan)


def test_without_dock_hours_the_plan_is_as_before() -> None:
    kinds = {option.kind for case in plan(with_docks()).plan.cases for option in case.options}
    assert "rebook_dock" not in kinds
