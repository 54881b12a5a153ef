"""The health of a champion: as known by a moment, cost first, silent on what matters to nobody."""

import json
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from domain.errors import LanewiseError
from domain.health import Health
from domain.params import CostParams, DriftParams
from domain.predictions import ModelName
from store.dataset import open_dataset
from tests.training.synthetic import MANIFEST, OF_OTHERS, T, network, small
from training.drift.health import health_of, looked_at
from training.drift.page import page_of
from training.drift.watched import watched

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
MOMENT = T + pd.Timedelta(days=12)
PARAMS = DriftParams(window_days=20)
COSTS = CostParams()


@pytest.fixture(scope="module")
def report(home):
    """The health of the tender model at the cut-off."""
    return health_of(home.dataset, home.folder, ModelName.TENDER_FAILURE, COSTS, PARAMS)


def looked(home, dataset, as_of=None, model=ModelName.TENDER_FAILURE):
    """The report as a document."""
    moment = None if as_of is None else as_of.to_pydatetime()
    return health_of(dataset, home.folder, model, COSTS, PARAMS, moment).as_json()


def refused(tenders: pd.DataFrame, from_: pd.Timestamp) -> pd.DataFrame:
    """Tenders of which all that were offered from a moment on are refused."""
    return tenders.assign(outcome=tenders["outcome"].mask(tenders["offered_at"] >= from_, "rejected"))


def test_what_became_known_later_does_not_count_yet(home, tmp_path):
    """Every outcome known after the moment is turned round: the report of the moment is the same to the last digit."""
    tenders = network()["tenders"]
    later = tenders["outcome_at"] > MOMENT
    other = np.where(tenders["outcome"] == "rejected", "accepted", "rejected")
    changed = small(tmp_path / "data", tenders=tenders.assign(outcome=tenders["outcome"].mask(later, other)))
    assert looked(home, changed, MOMENT) == looked(home, home.dataset, MOMENT)
    assert looked(home, changed) != looked(home, home.dataset)


def test_an_outcome_counts_on_the_day_it_became_known(home, tmp_path):
    """Told five days later than it came about, it is judged five days later."""
    tenders = network()["tenders"]
    late = tenders.assign(outcome_known_at=tenders["outcome_at"] + pd.Timedelta(days=5))
    slow = small(tmp_path / "data", tenders=late)
    seen = watched(slow, home.folder, ModelName.TENDER_FAILURE)
    offered = (seen.after.subjects["as_of"][seen.judged] - seen.first_day) // pd.Timedelta(days=1)
    assert (seen.known_day >= offered.to_numpy() + 5).all()
    assert seen.until == pd.Timestamp(MANIFEST.cut_off)


def test_a_later_look_does_not_rewrite_earlier_days(home):
    """Evidence of days that were over at the earlier moment is the same at the cut-off."""
    early, whole = looked(home, home.dataset, MOMENT), looked(home, home.dataset)
    count = len(early["evidence"]["days"]) - 1
    assert count > 5
    assert whole["evidence"]["log"][:count] == early["evidence"]["log"][:count]
    assert early["health"]["as_of"] == "2024-03-13T00:00:00Z"


def test_a_champion_that_holds_is_well(report):
    """State, cost, no alarm; every stage is a stream."""
    assert report.health.health is Health.OK
    assert report.calibration.alarms == ()
    assert {one.stream.name for one in report.calibration.findings} >= {"stage=offer"}
    assert (
        report.calibration.worst.cost.low <= report.calibration.worst.cost.value <= report.calibration.worst.cost.high
    )


def test_refusals_of_everybody_are_an_alarm_in_money(home, tmp_path):
    """Raised within a week at five outcomes a day; the reason says cost and currency first, then where."""
    changed = small(tmp_path / "data", tenders=refused(network()["tenders"], MOMENT))
    found = health_of(changed, home.folder, ModelName.TENDER_FAILURE, COSTS, PARAMS)
    health, standing = found.health, found.calibration.standing
    assert health.health is Health.ALARM
    assert health.cost_per_day > 0
    assert health.reason.startswith("deciding by it loses ")
    assert f"{MANIFEST.currency} a day: in stage=offer" in health.reason
    assert MOMENT <= standing.since <= MOMENT + pd.Timedelta(days=7)
    assert abs(standing.began - MOMENT) <= pd.Timedelta(days=3)
    assert standing.finding.shift.value > 0.5
    assert found.summary().splitlines()[1].strip().startswith("costs ")


def test_a_column_that_matters_to_nobody_may_drift(home, tmp_path):
    """A place that no outcome follows from: listed as drifted, moves nothing, raises no alarm."""
    shipments = network()["shipments"]
    moved = shipments.assign(origin_id=shipments["origin_id"].mask(shipments["known_at"] >= T, "Z"))
    found = health_of(small(tmp_path / "data", shipments=moved), home.folder, ModelName.TENDER_FAILURE, COSTS, PARAMS)
    drifted = {one.name: one for one in found.inputs if one.drifted}
    assert "origin_id" in drifted
    assert not drifted["origin_id"].matters
    assert found.health.health is Health.OK


def test_a_column_that_moves_the_score_is_told_in_money(home, tmp_path):
    """All loads go to the bad carrier: the column drifts and moves the score up."""
    tables = network()
    bad = {
        name: tables[name].assign(carrier_id=tables[name]["carrier_id"].mask(tables[name][known] >= T, "bad"))
        for name, known in (("shipments", "known_at"), ("tenders", "offered_at"))
    }
    found = health_of(small(tmp_path / "data", **bad), home.folder, ModelName.TENDER_FAILURE, COSTS, PARAMS)
    (carrier,) = [one for one in found.inputs if one.name == "carrier_id"]
    assert carrier.matters
    assert carrier.moved > 0
    assert carrier.cost >= 0
    assert found.scores.mean_now > found.scores.mean_before


def test_contributions_of_all_columns_add_up_to_the_move_of_the_score(report, home):
    """What columns moved is what the mean margin moved; oracle: the model's explanation of both samples."""
    seen = watched(home.dataset, home.folder, ModelName.TENDER_FAILURE)
    recent = seen.after.at(seen.last(PARAMS.window_days))
    told = [seen.used.model.explain(said.frame).margin.mean() for said in (seen.before, recent)]
    assert sum(one.moved for one in report.inputs) == pytest.approx(told[1] - told[0], abs=1e-9)


@pytest.mark.parametrize("model", list(ModelName))
def test_every_model_has_a_report_that_json_takes(home, model):
    """No figure that is not finite; the same twice."""
    one, two = (looked(home, home.dataset, model=model) for _ in range(2))
    assert json.dumps(one, allow_nan=False) == json.dumps(two, allow_nan=False)
    assert one["version"] == "1"
    assert one["outcomes"] > 0


def test_a_subject_counts_once_in_a_stream(home):
    """Stages of one shipment share an outcome: no stream holds a shipment twice."""
    seen = watched(home.dataset, home.folder, ModelName.ETA_RISK)
    assert seen.after.subjects["stage"].nunique() > 1
    assert not seen.after.subjects.duplicated(["subject_id", "stage"]).any()


def test_outcomes_are_judged_once_slow_ones_can_be_known(home):
    """Before that only quick ones are: nothing is judged until a stage has settled."""
    seen = watched(home.dataset, home.folder, ModelName.ETA_RISK)
    settled = seen.after.subjects["stage"].map(seen.settled)
    assert (settled > seen.begin).all()
    early = ~np.isnan(seen.happened) & (seen.known_at < settled).to_numpy()
    assert early.any()
    assert not (early & seen.judged).any()


def test_where_no_outcome_counts_yet_nothing_is_said_of_the_cost(home):
    """Subjects came, outcomes did not: the health is unknown with the reason, on the page, too."""
    early = (T + pd.Timedelta(days=1)).to_pydatetime()
    found = health_of(home.dataset, home.folder, ModelName.ETA_RISK, COSTS, PARAMS, early)
    assert found.subjects > 0 == found.outcomes
    assert found.health.health is Health.UNKNOWN
    assert found.health.cost_per_day is None
    assert f"no outcome counts yet of the {found.subjects:,} subjects" in found.health.reason
    assert found.health.reason in found.summary()
    assert "costs" not in found.summary()
    assert found.health.reason in page_of([found])


def test_a_moment_that_cannot_be_looked_at_is_refused(home):
    """After the cut-off, and before anything came since training; the message says what to give."""
    with pytest.raises(LanewiseError, match="cut-off"):
        watched(home.dataset, home.folder, ModelName.SEVERITY, datetime.fromisoformat("2030-01-01T00:00:00Z"))
    with pytest.raises(LanewiseError, match="later --as-of"):
        watched(home.dataset, home.folder, ModelName.SEVERITY, T.to_pydatetime())


def test_models_in_service_are_looked_at_where_none_is_named(home, tmp_path):
    """All three; none in service is told with the way out."""
    assert looked_at(home.dataset, home.folder, ()) == tuple(ModelName)
    assert looked_at(home.dataset, home.folder, [ModelName.SEVERITY]) == (ModelName.SEVERITY,)
    with pytest.raises(LanewiseError, match="lanewise train"):
        looked_at(open_dataset(home.dataset.folder), tmp_path, ())
