"""Subjects described inline: rows of the canonical tables, as far as they are known when asked.

What the models predict (outcomes, impacts) has no column here.
"""

from pydantic import ConfigDict, Field

from serving.api.fields import Amount, Flag, Identifier, Moment, Number, Rank, Row, Text, attributes_by_pattern


class ShipmentRow(Row):
    """A planned movement, as in the table `shipments`."""

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
    planned_delivery_at: Moment = Field(description="What the delay is measured from.")
    known_at: Moment | None = Field(default=None, description="When the record became known; by default as_of.")
    origin_id: Identifier | None = None
    destination_id: Identifier | None = None
    customer_id: Identifier | None = None
    carrier_id: Identifier | None = None
    business_unit: Text | None = None
    mode: Text | None = Field(default=None, description="Road, rail, air, ocean, parcel, …")
    equipment: Text | None = Field(default=None, description="Kind of vehicle or container.")
    service_level: Text | None = None
    customer_tier: Text | None = None
    lane_class: Text | None = Field(default=None, description="The user's own classes of lanes.")
    released_at: Moment | None = Field(default=None, description="When it was released for dispatch.")
    planned_pickup_at: Moment | None = None
    distance_km: Amount | None = None
    weight_kg: Amount | None = None
    volume_m3: Amount | None = None
    value: Amount | None = Field(default=None, description="Value of the goods, in the data set's currency.")
    late_after_min: Number | None = Field(
        default=None, description="Late means delivered more than this after plan; by default the data set's."
    )
    late_penalty: Amount | None = Field(default=None, description="What being late costs, in the data set's currency.")


class TenderRow(Row):
    """An offer of a shipment to a carrier, as in the table `tenders`, without its answer."""

    model_config = ConfigDict(
        json_schema_extra=attributes_by_pattern(
            tender_id="new-1",
            offered_at="2013-10-01T06:00:00Z",
            shipment_id="UA-1545-EWR-20131001T1000Z",
            carrier_id="UA",
            sequence=1,
            price=1250.0,
        )
    )

    tender_id: Identifier
    offered_at: Moment
    shipment_id: Identifier | None = None
    carrier_id: Identifier | None = None
    sequence: Rank | None = Field(default=None, description="Place in the routing guide, from 1.")
    respond_by: Moment | None = Field(default=None, description="Silence until then is a refusal.")
    price: Amount | None = Field(default=None, description="What is offered, in the data set's currency.")
    contract: Flag | None = Field(default=None, description="Whether the price is a contract's.")
    known_at: Moment | None = Field(default=None, description="When the record became known; by default as_of.")


class ExceptionRow(Row):
    """Something that went wrong, as in the table `exceptions`, without its impact."""

    model_config = ConfigDict(
        json_schema_extra=attributes_by_pattern(
            exception_id="new-1",
            kind="pickup_missed",
            raised_at="2013-10-01T06:15:00Z",
            shipment_id="UA-1545-EWR-20131001T1000Z",
            carrier_id="UA",
        )
    )

    exception_id: Identifier
    kind: Identifier = Field(description="Such as tender_rejected, eta_slip, damaged, or a kind of your own.")
    raised_at: Moment
    shipment_id: Identifier | None = None
    site_id: Identifier | None = None
    customer_id: Identifier | None = None
    carrier_id: Identifier | None = None
    shift: Text | None = Field(default=None, description="The shift it happened in.")
    known_at: Moment | None = Field(default=None, description="When the record became known; by default as_of.")
