"""Earlier subjects to learn from, later ones to be measured on; each side knows only what was known by its end."""

import pandas as pd
import pytest

from domain.errors import CannotTrain
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.outcomes import outcomes
from features.subjects import all_subjects
from models.artifact import Provenance, save_model
from store.current import folder_hash
from tests.training.synthetic import MANIFEST, OF_OTHERS, PARAMS, T, network, small
from training.fitting import fit_model
from training.split import NOT_DRAWN, drawn, for_fitting, mature, part_of, split_in_time

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
NOW = T.to_pydatetime()
JUST_BEFORE = (T - pd.Timedelta(microseconds=1)).to_pydatetime()
MODELS = list(ModelName)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small(tmp_path_factory.mktemp("split"))


@pytest.fixture(scope="module")
def otherwise(tmp_path_factory):
    """The same up to T; whatever became known from T on fell out otherwise."""
    tables = network()
    later = tables["milestones"]["known_at"] >= T
    moved = tables["milestones"]["occurred_at"] + pd.Timedelta(hours=9)
    milestones = tables["milestones"].assign(occurred_at=tables["milestones"]["occurred_at"].mask(later, moved))
    milestones["known_at"] = milestones["known_at"].mask(later, moved)
    later = tables["tenders"]["outcome_known_at"] >= T
    tenders = tables["tenders"].assign(outcome=tables["tenders"]["outcome"].mask(later, "rejected"))
    later = tables["exceptions"]["resolved_known_at"] >= T
    exceptions = tables["exceptions"].assign(impact=tables["exceptions"]["impact"].mask(later, 9999.0))
    folder = tmp_path_factory.mktemp("otherwise")
    return small(folder, milestones=milestones, tenders=tenders, exceptions=exceptions)


@pytest.mark.parametrize("model", MODELS)
def test_training_uses_only_outcomes_known_before_the_split(world, model):
    """as_of and the outcome's known time lie before T in training; the test asks from T on and knows the cut-off."""
    split = split_in_time(world, model, PARAMS, NOW)
    assert (split.train.subjects["as_of"] < T).all()
    known_at = split.train.outcome["known_at"]
    assert ((known_at < T) | known_at.isna()).all()
    # What is certain before it is known: that a shipment is late.
    silent = split.train.outcome[known_at.isna()]
    assert silent.empty or (silent["late"] == 1).all()
    assert (split.test.subjects["as_of"] >= T).all()
    assert (split.test.outcome["known_at"] <= MANIFEST.cut_off).all()
    if model is not ModelName.TENDER_FAILURE:  # every carrier answers within 90 minutes
        assert split.train.left_out["censored"] > 0


@pytest.mark.parametrize("model", MODELS)
def test_what_became_known_later_does_not_change_what_is_learned(world, otherwise, tmp_path, model):
    """Outcomes known from T on may fall as they like: the model fitted at T has the same bytes."""
    hashes = []
    for dataset in (world, otherwise):
        fitted = fit_model(FeatureFrames(dataset), model, PARAMS, NOW)
        folder = tmp_path / str(len(hashes))
        save_model(fitted.model, Provenance("small", "", "", "", "", 1), folder)
        hashes.append(folder_hash(folder))
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("model", MODELS)
def test_every_subject_is_counted(world, model):
    """Those learned from, those too young and those without an outcome are all the subjects of a side."""
    split, subjects = split_in_time(world, model, PARAMS, NOW), all_subjects(world, model)
    for part, side in ((split.train, subjects["as_of"] < T), (split.test, subjects["as_of"] >= T)):
        assert len(part) + sum(part.left_out.values()) == side.sum()
        assert len(part.subjects) == len(part.outcome)


def test_the_youngest_subjects_are_immature(world):
    """Of the shipments of the last hours only quick ones have arrived: none is younger than 97 % of waits; counted."""
    known = part_of(world, ModelName.ETA_RISK, _earlier(world, ModelName.ETA_RISK), JUST_BEFORE)
    kept = mature(known, T)
    waits = known.outcome["known_at"] - known.subjects["as_of"]
    assert kept.left_out["immature"] == len(known) - len(kept) > 0
    for stage in ("release", "AF"):
        ages = T - kept.subjects.loc[kept.subjects["stage"] == stage, "as_of"]
        assert ages.min() >= waits[known.subjects["stage"] == stage].quantile(0.97)


def test_shipments_are_learned_from_once_their_plan_decides(world):
    """Whoever is due by T is learned from, arrived or not, and nobody else; the silent are late, by some time."""
    train, earlier = split_in_time(world, ModelName.ETA_RISK, PARAMS, NOW).train, _earlier(world, ModelName.ETA_RISK)
    told = outcomes(world, ModelName.ETA_RISK, earlier, JUST_BEFORE)
    planned = world.table("shipments").drop_duplicates("shipment_id").set_index("shipment_id")["planned_delivery_at"]
    lag = pd.Timedelta(minutes=told["lag_min"].quantile(0.99))
    decided = earlier["shipment_id"].map(planned) + pd.Timedelta(minutes=15) + lag < T
    gone = told["fate"].isin(["cancelled", "no_plan"])
    known_late = told[told["late"] == 1]
    longest = (known_late["known_at"] - known_late["late_at"]).quantile(0.99)
    lost = told["fate"].eq("censored") & (T - told["late_at"] > longest)
    pd.testing.assert_frame_equal(train.subjects, earlier[decided & ~gone & ~lost].reset_index(drop=True))
    silent = told["fate"].eq("censored")[decided & ~gone & ~lost].reset_index(drop=True)
    assert silent.sum() > 0
    assert (train.outcome.loc[silent, "late"] == 1).all()
    assert train.outcome.loc[silent, "value"].isna().all()
    pd.testing.assert_series_equal(
        train.outcome.loc[silent, "known_at"], train.outcome.loc[silent, "late_at"] + lag, check_names=False
    )
    assert train.left_out.get("immature", 0) == (told["fate"].eq("known") & ~decided).sum()


def test_the_censored_are_counted_by_month(world):
    """Those of whom nothing is known, used or not, by the month of their as_of."""
    for model in MODELS:
        split = split_in_time(world, model, PARAMS, NOW)
        told = outcomes(world, model, _earlier(world, model), JUST_BEFORE)
        open_still = _earlier(world, model)[told["fate"] == "censored"]
        expected = open_still["as_of"].dt.strftime("%Y-%m").value_counts().to_dict()
        assert split.train.censored == expected
        assert sum(split.test.censored.values()) == split.test.left_out.get("censored", 0)


def _earlier(world, model):
    subjects = all_subjects(world, model)
    return subjects[subjects["as_of"] < T].reset_index(drop=True)


def test_the_default_split_keeps_a_fifth_for_the_test(world):
    """The 80 % quantile of as_of."""
    subjects = all_subjects(world, ModelName.SEVERITY)
    split = split_in_time(world, ModelName.SEVERITY, PARAMS)
    assert split.test_from == subjects["as_of"].quantile(0.8)


@pytest.mark.parametrize(
    ("when", "side"),
    [("2024-01-10", "before"), ("2024-03-20", "from"), ("2024-01-01", "before")],
)
def test_a_side_with_too_few_is_refused(world, when, side):
    """The message says which side, how few, how many are needed, and what to do."""
    with pytest.raises(CannotTrain, match=rf"subjects {side} {when}.*fewer than the 30 needed.*--test-from"):
        split_in_time(world, ModelName.SEVERITY, PARAMS, pd.Timestamp(when, tz="UTC").to_pydatetime())


def test_of_stages_at_one_instant_the_last_is_fitted(world):
    """They know the same: the last in the order of stages stays; above max_rows the latest rows stay."""
    from dataclasses import replace

    part = split_in_time(world, ModelName.ETA_RISK, PARAMS, NOW).train
    doubled = replace(part, subjects=pd.concat([part.subjects, part.subjects.assign(stage="twin")], ignore_index=True),
                      outcome=pd.concat([part.outcome, part.outcome], ignore_index=True))  # fmt: skip
    fitted = for_fitting(doubled, PARAMS)
    assert len(fitted) == len(part)
    assert (fitted.subjects["stage"] == "twin").all()
    few = for_fitting(part, replace(PARAMS, max_rows=10))
    pd.testing.assert_frame_equal(few.subjects, part.subjects.tail(10).reset_index(drop=True))


def test_cancelled_shipments_are_left_out_and_counted(tmp_path):
    """A cancelled shipment is neither late nor on time."""
    tables = network()
    milestones = tables["milestones"]
    called_off = milestones["shipment_id"].isin(["s0010", "s0011"]) & (milestones["code"] == "D1")
    world = small(tmp_path, milestones=milestones.assign(code=milestones["code"].mask(called_off, "CA")))
    split = split_in_time(world, ModelName.ETA_RISK, PARAMS, NOW)
    assert split.train.left_out["cancelled"] == len(
        [s for s in all_subjects(world, ModelName.ETA_RISK)["subject_id"] if s in ("s0010", "s0011")]
    )
    assert not split.train.subjects["subject_id"].isin(["s0010", "s0011"]).any()
    by = outcomes(world, ModelName.ETA_RISK, split.train.subjects, NOW)
    assert set(by["fate"]) == {"known", "censored"}


def test_a_delivery_that_was_never_recorded_is_not_late(tmp_path):
    """Of two old shipments the delivery is missing: nothing is learned from them, and they are counted as censored."""
    tables = network()
    milestones = tables["milestones"]
    lost = milestones["shipment_id"].isin(["s0010", "s0011"]) & (milestones["code"] == "D1")
    whole = split_in_time(small(tmp_path / "whole"), ModelName.ETA_RISK, PARAMS, NOW).train
    split = split_in_time(small(tmp_path / "lost", milestones=milestones[~lost]), ModelName.ETA_RISK, PARAMS, NOW).train
    rows = whole.subjects["subject_id"].isin(["s0010", "s0011"]).sum()
    assert rows > 0
    assert not split.subjects["subject_id"].isin(["s0010", "s0011"]).any()
    assert split.left_out["censored"] == whole.left_out.get("censored", 0) + rows


@pytest.mark.parametrize("most", [1, 50, 133])
def test_a_large_test_part_is_thinned_by_whole_subjects(world, most):
    """At most so many rows, all stages of a subject or none, spread over the time; the rest is counted."""
    whole = split_in_time(world, ModelName.ETA_RISK, PARAMS, NOW).test
    thin = drawn(whole, most)
    assert len(thin) <= most < len(whole)
    assert thin.left_out[NOT_DRAWN] == len(whole) - len(thin)
    counts = [part.subjects["subject_id"].value_counts() for part in (thin, whole)]
    assert (counts[0] == counts[1].reindex(counts[0].index)).all()
    assert len(thin) > most / 2 or most == 1
    asked = PARAMS.__class__(**{**PARAMS.__dict__, "max_test_rows": most, "min_subjects": 1})
    pd.testing.assert_frame_equal(split_in_time(world, ModelName.ETA_RISK, asked, NOW).test.outcome, thin.outcome)
