from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from store.dataset import Dataset
from tests.examples.imported import imported, raw_folder

FILE = "taxi_cancellations_first70.csv"


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The file, read by pandas, with times in UTC."""
    frame = pd.read_csv(raw_folder("yourcabs") / FILE)
    frame.index = pd.Index(frame["row#"].astype(str))
    for name in ("booking_created", "from_date"):
        local = pd.to_datetime(frame[name], format="%m/%d/%y %H:%M")
        frame[name] = local.dt.tz_localize("Asia/Kolkata").dt.tz_convert("UTC")
    return frame.sort_index()


def _table(cabs: Dataset, name: str, key: str) -> pd.DataFrame:
    return cabs.table(name).set_index(key).sort_index()


def test_each_booking_is_an_offer_that_fails_without_a_car(cabs: Dataset, raw: pd.DataFrame) -> None:
    """7,000 tenders, 5.16 % rejected; 3.8 % of the 2,211 made from July on (local time)."""
    tenders = _table(cabs, "tenders", "tender_id")
    failed = tenders["outcome"] == "rejected"
    assert len(tenders) == 7_000
    assert (failed == (raw["Car_Cancellation"] == 1)).all()
    assert failed.mean() == pytest.approx(0.05157, abs=1e-5)
    late = tenders["offered_at"] >= pd.Timestamp("2013-07-01", tz="Asia/Kolkata")
    assert (late.sum(), failed[late].sum()) == (2_211, 85)


def test_the_answer_is_known_at_pickup(cabs: Dataset, raw: pd.DataFrame) -> None:
    """Offered when booked, answered at pickup, and after the offer even where the booking was entered late."""
    tenders = _table(cabs, "tenders", "tender_id")
    assert (tenders["known_at"] == raw["booking_created"]).all()
    assert (tenders["outcome_known_at"] > tenders["known_at"]).all()
    assert (tenders["outcome_known_at"] != raw["from_date"]).sum() == 7


def test_shipments_hold_what_was_asked_for(cabs: Dataset, raw: pd.DataFrame) -> None:
    """Known when booked; the end of the trip, which may be an outcome, is nowhere."""
    shipments = _table(cabs, "shipments", "shipment_id")
    assert (shipments["known_at"] == raw["booking_created"]).all()
    assert (shipments["planned_pickup_at"] == raw["from_date"]).all()
    assert not {"planned_delivery_at", "x_to_date"} & set(cabs.given("shipments"))


def test_distance_is_the_great_circle(cabs: Dataset, raw: pd.DataFrame) -> None:
    """Against the law of cosines on a sphere of 6371 km; null where no destination was given."""
    distance = _table(cabs, "shipments", "shipment_id")["distance_km"]
    lat1, lon1, lat2, lon2 = (np.radians(raw[name]) for name in ("from_lat", "from_long", "to_lat", "to_long"))
    cosine = np.sin(lat1) * np.sin(lat2) + np.cos(lat1) * np.cos(lat2) * np.cos(lon2 - lon1)
    expected = 6371 * np.arccos(cosine.clip(-1, 1))
    assert (distance.isna() == raw["to_lat"].isna()).all()
    assert np.nanmax(np.abs(distance - expected)) < 0.001


def test_areas_and_models_are_categories(cabs: Dataset) -> None:
    """Numbers that only name something are text, without a decimal point."""
    shipments = cabs.table("shipments")
    for name in ("origin_id", "destination_id", "equipment", "customer_id", "x_package", "x_to_city"):
        assert shipments[name].dropna().str.fullmatch(r"\d+").all()


def test_bookings_do_not_change_with_the_outcome(tmp_path: Path, cabs: Dataset) -> None:
    """With every outcome turned round, shipments and the first half of tenders stay."""
    other = pd.read_csv(raw_folder("yourcabs") / FILE)
    other["Car_Cancellation"] = 1 - other["Car_Cancellation"]
    other["to_date"] = None
    other.to_csv(tmp_path / FILE, index=False)
    changed = imported("yourcabs", tmp_path / "data", {"data": tmp_path})
    pd.testing.assert_frame_equal(changed.table("shipments"), cabs.table("shipments"))
    offered, before = (d.table("tenders").drop(columns="outcome") for d in (changed, cabs))
    pd.testing.assert_frame_equal(offered, before)
