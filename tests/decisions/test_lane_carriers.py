"""Who may be asked to move a load, and at what price: equipment, rates in force, what was seen."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from decisions.equipment import suits
from decisions.known_tables import KnownTables
from decisions.lane_carriers import contract_prices, load_carriers
from tests.decisions.network import AS_OF, FakeDataset, at, shipment


def rate(carrier: str, price: float, equipment: str | None = None, **more: Any) -> dict[str, Any]:
    lane = {"origin_id": "A", "destination_id": "B", "valid_from": at(-99)}
    return lane | {"carrier_id": carrier, "price": price, "equipment": equipment} | more


def load(equipment: str | None = None, destination: str | None = "B") -> pd.DataFrame:
    row = {"shipment_id": "L", "origin_id": "A", "destination_id": destination, "equipment": equipment}
    return pd.DataFrame([row]).astype("str")


def found(loads: pd.DataFrame, **rows: list[dict[str, Any]]) -> dict[str, float]:
    made = load_carriers(KnownTables(FakeDataset(rows), AS_OF), loads)  # type: ignore[arg-type]
    return dict(zip(made["carrier_id"], made["price"], strict=True))


@pytest.mark.parametrize(
    ("has", "needed", "suit"),
    [
        ("van reefer flatbed", "reefer", True),
        ("van flatbed", "reefer", False),
        ("Dry Van, Reefer", "dry van", True),
        ("van", "dry van", False),
        ("vans", "van", False),
        (None, "van", True),
        (" ", "van", True),
        ("van", None, True),
    ],
)
def test_equipment_is_looked_for_whole_and_unknown_excludes_nobody(
    has: str | None, needed: str | None, suit: bool
) -> None:
    """In one text that may name several, whatever the case; twice the same question has twice the answer."""
    asked = pd.Series([has] * 2, dtype="str"), pd.Series([needed] * 2, dtype="str")
    assert suits(*asked).tolist() == [suit] * 2


def test_a_load_is_priced_by_the_rate_for_its_equipment() -> None:
    """Not the carrier's lowest for any; one that names none where there is no own one; unknown: the lowest."""
    rates = [
        *(rate("both", 900.0, "van"), rate("both", 1400.0, "reefer"), rate("both", 700.0)),
        *(rate("any", 800.0), rate("dry", 500.0, "van")),
    ]
    assert found(load("reefer"), rates=rates) == {"both": 1400.0, "any": 800.0}
    assert found(load("van"), rates=rates) == {"both": 900.0, "any": 800.0, "dry": 500.0}
    assert found(load(), rates=rates) == {"both": 700.0, "any": 800.0, "dry": 500.0}


def test_a_carrier_without_the_trailer_is_not_asked() -> None:
    """Known to have other equipment: out, whatever the rate says; a carrier of which nothing is known stays."""
    carriers = [{"carrier_id": "dry", "equipment": "van flatbed"}, {"carrier_id": "silent"}]
    rates = [rate("dry", 500.0), rate("silent", 800.0), rate("new", 900.0)]
    assert found(load("reefer"), rates=rates, carriers=carriers) == {"silent": 800.0, "new": 900.0}
    assert found(load(), rates=rates, carriers=carriers) == {"dry": 500.0, "silent": 800.0, "new": 900.0}


def test_only_rates_in_force_tell_the_place_in_the_guide() -> None:
    """The first of last quarter is the third of this one; one that begins later tells nothing yet."""
    rates = [
        rate("first", 500.0, sequence=1, valid_until=at(-1)),
        rate("first", 600.0, sequence=3, valid_from=at(-1)),
        rate("second", 700.0, sequence=2),
        rate("second", 650.0, sequence=1, valid_from=at(1), known_at=at(-9)),
    ]
    made = contract_prices(KnownTables(FakeDataset({"rates": rates}), AS_OF), load())  # type: ignore[arg-type]
    assert made.set_index("carrier_id")["sequence"].to_dict() == {"first": 3.0, "second": 2.0}
    assert made.set_index("carrier_id")["price"].to_dict() == {"first": 600.0, "second": 700.0}


def seen(lane_to: str, **offers: list[float]) -> dict[str, list[dict[str, Any]]]:
    """A reefer shipment for each offer of a carrier at a price."""
    rows: dict[str, list[dict[str, Any]]] = {"shipments": [], "tenders": []}
    for carrier, prices in offers.items():
        for k, price in enumerate(prices):
            name = f"{carrier}{k}"
            own = {"destination_id": lane_to, "carrier_id": None, "equipment": "reefer"}
            rows["shipments"].append(shipment(name, **own))
            answer = {"outcome": "accepted", "outcome_at": at(-29)}
            offer = {"tender_id": name, "shipment_id": name, "carrier_id": carrier, "price": price}
            rows["tenders"].append(offer | answer | {"offered_at": at(-30)})
    return rows


def test_a_lane_without_a_rate_takes_what_was_seen_on_it() -> None:
    """At the median offered there, though other lanes have rates; not what moved other equipment."""
    rows = seen("C", often=[100.0, 300.0, 110.0], once=[200.0])
    assert found(load("reefer", "C"), rates=[rate("other", 1.0)], **rows) == {"often": 110.0, "once": 200.0}
    assert found(load(None, "C"), rates=[rate("other", 1.0)], **rows) == {"often": 110.0, "once": 200.0}
    assert found(load("van", "C"), **rows) == {}
    assert found(load("reefer", None), **rows) == {}


def test_a_lane_with_rates_for_other_equipment_has_none_for_the_load() -> None:
    """Then what was seen of the load's own kind counts."""
    rows = seen("B", cold=[150.0])
    assert found(load("reefer"), rates=[rate("dry", 1.0, "van")], **rows) == {"cold": 150.0}
    assert found(load("van"), rates=[rate("dry", 1.0, "van")], **rows) == {"dry": 1.0}


def test_a_carrier_that_moved_the_lane_is_known_without_an_offer() -> None:
    """As planned on shipments, its price unknown; those seen most often come first, twelve at most."""
    rows = [shipment(f"s{k}", carrier_id=f"c{k % 13:02}", destination_id="C") for k in range(25)]
    made = found(load(None, "C"), shipments=rows)
    assert list(made) == [f"c{k:02}" for k in range(12)]
    assert np.isnan(list(made.values())).all()
