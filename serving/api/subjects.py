"""Subjects described inline: rows of the canonical tables, as far as they are known when asked.

What the models predict (outcomes, impacts) has no column here.
"""

from pydantic import ConfigDict

from serving.api.fields import Amount, Flag, Identifier, Moment, Number, Rank, Row, Text, attributes_by_pattern


class ShipmentRow(Row):
    """A planned movement, as in the table ``shipments``."""

    model_config = ConfigDict(
        json_schema_extra=attributes_by_pattern(
            shipment_id="new-1",
            planned_delivery_at="2013-10-01T18:30:00Z",
            planned_pickup_at="2013-10-01T12:00:00Z",
            origin_id="JFK",
            destination_id="LAX",
            carrier_id="UA",
            distance_km=3983.0,
            x_tail="N505UA",
        )
    )

    shipment_id: Identifier
    planned_delivery_at: Moment
    known_at: Moment | None = None
    origin_id: Identifier | None = None
    destination_id: Identifier | None = None
    customer_id: Identifier | None = None
    carrier_id: Identifier | None = None
    business_unit: Text | None = None
    mode: Text | None = None
    equipment: Text | None = None
    service_level: Text | None = None
    customer_tier: Text | None = None
    lane_class: Text | None = None
    released_at: Moment | None = None
    planned_pickup_at: Moment | None = None
    distance_km: Amount | None = None
    weight_kg: Amount | None = None
    volume_m3: Amount | None = None
    value: Amount | None = None
    late_after_min: Number | None = None
    late_penalty: Amount | None = None


class TenderRow(Row):
    """An offer of a shipment to a carrier, as in the table ``tenders``, without its answer."""

    model_config = ConfigDict(
        json_schema_extra=attributes_by_pattern(
            tender_id="new-1",
            offered_at="2013-10-01T06:00:00Z",
            shipment_id="2013-10-01/UA/1545/EWR",
            carrier_id="UA",
            sequence=1,
            price=1250.0,
        )
    )

    tender_id: Identifier
    offered_at: Moment
    shipment_id: Identifier | None = None
    carrier_id: Identifier | None = None
    sequence: Rank | None = None
    respond_by: Moment | None = None
    price: Amount | None = None
    contract: Flag | None = None
    known_at: Moment | None = None


class ExceptionRow(Row):
    """Something that went wrong, as in the table ``exceptions``, without its impact."""

    model_config = ConfigDict(
        json_schema_extra=attributes_by_pattern(
            exception_id="new-1",
            kind="pickup_missed",
            raised_at="2013-10-01T06:15:00Z",
            shipment_id="2013-10-01/UA/1545/EWR",
            carrier_id="UA",
        )
    )

    exception_id: Identifier
    kind: Identifier
    raised_at: Moment
    shipment_id: Identifier | None = None
    site_id: Identifier | None = None
    customer_id: Identifier | None = None
    carrier_id: Identifier | None = None
    shift: Text | None = None
    known_at: Moment | None = None
