"""Canonical tables of a simulated network, read as a freight planner who trusts nothing would read them."""

import numpy as np
import pandas as pd
import pytest

from domain.codes import CAPACITY_KINDS, EXCEPTION_KINDS, TenderOutcome
from domain.facts import FACTS
from store.check import check_dataset
from store.contracts.tables import CONTRACTS
from store.dataset import Dataset
from tests.simulator.checks import as_corrected

NOT_WRITTEN = {
    "shipments": {"service_level"},
    "milestones": {"stop"},
}
"""Optional columns that have no meaning here: every load is a full one, with one stop and no class of service."""


def hours(length: pd.Series) -> pd.Series:
    return length.dt.total_seconds() / 3600


@pytest.fixture
def first(network: Dataset) -> pd.DataFrame:
    """Shipments as released, by id."""
    return network.table("shipments").drop_duplicates("shipment_id").set_index("shipment_id")


@pytest.fixture
def steps(network: Dataset) -> pd.DataFrame:
    """When each shipment reached each step, as corrected."""
    return as_corrected(network.table("milestones"))


def test_the_data_set_is_sound(network: Dataset) -> None:
    """As ``lanewise check`` sees it."""
    report = check_dataset(network.folder)
    assert report.sound, report.summary()
    assert {table.table for table in report.tables} == set(FACTS)


@pytest.mark.parametrize("table", FACTS)
def test_every_column_that_has_a_meaning_is_written(table: str, network: Dataset) -> None:
    """And none is all null."""
    given = {name for name in network.given(table) if not name.startswith("x_")}
    assert {column.name for column in CONTRACTS[table].columns} - given == NOT_WRITTEN.get(table, set())
    assert network.table(table)[sorted(given)].notna().any().all()


@pytest.mark.parametrize("table", FACTS)
def test_no_number_is_negative_or_infinite(table: str, network: Dataset) -> None:
    """But readings, coordinates and what they hold."""
    numbers = network.table(table).select_dtypes("number").drop(columns=["value", "lat", "lon"], errors="ignore")
    assert not np.isinf(numbers.to_numpy(float)).any()
    assert (numbers.fillna(0) >= 0).all().all()


@pytest.mark.parametrize("table", ["shipments", "tenders", "milestones", "exceptions", "signals"])
def test_no_two_records_of_a_fact_become_known_at_once(table: str, network: Dataset) -> None:
    assert not network.table(table).duplicated([*FACTS[table].key, "known_at"]).any()


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("tenders", ["tender_id"]),
        ("tenders", ["shipment_id", "sequence"]),
        ("exceptions", ["exception_id"]),
        ("carriers", ["carrier_id"]),
        ("sites", ["site_id"]),
        ("fleet", ["unit_id"]),
        ("rates", ["carrier_id", "origin_id", "destination_id", "equipment", "valid_from"]),
        ("rates", ["origin_id", "destination_id", "equipment", "sequence", "valid_from"]),
        ("capacity", ["resource_id", "from_at"]),
    ],
)
def test_what_should_be_unique_is(table: str, key: list[str], network: Dataset) -> None:
    assert not network.table(table).duplicated(key).any()


def test_whatever_is_named_is_there(network: Dataset) -> None:
    """Places, carriers and shipments that records name have records of their own."""
    sites, carriers = set(network.table("sites")["site_id"]), set(network.table("carriers")["carrier_id"])
    shipments = set(network.table("shipments")["shipment_id"])
    there = {"origin_id": sites, "destination_id": sites, "site_id": sites, "depot_id": sites, "carrier_id": carriers}
    for table in FACTS:
        rows = network.table(table)
        for column, known in {**there, "shipment_id": shipments}.items():
            if column in rows:
                assert set(rows[column].dropna()) <= known, f"{table}.{column}"


def test_shipments_are_plausible(first: pd.DataFrame) -> None:
    """Released hours to ten days before pickup, on the road for at most a week and a half, loads a truck can carry."""
    lead = hours(first["planned_pickup_at"] - first["released_at"])
    planned = hours(first["planned_delivery_at"] - first["planned_pickup_at"])
    assert 1 < lead.min() < lead.max() < 24 * 14
    assert 24 < lead.median() < 120
    assert (planned > first["distance_km"] / 110).all()
    assert planned.max() < 24 * 12
    assert first["weight_kg"].between(100, 45_000).sum() == first["weight_kg"].notna().sum()
    assert 0.01 < first["weight_kg"].isna().mean() < 0.06
    assert first["distance_km"].between(5, 6_000).all()
    assert (first["origin_id"] != first["destination_id"]).all()
    assert first.groupby("origin_id").size().min() > 50


def test_who_plans_agrees_with_the_clock(first: pd.DataFrame, network: Dataset) -> None:
    """Pickups are wanted between 6 and 22 by the clock of the centre, on full hours, summer or winter."""
    zone = network.table("sites").set_index("site_id")["timezone"].reindex(first["origin_id"]).to_numpy()
    for name in np.unique(zone):
        local = first.loc[zone == name, "planned_pickup_at"].dt.tz_convert(name)
        assert local.dt.hour.between(6, 22).mean() > 0.99
        assert (local.dt.minute == 0).mean() > 0.95


def test_trucks_take_their_time(steps: pd.DataFrame, first: pd.DataFrame) -> None:
    """Half an hour at the least at a dock, hours at the most; no truck is faster than a truck."""
    dwell, road, unloading = (
        hours(steps[b] - steps[a]).dropna() for a, b in (("X3", "AF"), ("AF", "X1"), ("X1", "D1"))
    )
    assert 0.3 < dwell.quantile(0.01) < dwell.median() < 4
    assert dwell.quantile(0.999) < 30
    assert unloading.quantile(0.999) < 72
    speed = first["distance_km"].reindex(road.index) / road
    assert 25 < speed.median() < 90
    assert speed.max() < 140


def test_pickup_and_delivery_are_mostly_as_planned(steps: pd.DataFrame, first: pd.DataFrame) -> None:
    """Most deliveries are not late, some are by a day, none by weeks; few trucks come early by hours."""
    delay = hours(steps["D1"] - first["planned_delivery_at"].reindex(steps.index)).dropna()
    assert 0.03 < (delay > 0.5).mean() < 0.3
    assert delay.max() < 24 * 10
    assert delay.min() > -24
    early = hours(steps["X3"] - first["planned_pickup_at"].reindex(steps.index)).dropna()
    assert early.min() > -4
    assert early.median() < 0.5


def test_offers_follow_the_rules_of_tendering(network: Dataset, first: pd.DataFrame, steps: pd.DataFrame) -> None:
    """After the release, before pickup and cancellation, one at a time, in sequence; silence lapses to the second."""
    tenders = network.table("tenders").sort_values(["shipment_id", "sequence"])
    assert (tenders["offered_at"].to_numpy() >= first["released_at"].reindex(tenders["shipment_id"]).to_numpy()).all()
    for end in ("X3", "CA"):
        ended = steps[end].reindex(tenders["shipment_id"])
        assert not (tenders["offered_at"].to_numpy() > ended.to_numpy()).any()
    again = tenders["shipment_id"].duplicated()
    assert (tenders["sequence"].diff()[again] == 1).all()
    assert (tenders["sequence"][~again] == 1).all()
    assert (tenders["offered_at"] >= tenders["outcome_at"].shift())[again].all()
    assert (tenders["outcome_at"] <= tenders["respond_by"])[tenders["outcome_at"].notna()].all()
    expired = tenders[tenders["outcome"] == TenderOutcome.EXPIRED]
    assert (expired["outcome_at"] == expired["respond_by"]).all()
    assert hours(tenders["respond_by"] - tenders["offered_at"]).between(0.5, 4).all()


def test_refusals_have_reasons_and_acceptances_none(network: Dataset) -> None:
    """Three in four refusals say why; a reason names its list."""
    tenders = network.table("tenders")
    said = tenders["reason"].notna()
    refused = tenders["outcome"].isin([TenderOutcome.REJECTED, "conditional", "counter_proposal"])
    assert not said[~refused].any()
    assert 0.6 < said[refused].mean() < 0.9
    assert (said == tenders["reason_list"].notna()).all()
    assert set(tenders["outcome"]) | {"cancelled"} == {str(outcome) for outcome in TenderOutcome}  # few are cancelled


def test_who_is_asked_has_the_trailer(network: Dataset, first: pd.DataFrame) -> None:
    """In the routing guide and on the spot market."""
    trailers = network.table("carriers").set_index("carrier_id")["equipment"].str.split()
    for table in ("tenders", "rates"):
        rows = network.table(table)
        wanted = rows["equipment"] if "equipment" in rows else first["equipment"].reindex(rows["shipment_id"])
        has = trailers.reindex(rows["carrier_id"])
        assert all(kind in kinds for kind, kinds in zip(wanted, has, strict=True)), table


def test_contract_offers_are_at_the_contract_price(network: Dataset, first: pd.DataFrame) -> None:
    """To the cent, and to the entry of the routing guide that was valid then."""
    tenders = network.table("tenders")
    offered = tenders[tenders["contract"]].join(first[["origin_id", "destination_id", "equipment"]], on="shipment_id")
    lane = ["carrier_id", "origin_id", "destination_id", "equipment"]
    found = offered.merge(network.table("rates"), on=lane, suffixes=("", "_rate"))
    valid = found[(found["valid_from"] <= found["offered_at"]) & (found["offered_at"] < found["valid_until"])]
    assert len(valid) == len(offered)
    assert (valid["price"] == valid["price_rate"]).all()
    assert (valid["known_at_rate"] <= valid["offered_at"]).all()


def test_prices_are_of_this_world(network: Dataset, first: pd.DataFrame) -> None:
    """Dollars a mile on long lanes; short ones have a least price; spot is dearer or cheaper, not another order."""
    tenders = network.table("tenders")
    miles = first["distance_km"].reindex(tenders["shipment_id"]).to_numpy() / 1.609
    a_mile = (tenders["price"] / miles)[miles > 250]
    assert a_mile.between(0.8, 9).all()
    assert 1.5 < a_mile.median() < 3.5
    assert tenders["price"].min() > 100
    spot, contract = (a_mile[tenders["contract"] == kind].median() for kind in (False, True))
    assert 0.7 < spot / contract < 2.0


def test_all_kinds_of_exceptions_occur_and_cost_money(network: Dataset) -> None:
    """Each with a cost of its own; all four classes of severity; most are settled within days."""
    exceptions = network.table("exceptions")
    counts = exceptions["kind"].value_counts()
    assert set(counts.index) == set(EXCEPTION_KINDS)
    assert counts.min() >= 5
    assert counts.max() < 0.5 * len(exceptions)
    impact = exceptions["impact"].dropna()
    classes = np.searchsorted(network.manifest.severity.thresholds, impact)
    assert np.bincount(classes, minlength=4).min() > 0.02 * len(impact)
    medians = exceptions.groupby("kind")["impact"].median()
    assert medians["refused"] > medians["document_missing"]
    assert 10 < medians.min() < medians.max() < 5_000
    assert hours(exceptions["resolved_at"] - exceptions["raised_at"]).dropna().between(0, 24 * 30).mean() > 0.999


def test_exceptions_are_where_and_when_they_can_be(network: Dataset, first: pd.DataFrame, steps: pd.DataFrame) -> None:
    """After the release; what goes wrong at a dock at the centre, what goes wrong on delivery at the customer's."""
    exceptions = network.table("exceptions")
    own = first.reindex(exceptions["shipment_id"])
    assert (exceptions["raised_at"].to_numpy() >= own["released_at"].to_numpy()).all()
    origin = exceptions["site_id"].to_numpy() == own["origin_id"].to_numpy()
    at_origin = exceptions["kind"][origin].unique()
    assert set(at_origin) == {"tender_rejected", "tender_expired", "pickup_missed", "short_pick",
                              "inventory_mismatch", "dock_congestion"}  # fmt: skip
    assert not exceptions.loc[~origin, "kind"].isin(at_origin).any()
    assert (exceptions["customer_id"].to_numpy() == own["customer_id"].to_numpy()).all()
    delivered = steps["D1"].reindex(exceptions["shipment_id"]).to_numpy()
    papers = exceptions["kind"].isin(["pod_mismatch", "invoice_mismatch"]).to_numpy()
    assert not (exceptions["raised_at"].to_numpy()[papers] < delivered[papers]).any()


def test_reports_are_late_repeated_corrected_and_lost(network: Dataset, steps: pd.DataFrame) -> None:
    """Each as often as it is meant to be."""
    milestones = network.table("milestones")
    key = ["shipment_id", "code"]
    wait = hours(milestones["known_at"] - milestones["occurred_at"])
    assert 0.005 < (wait > 6).mean() < 0.06
    reports = milestones.groupby(key)["occurred_at"].agg(["size", "nunique"])
    assert 0.01 < ((reports["size"] > 1) & (reports["nunique"] == 1)).mean() < 0.03
    assert 0.01 < (reports["nunique"] > 1).mean() < 0.03
    delivered = steps[steps["D1"].notna()]
    lost = delivered[["X3", "AF", "X6", "X1"]].isna().mean()
    assert lost.between(0.01, 0.15).all()
    first_told = milestones.drop_duplicates(key).pivot(index="shipment_id", columns="code", values="known_at")
    assert 0.002 < (first_told["X1"] > first_told["D1"]).mean() < 0.5


def test_capacity_is_there_for_what_happens(network: Dataset, first: pd.DataFrame) -> None:
    """Every kind, above zero, for every day and a week ahead; about what the network needs, neither none nor plenty."""
    capacity = network.table("capacity")
    assert set(capacity["kind"]) == set(CAPACITY_KINDS)
    assert (capacity["amount"] > 0).mean() > 0.8
    assert (capacity["until_at"] > capacity["from_at"]).all()
    of = dict(iter(capacity.groupby("kind")))
    docks = of["dock_site_hour"].groupby(of["dock_site_hour"]["from_at"].dt.floor("D"))["amount"].sum().median()
    a_day = len(first) / first["released_at"].dt.floor("D").nunique()
    assert a_day < docks < 10 * a_day
    reviews = of["review_min"].groupby(of["review_min"]["from_at"].dt.floor("D"))["amount"].sum().median()
    assert 0.3 * a_day < reviews < 10 * a_day
    budget = of["premium_budget"].groupby(of["premium_budget"]["from_at"])["amount"].sum().median()
    freight = network.table("tenders").query("outcome == 'accepted'")["price"].sum() / 12
    assert 0.001 * freight < budget < 0.05 * freight
    assert capacity["from_at"].max() > pd.Timestamp(network.manifest.cut_off) + pd.Timedelta(days=5)


def test_signals_say_something_every_day(network: Dataset, first: pd.DataFrame) -> None:
    """Of the market at every centre, of the weather everywhere; the spot price is around the contract price."""
    signals = network.table("signals")
    days = signals.groupby("name")["observed_at"].nunique()
    assert set(days.index) == {"market_level", "spot_ratio", "weather_index"}
    assert days.min() >= 364
    assert set(signals.loc[signals["name"] == "market_level", "place_id"]) == set(first["origin_id"])
    assert signals.loc[signals["name"] == "spot_ratio", "value"].between(0.5, 2).all()
    weather = signals.loc[signals["name"] == "weather_index"]
    assert set(network.table("sites")["site_id"]) <= set(weather["place_id"])
    assert abs(weather["value"].mean()) < 0.5
    assert 0.3 < weather["value"].std() < 2


def test_sites_lie_where_their_clock_says(network: Dataset) -> None:
    """In North America, west to east with the hours; centres have doors, customers do not tell."""
    sites = network.table("sites")
    assert sites["lat"].between(24, 50).all()
    assert sites["lon"].between(-125, -66).all()
    east = sites.groupby("timezone")["lon"].mean()
    assert east["America/Los_Angeles"] < east["America/Chicago"] < east["America/New_York"]
    centres = sites["kind"] == "distribution centre"
    assert (sites["doors"].notna() == centres).all()
    assert (sites.loc[centres, "doors"] >= 1).all()


def test_the_fleet_is_at_centres_and_sometimes_in_the_workshop(network: Dataset) -> None:
    """Vehicles and drivers in every shift at every centre; drivers have no workshop."""
    fleet, sites = network.table("fleet"), network.table("sites")
    centres = set(sites.loc[sites["kind"] == "distribution centre", "site_id"])
    for kind in ("vehicle", "driver"):
        units = fleet[fleet["kind"] == kind]
        assert set(units["depot_id"]) == centres
        assert units.groupby("depot_id")["shift"].nunique().eq(3).all()
    away = fleet["maintenance_from"].notna()
    assert (away == (fleet["kind"] == "vehicle")).all()
    assert (fleet["maintenance_until"] > fleet["maintenance_from"])[away].all()


def test_the_routing_guide_is_a_guide(network: Dataset) -> None:
    """Entries numbered from 1 without a gap as far as carriers are in business, the first with a commitment."""
    rates = network.table("rates")
    assert (rates["valid_until"] > rates["valid_from"]).all()
    assert rates["sequence"].max() >= 3
    assert rates.loc[rates["sequence"] > 1, "weekly_commitment"].isna().all()
    assert rates.loc[rates["sequence"] == 1, "weekly_commitment"].dropna().between(1, 200).all()
    early = rates["valid_from"] - rates["known_at"]
    assert (early >= pd.Timedelta(days=1)).all()
