"""Places at a dock, re-bookings and vehicles of one's own in scenarios."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd

from optimization.scenarios.carrier_down import CarrierDown
from optimization.scenarios.change import Change
from optimization.scenarios.demand import Demand
from optimization.scenarios.scenario import Scenario
from optimization.scenarios.site_closed import SiteClosed
from optimization.scenarios.situation import FACTS, Situation
from optimization.solve import solve
from tests.optimization.scenarios.situations import records


def changed(change: Change, situation: Situation) -> Situation:
    return Scenario("it", (change,)).applied(situation).situation


def at_the_dock() -> Situation:
    """Two loads of carrier C1 hold both places of an hour at A; each could be re-booked to the next hour, be
    re-tendered, or be taken by a vehicle of one's own."""
    rows, uses = [], []
    for case in ("S1", "S2"):
        for kind, of_action in (
            ("do_nothing", {}),
            ("rebook_dock", {"pickup_at": "2026-03-02T09:00:00Z"}),
            ("retender", {"new_carrier_id": "C2"}),
            ("shift_capacity", {"depot_id": "A"}),
        ):
            of_case = {"carrier_id": "C1", "origin_id": "A", "destination_id": "D"}
            planned = {"planned_pickup_at": "2026-03-02T08:00:00Z", "planned_delivery_at": "2026-03-03T08:00:00Z"}
            cost = {"cost_cents": 100, "direct_cents": 0, "handling_cents": 0, "failure_cents": 100, "p_late": 0.25}
            ids = {"case_id": case, "action_id": f"{case}/{kind}", "label": kind, "action": kind}
            rows.append({**ids, **of_case, **planned, **cost, **of_action})
            hour = "09:00" if kind == "rebook_dock" else "08:00"
            uses.append((f"{case}/{kind}", f"dock_site_hour:A@2026-03-02T{hour}Z", 1))
    limits = [(f"dock_site_hour:A@2026-03-02T{hour}Z", 2) for hour in ("08:00", "09:00")]
    return Situation(
        pd.DataFrame(rows)
        .reindex(columns=["case_id", "action_id", "cost_cents", *FACTS])
        .assign(p_refused=float("nan"), stage="tendered"),
        pd.DataFrame(uses, columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(limits, columns=["resource_id", "hi"])
        .assign(lo=None, penalty_lo_cents=None, penalty_hi_cents=None)
        .astype(dict.fromkeys(["lo", "hi", "penalty_lo_cents", "penalty_hi_cents"], "Int64")),
        pd.DataFrame(columns=["action_id_1", "action_id_2"]),
    )


def limits_of(situation: Situation) -> dict[str, int]:
    return {row["resource_id"].partition("T")[2]: row["hi"] for row in records(situation.resources)}


def test_copies_wait_where_the_dock_has_no_place_for_them() -> None:
    """Four loads hold places of an hour that turns two; the next hour has what it had."""
    after = changed(Demand(Decimal(2)), at_the_dock())
    assert limits_of(after) == {"08:00Z": 4, "09:00Z": 2}
    assert solve(after.build()).objective == 400


def test_a_load_is_re_booked_out_of_a_closed_hour_but_not_into_one() -> None:
    """Closed for the hour that is booked: re-booking stays, what would move a load then does not. Closed for the
    next one: nobody is re-booked into it, and it has no place."""
    now, later = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (8, 9))
    first = changed(SiteClosed(("A",), now, later), at_the_dock())
    assert set(first.candidates["action"]) == {"do_nothing", "rebook_dock"}
    assert limits_of(first) == {"08:00Z": 2, "09:00Z": 2}
    assert first.candidates.set_index("action_id")["cost_cents"].to_dict()["S1/rebook_dock"] == 100
    second = changed(SiteClosed(("A",), later), at_the_dock())
    assert set(second.candidates["action"]) == {"do_nothing", "retender", "shift_capacity"}
    assert limits_of(second) == {"08:00Z": 2, "09:00Z": 0}


def test_a_load_that_has_left_is_not_kept_by_its_origin() -> None:
    """Under way it passes only its destination; at the pickup, or before, it waits."""
    table = at_the_dock().candidates.assign(stage=["X3"] * 4 + ["AF"] * 4)
    situation = replace(at_the_dock(), candidates=table)
    after = changed(SiteClosed(("A",), failure_scale=Decimal(2)), situation)
    assert set(after.candidates.loc[after.candidates["case_id"] == "S1", "action"]) == {"do_nothing"}
    assert set(after.candidates.loc[after.candidates["case_id"] == "S2", "cost_cents"]) == {100}
    there = changed(SiteClosed(("D",), failure_scale=Decimal(2)), situation)
    assert there.candidates["cost_cents"].tolist() == [200, 200]


def test_a_vehicle_of_ones_own_takes_a_load_from_the_carrier_that_is_down() -> None:
    """It costs what it cost; the load that waits or is re-booked stays with the carrier and fails twice as often."""
    after = changed(CarrierDown(("C1",), Decimal(2)), at_the_dock())
    cost = after.candidates.groupby("action")["cost_cents"].first().to_dict()
    assert cost == {"do_nothing": 200, "rebook_dock": 200, "retender": 100, "shift_capacity": 100}
