"""Code lists the tables speak.

Sources: ASC X12 element 1650 (shipment status), 1651 (status reason), 558 (reservation
action, transaction set 990), 890 (tender decline reason). The same letters mean different
things in different lists, so a code is never stored without its list.
"""

from enum import StrEnum

X12_STATUS = "x12-1650"
"""The code list of milestones that name none."""

DELIVERED = "D1"
CANCELLED = "CA"
DEPARTED_PICKUP = "AF"
ENDING_CODES = (DELIVERED, CANCELLED)
"""Milestones of :data:`X12_STATUS` after which a shipment has no further stage."""

STATUS_MEANINGS = {
    "X3": "arrived at pickup",
    "AF": "departed pickup",
    "X6": "en route",
    "X1": "arrived at delivery",
    "D1": "delivered",
    "SD": "delayed",
    "A7": "refused by consignee",
    "A9": "damaged",
    "CA": "cancelled",
}


class TenderOutcome(StrEnum):
    """What became of one offer to one carrier (X12 990, element 558)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CONDITIONAL = "conditional"
    COUNTER_PROPOSAL = "counter_proposal"
    CANCELLED = "cancelled"
    OPEN = "open"


FAILED_OUTCOMES = frozenset(
    {
        TenderOutcome.REJECTED,
        TenderOutcome.EXPIRED,
        TenderOutcome.CONDITIONAL,
        TenderOutcome.COUNTER_PROPOSAL,
    }
)
"""Outcomes that count as a failed tender; ``cancelled`` and ``open`` count as neither."""

EXCEPTION_KINDS = (
    "tender_rejected",
    "tender_expired",
    "pickup_missed",
    "eta_slip",
    "delivery_failed",
    "short_pick",
    "inventory_mismatch",
    "damaged",
    "refused",
    "customs_hold",
    "document_missing",
    "pod_mismatch",
    "invoice_mismatch",
    "dock_congestion",
    "equipment_failure",
    "weather",
)
"""Kinds with a settled meaning. The list is open: a user's own kinds are kept as they are."""


class Severity(StrEnum):
    """Ordinal classes of an exception, cut from its realised impact, mildest first."""

    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    CRITICAL = "critical"


CAPACITY_KINDS = (
    "carrier_lane_day",
    "dock_site_hour",
    "vehicle_depot_shift",
    "driver_depot_shift",
    "premium_budget",
    "review_min",
)
