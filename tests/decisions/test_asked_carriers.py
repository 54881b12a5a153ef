"""Whom a load's waterfall asks: by the guide in force, without those asked in vain, or those named."""

from typing import Any

import pytest

from decisions.asked_carriers import AskedCarriers, asked_carriers
from decisions.known_tables import KnownTables
from decisions.own_tenders import standing
from domain.errors import NotThere
from tests.decisions.network import AS_OF, FakeDataset, at, shipment
from tests.decisions.test_lane_carriers import rate

GUIDE = [
    *(rate("dear", 1200.0, sequence=1, valid_until=at(-1)), rate("dear", 1300.0, sequence=4, valid_from=at(-1))),
    *(rate("next", 1000.0, sequence=2), rate("last", 1100.0, sequence=3)),
]


def offer(tender_id: str, carrier: str, outcome: str, hours: float, **more: Any) -> dict[str, Any]:
    times = {"offered_at": at(hours), "respond_by": at(hours + 1.5), "outcome_at": at(hours + 1)}
    return {"tender_id": tender_id, "shipment_id": "L", "carrier_id": carrier, "outcome": outcome} | times | more


def network(*offers: dict[str, Any], rates: list[dict[str, Any]] | None = None, **load: Any) -> KnownTables:
    rows = {"shipments": [shipment("L", carrier_id=None, **load)], "tenders": list(offers)}
    carriers = [{"carrier_id": "spare"}, {"carrier_id": "dry", "equipment": "van"}]
    return KnownTables(FakeDataset(rows | {"carriers": carriers, "rates": GUIDE if rates is None else rates}), AS_OF)  # type: ignore[arg-type]


def asked(known: KnownTables, *named: str) -> AskedCarriers:
    return asked_carriers(known, known.table("shipments"), standing(known, "L"), named)


def order(known: KnownTables, *named: str) -> list[str]:
    return list(asked(known, *named).table["carrier_id"])


def test_the_order_is_the_guide_in_force() -> None:
    """Whoever was first in a guide that has run out is where the present one puts it."""
    assert order(network()) == ["next", "last", "dear"]
    assert asked(network()).lane_price == 1100.0


def test_who_was_asked_in_vain_is_left_out_unless_named() -> None:
    """Refused in any way or still silent; but not an answer known later, nor one withdrawn; the lane's price stays."""
    for outcome in ("rejected", "expired", "conditional", "counter_proposal", "open"):
        known = network(offer("T1", "next", outcome, -3))
        assert order(known) == ["last", "dear"]
        assert asked(known).lane_price == 1100.0
        assert order(known, "next", "last") == ["next", "last"]
    assert order(network(offer("T1", "next", "cancelled", -3))) == ["next", "last", "dear"]
    assert order(network(offer("T1", "next", "rejected", 3))) == ["next", "last", "dear"]


def test_the_last_offer_to_a_carrier_counts() -> None:
    """Refused and then accepted: it has the load; refused by all: there is nobody left, and that is said."""
    known = network(
        offer("T1", "next", "rejected", -9, price=1000.0), offer("T2", "next", "accepted", -3, price=1050.0)
    )
    own = standing(known, "L")
    assert own.refused == own.waiting == ()
    assert own.accepted is not None
    assert (own.accepted.carrier_id, own.accepted.price) == ("next", 1050.0)
    assert (own.accepted.offered_at, own.accepted.respond_by) == ("2026-03-02T05:00:00Z", "2026-03-02T06:30:00Z")
    assert order(known) == ["last", "dear"]
    all_refused = network(*(offer(one, one, "rejected", -3) for one in ("next", "last", "dear")))
    with pytest.raises(
        NotThere,
        match=r"all 3 .* offered this load already \(dear: rejected, last: rejected, next: rejected\); .* --carriers",
    ):
        asked(all_refused)


def test_what_is_not_answered_by_then_is_open() -> None:
    """A refusal that becomes known later is, as of now, an offer that waits for its answer, price or none."""
    own = standing(network(offer("T1", "next", "rejected", -0.5, respond_by=None)), "L")
    assert [(one.carrier_id, one.outcome, one.price, one.respond_by) for one in own.waiting] == [
        ("next", "open", None, None)
    ]
    assert own.refused == ()


def test_a_name_that_is_in_no_table_is_refused_with_the_nearest() -> None:
    """Whatever its case; a carrier that is known but not on the lane stands at the lane's median."""
    assert asked(network(), "spare", "next").table["price"].tolist() == [1100.0, 1000.0]
    with pytest.raises(NotThere, match=r"no carrier 'Nxt' .*; did you mean next\?"):
        asked(network(), "next", "Nxt")
    with pytest.raises(NotThere, match=r"'zzz' is in the tables carriers, rates.* as known by then$"):
        asked(network(), "zzz")


def test_who_has_other_equipment_is_told() -> None:
    """Known for a van only: not asked for a reefer unless named, and named in the answer either way."""
    rates = [rate("dry", 500.0), rate("next", 900.0, "van"), rate("last", 1100.0, "reefer")]
    known = network(rates=rates, equipment="reefer")
    assert order(known) == ["last"]
    assert asked(known).other_equipment == ("dry", "next")
    assert asked(known, "dry").table["price"].tolist() == [1100.0]
    with pytest.raises(NotThere, match=r"price for reefer is known on the lane A → B by then; left out .*: dry, next"):
        asked(network(rates=rates[:2], equipment="reefer"))
    assert asked(network(rates=rates)).other_equipment == ()
