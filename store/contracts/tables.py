"""The one declaration of every canonical table. Great Expectations suites and checks are generated from it."""

from domain.codes import CAPACITY_KINDS, STATUS_MEANINGS, X12_STATUS, TenderOutcome
from domain.facts import FACTS
from store.contracts.columns import CodesOf, Column, Contract, Kind


def _text(*names: str, required: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TEXT, required) for name in names)


def _moment(*names: str, required: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.MOMENT, required) for name in names)


def _number(
    *names: str, required: bool = False, low: float | None = None, high: float | None = None
) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.NUMBER, required, low, high) for name in names)


def _code(name: str, codes: tuple[str, ...]) -> tuple[Column, ...]:
    return (Column(name, Kind.TEXT, True, codes=codes),)


SHIPMENTS = Contract(
    "shipments",
    (
        *_text("shipment_id", required=True),
        *_moment("known_at", required=True),
        *_text("origin_id", "destination_id", "customer_id", "carrier_id", "business_unit", "mode", "equipment"),
        *_text("service_level", "customer_tier", "lane_class"),
        *_moment("released_at", "planned_pickup_at", "planned_delivery_at"),
        *_number("distance_km", "weight_kg", "volume_m3", "value", low=0),
        *_number("late_after_min"),
        *_number("late_penalty", low=0),
    ),
    ordered=(("planned_pickup_at", "planned_delivery_at"),),
)

TENDERS = Contract(
    "tenders",
    (
        *_text("tender_id", required=True),
        *_moment("known_at", "offered_at", required=True),
        *_text("shipment_id", "carrier_id"),
        *_number("sequence", low=1),
        *_moment("respond_by"),
        *_number("price", low=0),
        Column("contract", Kind.FLAG),
        *_code("outcome", tuple(TenderOutcome)),
        *_moment("outcome_at", "outcome_known_at"),
        *_text("reason_list", "reason"),
    ),
    ordered=(("outcome_at", "outcome_known_at"),),
)

MILESTONES = Contract(
    "milestones",
    (
        *_text("shipment_id", "code_list", "code", required=True),
        *_moment("known_at", "occurred_at", required=True),
        *_text("stop", "site_id"),
        *_moment("planned_at"),
    ),
    listed=(CodesOf("code", "code_list", X12_STATUS, tuple(STATUS_MEANINGS)),),
)

EXCEPTIONS = Contract(
    "exceptions",
    (
        *_text("exception_id", "kind", required=True),
        *_moment("known_at", "raised_at", required=True),
        *_text("shipment_id", "site_id", "customer_id", "carrier_id", "shift"),
        *_number("impact"),
        *_moment("resolved_at"),
        *_text("resolved_by"),
        *_moment("resolved_known_at"),
    ),
    ordered=(("resolved_at", "resolved_known_at"),),
)

SIGNALS = Contract(
    "signals",
    (
        *_text("place_id", "name", required=True),
        *_number("value", required=True),
        *_moment("observed_at", "known_at", required=True),
    ),
)

CARRIERS = Contract("carriers", (*_text("carrier_id", required=True), *_text("kind", "equipment")))

SITES = Contract(
    "sites",
    (
        *_text("site_id", required=True),
        *_text("kind"),
        *_number("lat", low=-90, high=90),
        *_number("lon", low=-180, high=180),
        *_text("timezone"),
        *_number("doors", low=0),
    ),
)

RATES = Contract(
    "rates",
    (
        *_text("carrier_id", "origin_id", "destination_id", required=True),
        *_number("price", required=True, low=0),
        *_text("equipment"),
        *_number("sequence", low=1),
        *_number("weekly_commitment", low=0),
        *_moment("valid_from", "valid_until"),
        *_moment("known_at", required=True),
    ),
    ordered=(("valid_from", "valid_until"),),
)

CAPACITY = Contract(
    "capacity",
    (
        *_text("resource_id", required=True),
        *_code("kind", CAPACITY_KINDS),
        *_number("amount", required=True, low=0),
        *_text("carrier_id", "origin_id", "destination_id", "site_id", "depot_id", "business_unit", "team"),
        *_moment("from_at", "until_at"),
        *_text("unit"),
        *_moment("known_at", required=True),
    ),
    ordered=(("from_at", "until_at"),),
)

FLEET = Contract(
    "fleet",
    (
        *_text("unit_id", "kind", "depot_id", required=True),
        *_text("shift"),
        *_moment("maintenance_from", "maintenance_until"),
    ),
    ordered=(("maintenance_from", "maintenance_until"),),
)

CONTRACTS: dict[str, Contract] = {
    contract.table: contract
    for contract in (
        SHIPMENTS, TENDERS, MILESTONES, EXCEPTIONS, SIGNALS, CARRIERS, SITES, RATES, CAPACITY, FLEET,
    )
}  # fmt: skip
"""The contract of every table, in the rank order of :data:`domain.facts.FACTS`."""

ALWAYS_KNOWN = ("rates", "capacity")
"""Reference tables with ``known_at`` whose records count as always known where nothing says when."""


def supplied(table: str) -> tuple[str, ...]:
    """Required columns that the user must supply: those that no default fills."""
    fact = FACTS[table]
    filled = {"code_list"}
    if fact.known_default is not None:
        filled.add("known_at")
    return tuple(column.name for column in CONTRACTS[table].columns if column.required and column.name not in filled)
