"""Offers that nobody made: any carrier, any price, by the paths that callers take."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions.offers import later, offer_frame
from decisions.predicting import Predictor
from decisions.scoring import HomeScoring
from domain.ask import PredictionRequest
from domain.predictions import ModelName
from models.shelf import OnShelf
from models.tender_failure import DIRECTIONS
from tests.decisions.conftest import Tendered

SHARED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROUNDING = 1e-12


def offers_of(tendered: Tendered, rows: list[int], carrier: int, prices: list[float]) -> pd.DataFrame:
    """Some recorded loads offered to one carrier, as of when they were tendered, at the prices given."""
    tenders = tendered.dataset.table("tenders").dropna(subset=["shipment_id"])
    carriers = tendered.dataset.table("carriers")["carrier_id"]
    some = tenders.iloc[[row % len(tenders) for row in rows]].reset_index(drop=True)
    made = some[["shipment_id"]].assign(carrier_id=carriers[carrier % len(carriers)], as_of=some["offered_at"])
    return made.assign(price=np.array(prices), carrier_id=made["carrier_id"].astype("str"))


@SHARED
@given(
    rows=st.lists(st.integers(0, 10_000), min_size=3, max_size=3),
    carrier=st.integers(0, 1_000),
    price=st.floats(1.0, 20_000.0),
    raise_by=st.floats(0.0, 2.0),
)
def test_a_higher_price_never_raises_the_refusal(
    tendered: Tendered, rows: list[int], carrier: int, price: float, raise_by: float
) -> None:
    """Any load, any carrier, any price: with features computed anew the dearer offer is no likelier refused."""
    used = OnShelf("n.tender_failure", "1", "", tendered.model, None)  # type: ignore[arg-type]
    scoring = HomeScoring(tendered.frames, {ModelName.TENDER_FAILURE: used})
    cheap = scoring.tender_failures(offers_of(tendered, rows, carrier, [price] * 3))
    dear = scoring.tender_failures(offers_of(tendered, rows, carrier, [price * (1 + raise_by)] * 3))
    assert (dear <= cheap + ROUNDING).all()


def test_every_column_that_moves_with_the_price_has_a_direction(tendered: Tendered) -> None:
    """What differs between two prices of the same offers is among the columns that may only lower the refusal."""
    rows = list(range(0, 2_000, 10))
    low, high = (offer_frame(tendered.frames, offers_of(tendered, rows, 3, [p] * len(rows))) for p in (900.0, 1_300.0))
    moved = {name for name in low if not low[name].equals(high[name])}
    assert moved == {"price", "price_per_km", "price_vs_lane"}
    assert all(any(way < 0 for name, way in DIRECTIONS.items() if re.fullmatch(name, column)) for column in moved)


def test_more_lead_time_never_raises_the_refusal(tendered: Tendered) -> None:
    """The same offers made hours later, all else as it is, are no likelier accepted."""
    frame = offer_frame(tendered.frames, offers_of(tendered, list(range(300)), 5, [1_500.0] * 300))
    hurried = later(frame, np.full(300, 600.0), np.zeros(300)).assign(to_delivery_min=frame["to_delivery_min"])
    said = [tendered.model.predict(one)["p_fail"].to_numpy() for one in (frame, hurried)]
    assert (said[1] >= said[0] - ROUNDING).all()
    assert said[1].mean() > said[0].mean()


def test_what_an_offer_does_not_say_is_as_usual(tendered: Tendered) -> None:
    """Under contract, next in the guide, an hour to answer: a gap would be read as the spot market."""
    frame = offer_frame(tendered.frames, offers_of(tendered, [4, 400], 2, [1_000.0, 2_000.0]))
    assert frame["contract"].tolist() == [1.0, 1.0]
    assert frame["answer_time_min"].tolist() == [60.0, 60.0]
    assert frame["sequence"].tolist() == (frame["offers_failed"] + 1).tolist()


@pytest.fixture(scope="module")
def new_to_the_lane(tendered: Tendered) -> dict[str, object]:
    """An inline offer of the last load to a carrier that was never offered its lane."""
    shipments = tendered.dataset.table("shipments")
    tenders = tendered.dataset.table("tenders").merge(
        shipments.drop_duplicates("shipment_id")[["shipment_id", "origin_id", "destination_id"]], on="shipment_id"
    )
    last = tenders.iloc[-1]
    here = (tenders["origin_id"] == last["origin_id"]) & (tenders["destination_id"] == last["destination_id"])
    fresh = set(tendered.dataset.table("carriers")["carrier_id"]) - set(tenders.loc[here, "carrier_id"])
    said = {"tender_id": "nobody made it", "shipment_id": last["shipment_id"], "carrier_id": min(fresh)}
    return said | {"contract": True, "sequence": 2.0}


def test_a_carrier_new_to_the_lane_is_scored_at_any_price(
    tendered: Tendered, new_to_the_lane: dict[str, object]
) -> None:
    """Inline, as ``POST /v1/predictions/tender-failure`` asks: a probability at each price, falling as it rises."""
    predictor = Predictor(tendered.frames, ModelName.TENDER_FAILURE, tendered.model)
    prices = [1.0, 400.0, 900.0, 1_500.0, 4_000.0, 1e6]
    subjects = tuple({**new_to_the_lane, "price": price} for price in prices)
    said = [one.values["p_fail"] for one in predictor.predict(PredictionRequest(subjects=subjects))]
    assert all(0 < p < 1 for p in said)
    assert (np.diff(said) <= ROUNDING).all()
    assert said[-1] < said[0]


def test_an_inline_offer_that_says_little_is_taken_as_usual(
    tendered: Tendered, new_to_the_lane: dict[str, object]
) -> None:
    """Without contract, place and time to answer it is the contract offer it would usually be, not one on spot."""
    predictor = Predictor(tendered.frames, ModelName.TENDER_FAILURE, tendered.model)
    said = {name: new_to_the_lane[name] for name in ("tender_id", "shipment_id", "carrier_id")} | {"price": 1_000.0}
    little, contract, spot = predictor.predict(
        PredictionRequest(subjects=(said, {**said, "contract": True}, {**said, "contract": False}))
    )
    assert little.values == contract.values
    assert little.values["p_fail"] > spot.values["p_fail"]
