import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from store.dataset import Dataset
from tests.examples.imported import imported, raw_folder

ISLANDS = {"BQN": "America/Puerto_Rico", "PSE": "America/Puerto_Rico", "SJU": "America/Puerto_Rico"}
OUTCOMES = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum"]
MINUTE = pd.Timedelta(minutes=1)


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The package's file, read by pandas, with the id that the import gives."""
    frame = pd.read_csv(raw_folder("flights") / "flights.csv.zip")
    departs = pd.to_datetime(frame["time_hour"]) + pd.to_timedelta(frame["minute"], unit="min")
    frame["departs_at"] = departs
    frame["shipment_id"] = (
        frame["carrier"]
        + "-"
        + frame["flight"].astype(str)
        + "-"
        + frame["origin"]
        + departs.dt.strftime("-%Y%m%dT%H%MZ")
    )
    return frame.set_index("shipment_id")


@pytest.fixture(scope="module")
def zones() -> "pd.Series[str]":
    airports = pd.read_csv(raw_folder("flights") / "airports.csv").set_index("faa")["tzone"]
    return pd.concat([airports, pd.Series({**ISLANDS, "STT": "America/St_Thomas"})])


def _milestone(flights: Dataset, code: str) -> pd.DataFrame:
    table = flights.table("milestones")
    return table[table["code"] == code].set_index("shipment_id")


def _hhmm(moments: "pd.Series[pd.Timestamp]", zone_of: "pd.Series[str]") -> "pd.Series[int]":
    """Clock time at a place, as the file writes it."""
    parts = [moments[zone_of == zone].dt.tz_convert(zone) for zone in zone_of.unique()]
    return pd.concat([part.dt.hour * 100 + part.dt.minute for part in parts]).reindex(moments.index)


def test_every_flight_is_one_shipment(flights: Dataset, raw: pd.DataFrame) -> None:
    """No flight is lost, doubled or set aside, and its id is its own."""
    shipments = flights.table("shipments")
    assert len(shipments) == len(raw) == 336_776
    assert set(shipments["shipment_id"]) == set(raw.index)
    assert all(not table.quarantined for table in flights.description.tables.values())


def test_planned_rows_hold_the_schedule_only(flights: Dataset) -> None:
    """Nothing that became known after the schedule has a column in ``shipments``."""
    assert set(flights.given("shipments")) == {
        *("shipment_id", "known_at", "released_at", "planned_pickup_at", "planned_delivery_at"),
        *("carrier_id", "origin_id", "destination_id", "mode", "distance_km", "x_flight_number"),
    }


def test_other_outcomes_leave_the_plan_as_it_is(tmp_path: Path, raw: pd.DataFrame) -> None:
    """Shipments and what tenders and weather say at first do not change with what happened."""
    sample = raw.drop(columns="departs_at").sample(1500, random_state=7).reset_index(drop=True)
    other = sample.copy()
    for name in OUTCOMES:
        other[name] = sample[name].to_numpy()[::-1]
    first, second = (_import_rows(rows, tmp_path / name) for rows, name in ((sample, "first"), (other, "second")))
    pd.testing.assert_frame_equal(first.table("shipments"), second.table("shipments"))
    offered = ["tender_id", "shipment_id", "carrier_id", "sequence", "offered_at", "known_at"]
    pd.testing.assert_frame_equal(first.table("tenders")[offered], second.table("tenders")[offered])
    assert not first.table("milestones").equals(second.table("milestones"))


def _import_rows(rows: pd.DataFrame, folder: Path) -> Dataset:
    files = folder / "files"
    files.mkdir(parents=True)
    for name in ("airlines.csv", "airports.csv", "weather.csv"):
        (files / name).write_bytes((raw_folder("flights") / name).read_bytes())
    numbers = rows.select_dtypes("number").columns
    text = rows.astype(dict.fromkeys(numbers, "Int64")).to_csv(index=False, na_rep="NA")
    with zipfile.ZipFile(files / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", text)
    return imported("flights", folder / "data", {"nyc": files})


def test_departure_is_what_the_clock_in_new_york_says(flights: Dataset, raw: pd.DataFrame) -> None:
    """Planned pickup reads as ``sched_dep_time`` in New York, actual departure as ``dep_time``."""
    planned = flights.table("shipments").set_index("shipment_id")["planned_pickup_at"]
    actual = _milestone(flights, "AF")["occurred_at"]
    for moments, column in ((planned, "sched_dep_time"), (actual, "dep_time")):
        local = moments.dt.tz_convert("America/New_York")
        said = raw[column].reindex(moments.index) % 2400
        assert (local.dt.hour * 100 + local.dt.minute == said).all()


def test_arrival_is_what_the_clock_at_the_destination_says(
    flights: Dataset, raw: pd.DataFrame, zones: "pd.Series[str]"
) -> None:
    """Actual arrival reads as ``arr_time`` there, which the import does not use.

    One flight landed in the night when clocks went forward, and the file missed that.
    """
    arrived = _milestone(flights, "D1")["occurred_at"]
    there = raw["dest"].reindex(arrived.index).map(zones)
    differs = _hhmm(arrived, there) != raw["arr_time"].reindex(arrived.index) % 2400
    assert list(differs[differs].index) == ["B6-35-JFK-20130310T0245Z"]


def test_arrival_leaves_room_for_the_flight(flights: Dataset, raw: pd.DataFrame) -> None:
    """Arrival less departure exceeds time in the air by taxiing: 5 minutes to 4 hours, so zones and days are right."""
    arrived = _milestone(flights, "D1")["occurred_at"]
    departed = _milestone(flights, "AF")["occurred_at"].reindex(arrived.index)
    ground = (arrived - departed) / MINUTE - raw["air_time"].reindex(arrived.index)
    assert ground.min() >= 5
    assert ground.max() <= 240


def test_planned_block_time_fits_the_route(flights: Dataset, raw: pd.DataFrame) -> None:
    """It exceeds the route's median time in the air by 5 to 80 min, but for 50 flights; a wrong zone would be 60 off.

    The one flight of EWR to LGA was cancelled, so nobody knows its time in the air.
    """
    shipments = flights.table("shipments").set_index("shipment_id")
    block = (shipments["planned_delivery_at"] - shipments["planned_pickup_at"]) / MINUTE
    in_air = raw.groupby(["origin", "dest"])["air_time"].transform("median").reindex(block.index)
    ground = (block - in_air).dropna()
    assert (block.min(), block.max(), len(block) - len(ground)) == (50, 700, 1)
    assert ground.min() > -10
    assert ((ground < 5) | (ground > 80)).sum() <= 50


def test_delays_are_those_of_the_file(flights: Dataset, raw: pd.DataFrame) -> None:
    """Delay of D1 is ``arr_delay`` and of AF ``dep_delay``, to the minute; 23.7 % arrive more than 15 min late."""
    for code, column in (("D1", "arr_delay"), ("AF", "dep_delay")):
        reached = _milestone(flights, code)
        delay = (reached["occurred_at"] - reached["planned_at"]) / MINUTE
        expected = raw[column].dropna()
        assert len(delay) == len(expected)
        assert (delay.sort_index() == expected.sort_index()).all()
        if code == "D1":
            assert np.mean(delay > 15) == pytest.approx(0.23715, abs=1e-5)


def test_cancelled_flights_fail_their_tender_and_never_arrive(flights: Dataset, raw: pd.DataFrame) -> None:
    """8,255 flights without a departure: CA, a rejected tender, neither AF nor D1, no exception."""
    cancelled = set(raw.index[raw["dep_time"].isna()])
    assert len(cancelled) == 8_255
    assert set(_milestone(flights, "CA").index) == cancelled
    tenders = flights.table("tenders")
    assert set(tenders.loc[tenders["outcome"] == "rejected", "shipment_id"]) == cancelled
    assert not cancelled & (set(_milestone(flights, "AF").index) | set(_milestone(flights, "D1").index))
    assert not cancelled & set(flights.table("exceptions")["shipment_id"])


def test_diverted_flights_stay_open(flights: Dataset, raw: pd.DataFrame) -> None:
    """1,175 flights departed without an arrival delay: no D1, and their exceptions have no impact."""
    diverted = set(raw.index[raw["dep_time"].notna() & raw["arr_delay"].isna()])
    assert len(diverted) == 1_175
    assert not diverted & set(_milestone(flights, "D1").index)
    exceptions = flights.table("exceptions")
    open_ones = exceptions[exceptions["impact"].isna()]
    assert set(open_ones["shipment_id"]) == diverted & set(exceptions["shipment_id"])
    assert open_ones["resolved_at"].isna().all()
    assert len(open_ones) == 486


def test_late_departures_raise_exceptions_whose_impact_comes_later(flights: Dataset, raw: pd.DataFrame) -> None:
    """One for each departure more than 15 min late, raised 15 min after schedule, impact known at arrival."""
    late = raw[raw["dep_delay"] > 15]
    exceptions = flights.table("exceptions").set_index("shipment_id").reindex(late.index)
    assert len(flights.table("exceptions")) == len(late) == 70_774
    assert (exceptions["known_at"] == late["departs_at"] + 15 * MINUTE).all()
    resolved = exceptions.dropna(subset=["impact"])
    assert (resolved["impact"] == late["arr_delay"].reindex(resolved.index).clip(lower=0)).all()
    assert (resolved["resolved_known_at"] == _milestone(flights, "D1")["occurred_at"].reindex(resolved.index)).all()
    assert (resolved["resolved_known_at"] > resolved["known_at"]).all()
    shares = pd.cut(resolved["impact"], [-1, 30, 90, 240, np.inf]).value_counts(normalize=True, sort=False)
    assert shares.to_numpy() == pytest.approx([0.3664, 0.4027, 0.2088, 0.0221], abs=1e-4)


def test_weather_is_known_when_its_hour_is_over(flights: Dataset) -> None:
    """Every reading of the file, an hour after the hour it is filed under."""
    weather = pd.read_csv(raw_folder("flights") / "weather.csv")
    readings = weather.drop(columns=["origin", "year", "month", "day", "hour", "time_hour"])
    signals = flights.table("signals")
    assert len(signals) == readings.notna().to_numpy().sum()
    assert signals["value"].sum() == pytest.approx(np.nansum(readings.to_numpy()))
    assert (signals["known_at"] - signals["observed_at"] == 60 * MINUTE).all()


def test_every_place_and_carrier_is_described(flights: Dataset, zones: "pd.Series[str]") -> None:
    """Sites with zone and position for all origins and destinations, carriers for all that fly."""
    shipments, sites = flights.table("shipments"), flights.table("sites").set_index("site_id")
    assert set(sites.index) == {*shipments["origin_id"], *shipments["destination_id"]}
    assert sites[["lat", "lon", "timezone"]].notna().to_numpy().all()
    assert (sites["timezone"] == zones.reindex(sites.index)).all()
    assert set(flights.table("carriers")["carrier_id"]) == set(shipments["carrier_id"])
