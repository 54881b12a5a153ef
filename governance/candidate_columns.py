"""The candidate table: every column that a policy's predicate may use, with its DuckDB type and meaning.

One row is one candidate action of one case. What does not apply, or is not known, is NULL, and a
predicate that comes out NULL counts as the stricter answer: guard it, as in
``value IS NOT NULL AND direct_cost > value``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its DuckDB type and what it says."""

    kind: str
    meaning: str


ACTION_KINDS = ("do_nothing", "notify", "expedite", "retender", "rebook_dock", "shift_capacity", "escalate")
"""Every value of the column ``action``."""

CANDIDATE_COLUMNS: dict[str, Column] = {
    "action": Column("VARCHAR", f"kind of the action: {', '.join(ACTION_KINDS)}"),
    "case_kind": Column("VARCHAR", "shipment, or exception (one without a shipment)"),
    "stage": Column("VARCHAR", "latest stage reached: release, tendered, or a milestone's code"),
    "exception_kind": Column("VARCHAR", "kind of the open exception with the largest impact"),
    "open_exceptions": Column("BIGINT", "number of open exceptions of the case"),
    "carrier_id": Column("VARCHAR", "carrier that moves the shipment now"),
    "new_carrier_id": Column("VARCHAR", "carrier after a re-tender"),
    "pickup_moved_min": Column("DOUBLE", "minutes by which a re-booking moves the pickup; below 0 earlier"),
    "from_depot_id": Column("VARCHAR", "depot of the own vehicle that takes the load"),
    "origin_id": Column("VARCHAR", "where the shipment starts"),
    "destination_id": Column("VARCHAR", "where it goes"),
    "customer_id": Column("VARCHAR", "whose it is"),
    "customer_tier": Column("VARCHAR", "tier of the customer"),
    "business_unit": Column("VARCHAR", "unit that pays"),
    "mode": Column("VARCHAR", "mode of transport"),
    "equipment": Column("VARCHAR", "equipment"),
    "service_level": Column("VARCHAR", "service level"),
    "lane_class": Column("VARCHAR", "class of the lane"),
    "value": Column("DOUBLE", "value of the goods, money"),
    "price": Column("DOUBLE", "freight price, money"),
    "hours_to_planned_delivery": Column("DOUBLE", "hours from as_of to the planned delivery; below 0 overdue"),
    "p_late": Column("DOUBLE", "P(late) after the action"),
    "p_late_now": Column("DOUBLE", "P(late) with nothing done"),
    "expected_delay_min": Column("DOUBLE", "mean delay after the action, minutes"),
    "direct_cost": Column("DOUBLE", "money paid at once"),
    "handling_min": Column("DOUBLE", "minutes of a person's work"),
    "failure_cost": Column("DOUBLE", "expected cost of service failure after the action, money"),
    "expected_cost": Column("DOUBLE", "direct + handling + failure cost, money"),
    "saving": Column("DOUBLE", "expected cost of doing nothing − expected cost of this action, money"),
    "assumed": Column("BOOLEAN", "whether the risk after the action rests on a stated assumption"),
    "out_of_support": Column("VARCHAR", "why a prediction lies outside what its model was trained on; else NULL"),
}
"""Name → column, in the order of the documentation."""
