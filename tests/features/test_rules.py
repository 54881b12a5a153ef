"""Laws of features that one world is enough to show."""

import warnings
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd
import pytest

from domain.manifest import Manifest
from domain.predictions import ModelName
from features import catalogue
from features.calendar import Calendar
from features.family import Asked, feature
from features.frame import FeatureFrames, catalogue_hash
from features.outcomes import outcomes
from features.records import Floats, minutes_between
from features.subjects import all_subjects
from tests.features.world import MANIFEST, World, dataset_of, day


def shipment(name: str, known: float, carrier: str | None = "k", **more):
    plan = {"planned_pickup_at": day(known), "planned_delivery_at": day(known + 1)}
    return {"shipment_id": name, "known_at": day(known), "carrier_id": carrier, **plan, **more}


def delivered(name: str, at: float, **more):
    return {"shipment_id": name, "code": "D1", "occurred_at": day(at), "planned_at": day(at), **more}


def ask(tables, model, **subject):
    key = {"eta_risk": "shipment_id", "tender_failure": "tender_id", "severity": "exception_id"}[model]
    row = {"subject_id": subject.get(key), "stage": "release", **subject}
    return FeatureFrames(dataset_of(tables)).of(model, pd.DataFrame([row])).iloc[0]


@pytest.mark.parametrize("model", ModelName)
def test_rows_order_and_index_do_not_matter(model):
    """The same subjects asked in reverse, under other labels, have the same features, bit for bit."""
    world = World(1, shipments=15).dataset
    subjects = all_subjects(world, model)
    whole = FeatureFrames(world).of(model, subjects)
    turned = subjects.iloc[::-1].set_axis([f"r{k}" for k in range(len(subjects))], axis=0)
    back = FeatureFrames(world).of(model, turned).iloc[::-1].set_axis(whole.index, axis=0)
    pd.testing.assert_frame_equal(back, whole, check_exact=True)


@pytest.mark.parametrize("model", ModelName)
def test_one_alone_has_the_features_it_has_among_all(model):
    """What both frames hold is equal, bit for bit."""
    world = World(1, shipments=15).dataset
    subjects = all_subjects(world, model)
    frames = FeatureFrames(world)
    whole = frames.of(model, subjects)
    for place in range(0, len(subjects), 1 + len(subjects) // 5):
        alone = frames.of(model, subjects.iloc[[place]])
        pd.testing.assert_frame_equal(alone, whole.loc[[place], alone.columns], check_exact=True, check_dtype=False)


@pytest.mark.parametrize("model", ModelName)
def test_one_alone_lacks_no_feature_it_has_among_all(model):
    """A column that is left out when one is asked alone is unknown for that one among all."""
    world = World(1, shipments=15).dataset
    subjects = all_subjects(world, model)
    frames = FeatureFrames(world)
    whole = frames.of(model, subjects)
    for place in range(0, len(subjects), 1 + len(subjects) // 5):
        alone = frames.of(model, subjects.iloc[[place]])
        assert whole.loc[[place]].drop(columns=alone.columns).isna().all(axis=None)


@pytest.mark.parametrize("model", ModelName)
def test_whole_weeks_do_not_matter(model):
    """Everything five weeks later, in UTC: the same features, so no model can learn the date."""
    world, later = World(2, shipments=15), World(2, shipments=15)
    weeks = pd.Timedelta(weeks=5)
    for rows in later.tables.values():
        for row in rows:
            row |= {k: v + weeks for k, v in row.items() if isinstance(v, pd.Timestamp) and not pd.isna(v)}
    subjects = all_subjects(world.dataset, model)
    moved = all_subjects(later.dataset, model)
    assert (moved["as_of"] - subjects["as_of"] == weeks).all()
    first, second = FeatureFrames(world.dataset).of(model, subjects), FeatureFrames(later.dataset).of(model, moved)
    pd.testing.assert_frame_equal(first, second, rtol=1e-12, atol=1e-12)


def test_the_calendar_is_local():
    """Monday 1 January 2024, 00:30 UTC is Sunday 19:30 in New York: weekday 6, hour 19.5, without a warning."""
    manifest = Manifest("w", timezone="America/New_York", cut_off=MANIFEST.cut_off)
    world = dataset_of({"shipments": [shipment("s", 0)]}, manifest)
    asked = pd.DataFrame({"subject_id": ["s"], "shipment_id": ["s"], "stage": ["release"]})
    asked["as_of"] = day(0) + pd.Timedelta(minutes=30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = FeatureFrames(world).of(ModelName.ETA_RISK, asked, [Calendar()]).iloc[0]
    assert (found["as_of_hour"], found["as_of_weekday"]) == (19.5, 6.0)


def test_an_unseen_carrier_starts_at_the_mean_of_all():
    """One late delivery of k: a carrier never seen has the network's mean, 1; before it was known, nothing."""
    tables = {"shipments": [shipment("a", 0), shipment("b", 0, "new")], "milestones": [delivered("a", 1.5)]}
    assert ask(tables, ModelName.ETA_RISK, shipment_id="b", as_of=day(1.5))["carrier_late_120d"] == 1.0
    assert np.isnan(ask(tables, ModelName.ETA_RISK, shipment_id="b", as_of=day(1.4))["carrier_late_120d"])


def test_the_shrunk_mean_by_hand():
    """k late once, l on time once, both at once: m = 1/2, so k has (1 + 10/2) / (1 + 10) = 6/11, whatever the age."""
    tables = {"shipments": [shipment("a", 0), shipment("b", 0, "l"), shipment("c", 1.5, "k")]}
    tables["milestones"] = [delivered("a", 1.5), delivered("b", 1, known_at=day(1.5))]
    now = ask(tables, ModelName.ETA_RISK, shipment_id="c", as_of=day(1.5))
    assert now["all_late_0.125d"] == pytest.approx(0.5)
    assert now["carrier_late_120d"] == pytest.approx(6 / 11)
    later = ask(tables, ModelName.ETA_RISK, shipment_id="c", as_of=day(121.5))
    assert later["carrier_late_120d"] == pytest.approx((0.5 + 5) / 10.5)


@pytest.mark.parametrize(("days", "seen"), [(90, 0.0), (90.25, 1.0)])
def test_a_correction_counts_up_to_its_horizon(days, seen):
    """Late, then corrected to on time: 90 days later it still changes the history, after that no more."""
    tables = {"shipments": [shipment("a", 0), shipment("b", 99)]}
    tables["milestones"] = [delivered("a", 1.5), delivered("a", 1, known_at=day(1.5 + days))]
    found = ask(tables, ModelName.ETA_RISK, shipment_id="b", as_of=day(99))
    assert found["carrier_late_120d"] == pytest.approx(seen)


def test_a_rate_stays_a_rate_when_the_carrier_is_corrected():
    """Late under k; the carrier is corrected to l, the delivery to on time: every carrier's rate is from 0 to 1."""
    tables = {"shipments": [shipment("a", 0), shipment("a", 0, "l") | {"known_at": day(2)}, shipment("b", 3, "l")]}
    tables["milestones"] = [delivered("a", 1.5), delivered("a", 1, known_at=day(2.5))]
    found = [ask(tables, ModelName.ETA_RISK, shipment_id="b", as_of=day(3), carrier_id=c) for c in ("k", "l")]
    assert all(0 <= one["carrier_late_120d"] <= 1 for one in found)
    assert found[0]["carrier_late_120d"] == pytest.approx(0)


def test_long_silence_is_not_ignorance():
    """A single late delivery 150 days ago: a carrier's short history is still the network's mean, not unknown."""
    tables = {"shipments": [shipment("a", 0), shipment("b", 151)], "milestones": [delivered("a", 1.5)]}
    found = ask(tables, ModelName.ETA_RISK, shipment_id="b", as_of=day(151.5))
    assert found["carrier_late_0.125d"] == pytest.approx(1.0)


def test_a_corrected_old_reading_does_not_replace_the_newest():
    """Wind 1 at 08:00 is corrected at noon; the 11:00 reading, 7, stays the latest."""
    readings = [(8, 8, 1.0), (11, 11, 7.0), (8, 12, 2.0)]
    tables = {"shipments": [shipment("a", 0, origin_id="A")]}
    tables["signals"] = [
        {"place_id": "A", "name": "wind", "value": v, "observed_at": day(o / 24), "known_at": day(k / 24)}
        for o, k, v in readings
    ]
    assert ask(tables, ModelName.ETA_RISK, shipment_id="a", as_of=day(0.6))["origin_signal_wind"] == 7.0


def offer(**more):
    said = {"tender_id": "t", "carrier_id": "k", "offered_at": day(0), "known_at": day(0)}
    return said | {"outcome": "accepted", "outcome_at": day(1), "outcome_known_at": day(1)} | more


def fate(rows, by):
    world = dataset_of({"tenders": rows})
    subjects = all_subjects(world, ModelName.TENDER_FAILURE)
    return outcomes(world, ModelName.TENDER_FAILURE, subjects, day(by).to_pydatetime()).iloc[0]


def test_an_answer_is_unknown_until_it_is_known():
    """Accepted at day 1, known at day 2: open before, accepted from that instant."""
    rows = [offer(outcome_known_at=day(2))]
    assert fate(rows, 1.999)["fate"] == "censored"
    assert (fate(rows, 2)["fate"], fate(rows, 2)["value"]) == ("known", 0.0)


def test_accepted_stays_accepted_even_if_cancelled_later():
    """The domain: accepted does not fail, even if cancelled later; only cancelled before an answer is left out."""
    rows = [offer(), offer(outcome="cancelled", outcome_at=day(5), outcome_known_at=day(5), known_at=day(5))]
    assert (fate(rows, 9)["fate"], fate(rows, 9)["value"]) == ("known", 0.0)


def test_stages_at_one_instant_are_all_there():
    """A shipment known, accepted and departed at one instant has three stages then; one that ends there has none."""
    tables = {"shipments": [shipment("a", 0), shipment("b", 0)]}
    tables["tenders"] = [offer(shipment_id="a", outcome_at=day(0), outcome_known_at=day(0))]
    at_once = {"code": "AF", "occurred_at": day(0)}
    tables["milestones"] = [{"shipment_id": "a", **at_once}, {"shipment_id": "b", **at_once}, delivered("b", 0)]
    found = all_subjects(dataset_of(tables), ModelName.ETA_RISK)
    assert list(zip(found["subject_id"], found["stage"], strict=True)) == [
        ("a", "release"), ("a", "tendered"), ("a", "AF"),
    ]  # fmt: skip


def test_one_asks_about_what_the_asker_changed():
    """A carrier named in the question wins over the recorded one, in the plan and in its history."""
    tables = {"shipments": [shipment("a", 0), shipment("b", 0, "l"), shipment("c", 3, "k")]}
    tables["milestones"] = [delivered("a", 2), delivered("b", 1, known_at=day(2))]
    as_recorded = ask(tables, ModelName.ETA_RISK, shipment_id="c", as_of=day(3))
    swapped = ask(tables, ModelName.ETA_RISK, shipment_id="c", as_of=day(3), carrier_id="l")
    assert (as_recorded["carrier_id"], swapped["carrier_id"]) == ("k", "l")
    assert swapped["carrier_late_120d"] < 0.5 < as_recorded["carrier_late_120d"]


def test_attributes_of_any_type_are_features():
    """Numbers stay numbers, flags 0/1, text text, moments minutes before the question."""
    own = {"x_number": 3, "x_flag": True, "x_text": "two words", "x_moment": day(1)}
    found = ask({"shipments": [shipment("a", 0, **own)]}, ModelName.ETA_RISK, shipment_id="a", as_of=day(2))
    assert (found["x_number"], found["x_flag"], found["x_text"]) == (3.0, 1.0, "two words")
    assert found["x_moment"] == 1440.0


def test_every_column_is_in_the_catalogue():
    """A column of the frame is named by a line of the catalogue, as it is or through its ``*``."""
    names = [line.name for family in catalogue.FAMILIES for line in family.descriptions]
    assert len(names) == len(set(names))
    for model in ModelName:
        world = World(3, shipments=15).dataset
        frame = FeatureFrames(world).of(model, all_subjects(world, model))
        lost = [n for n in frame if not any(fnmatchcase(n, pattern) for pattern in names)]
        assert lost == []
        assert frame.columns.is_unique


def test_the_catalogues_hash_is_one_of_its_source():
    """The same in every call, 64 hexadecimal digits."""
    assert catalogue_hash() == catalogue_hash()
    assert len(catalogue_hash()) == 64


def test_empty_tables_are_no_crash():
    """A data set with nothing but shipments, and questions about none of them, give frames."""
    world = dataset_of({"shipments": [shipment("a", 0)]})
    for model in ModelName:
        subjects = all_subjects(world, model)
        frame = FeatureFrames(world).of(model, subjects)
        assert len(frame) == len(subjects)


@feature(unit="h", meaning="hours from the question to planned pickup", inputs=("planned_pickup_at",))
def hours_to_pickup(asked: Asked) -> Floats:
    """Negative once the pickup should have been."""
    return minutes_between(asked.record.moment("planned_pickup_at"), asked.as_of) / 60


def test_a_function_becomes_a_feature():
    """``@feature`` makes a family of one column that bears the function's name, in frame and catalogue."""
    world = dataset_of({"shipments": [shipment("a", 0, planned_pickup_at=day(0.5))]})
    families = (*catalogue.FAMILIES, hours_to_pickup)
    frame = FeatureFrames(world).of(ModelName.ETA_RISK, all_subjects(world, ModelName.ETA_RISK), families)
    assert frame["hours_to_pickup"].tolist() == [12.0]
    assert hours_to_pickup.descriptions[0].name == "hours_to_pickup"
    assert hours_to_pickup.descriptions[0].unit == "h"
