"""What the catalogue of actions assumes where no model can say, each with its source and date.

A plan lists every one that it used. Figures without a measurement behind them say so.
"""

from dataclasses import dataclass

UNMEASURED = "judgement of this catalogue, not measured; replace it by your own outcomes"


@dataclass(frozen=True)
class Assumption:
    """One number that is taken as given."""

    name: str
    value: float
    unit: str
    meaning: str
    source: str
    date: str


CATALOGUE: dict[str, Assumption] = {
    one.name: one
    for one in (
        Assumption(
            "notify_relief",
            0.15,
            "share",
            "of the failure cost that a warned customer avoids",
            UNMEASURED,
            "2026-11",
        ),
        Assumption("notify_handling_min", 2.0, "min", "of work for one notification", UNMEASURED, "2026-11"),
        Assumption(
            "expedite_removed",
            0.5,
            "share",
            "of every minute of delay that expediting removes",
            UNMEASURED,
            "2026-11",
        ),
        Assumption("expedite_handling_min", 10.0, "min", "of work for one expedite", UNMEASURED, "2026-11"),
        Assumption(
            "retender_wait_min",
            60.0,
            "min",
            "lost when a re-tender fails and the present carrier keeps the load",
            "waterfall clock: 45–90 min for each backup tried (C.H. Robinson)",
            "2023",
        ),
        Assumption(
            "retender_p_fail",
            0.5,
            "probability",
            "that a backup carrier does not accept, where no tender_failure model is in service",
            "acceptance of ~50 % at depth 3–4 of the routing guide (Caldwell & Fisher)",
            "2008",
        ),
        Assumption(
            "retender_cancel_cost",
            145.0,
            "money",
            "for taking a load back from a carrier that had accepted it",
            "about $145 for each cancellation after acceptance (MIT)",
            "2018",
        ),
        Assumption(
            "retender_extra_price",
            0.0,
            "money",
            "that a new carrier costs more, where its price or the present one is not known",
            UNMEASURED,
            "2026-11",
        ),
        Assumption("retender_handling_min", 15.0, "min", "of work for one re-tender", UNMEASURED, "2026-11"),
        Assumption(
            "rebook_passed_on",
            1.0,
            "share",
            "of the minutes by which a pickup is moved that the delay moves with it",
            "simulated network: about 4,000 loads re-booked 2, 4, 6 h earlier were 1 to 5 % later on average than this "
            "says; for later pickups it says too much",
            "2026-11",
        ),
        Assumption("rebook_notice_min", 120.0, "min", "of notice before the new pickup", UNMEASURED, "2026-11"),
        Assumption("rebook_handling_min", 8.0, "min", "of work for one re-booking", UNMEASURED, "2026-11"),
        Assumption(
            "own_vehicle_removed",
            0.35,
            "share",
            "of every minute of delay that a vehicle of one's own takes away",
            "simulated network, two runs: 36 and 45 % of the delay of late loads among 9,091",
            "2026-11",
        ),
        Assumption(
            "own_vehicle_per_h",
            90.75,
            "money/h",
            "that a vehicle of one's own costs at docks, on its way there, on the lane and home",
            "$2.270 a mile in 2023 at 39.98 mph (ATRI, Operational Costs of Trucking)",
            "2024",
        ),
        Assumption(
            "road_km_per_km",
            1.2,
            "ratio",
            "of road to great circle",
            "United States: 1.20 (Ballou, Rahardja, Sakai)",
            "2002",
        ),
        Assumption(
            "own_vehicle_km_h", 64.0, "km/h", "on the road", "39.98 mph (ATRI, Operational Costs of Trucking)", "2024"
        ),
        Assumption("own_vehicle_dock_min", 90.0, "min", "of loading, and of unloading", UNMEASURED, "2026-11"),
        Assumption("own_vehicle_notice_min", 120.0, "min", "of notice before it leaves", UNMEASURED, "2026-11"),
        Assumption(
            "own_vehicle_handling_min", 20.0, "min", "of work for one shift of a vehicle", UNMEASURED, "2026-11"
        ),
        Assumption(
            "escalate_relief",
            0.25,
            "share",
            "of the failure cost that a person avoids who takes up the case",
            UNMEASURED,
            "2026-11",
        ),
        Assumption(
            "carrier_down_failure_scale",
            3.0,
            "factor",
            "on the failure cost of a load that stays with a carrier that is down",
            UNMEASURED,
            "2026-11",
        ),
        Assumption(
            "site_closed_failure_scale",
            3.0,
            "factor",
            "on the failure cost of a load that waits for a closed site",
            UNMEASURED,
            "2026-11",
        ),
    )
}
"""Name → assumption."""


def assumed(name: str) -> float:
    """Value of an assumption of the catalogue."""
    return CATALOGUE[name].value
