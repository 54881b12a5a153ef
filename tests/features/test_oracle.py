"""Features, subjects and outcomes are those that the oracle computes one at a time, to 1e-9."""

import re

import numpy as np
import pandas as pd
import pytest

from domain.predictions import ID_COLUMNS, ModelName
from features.frame import FeatureFrames
from features.outcomes import outcomes
from features.subjects import all_subjects
from tests.features.oracle import Oracle
from tests.features.world import World, day

SEEDS = range(3)
EVERY = [(seed, model) for seed in SEEDS for model in ModelName]
worlds = {seed: World(seed, shipments=30).dataset for seed in SEEDS}
oracles = {seed: Oracle(dataset) for seed, dataset in worlds.items()}


def asked(seed: int, model: ModelName) -> pd.DataFrame:
    """Some subjects of a model, and one never seen."""
    subjects = all_subjects(worlds[seed], model).iloc[::3]
    unseen = subjects.iloc[[-1]].assign(**{"subject_id": "never seen", ID_COLUMNS[model]: "never seen"})
    return pd.concat([subjects, unseen], ignore_index=True)


def agree(frame: pd.DataFrame, expected: list[dict[str, float]]) -> None:
    """A column the oracle knows and the frame lacks must be unknown throughout."""
    wanted = pd.DataFrame(expected, index=frame.index).astype("float64")
    for name in wanted.columns:
        got = frame[name].to_numpy(np.float64) if name in frame else np.full(len(frame), np.nan)
        if name not in frame and not name.endswith("d"):
            assert wanted[name].isna().all(), name
        elif name in frame:
            np.testing.assert_allclose(got, wanted[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(("seed", "model"), EVERY)
def test_subjects_and_stages_are_the_oracles(seed, model):
    """Release, tendered, milestones until D1 or CA; offers; exceptions; in order of (as_of, subject)."""
    found = all_subjects(worlds[seed], model)
    got = list(zip(found["subject_id"], found["stage"], found["as_of"], strict=True))
    assert sorted(got, key=lambda one: (one[2], one[0], one[1])) == oracles[seed].subjects(model)
    assert [(one[2], one[0]) for one in got] == sorted((one[2], one[0]) for one in got)
    assert (found["subject_id"] == found[ID_COLUMNS[model]]).all()


@pytest.mark.parametrize(("seed", "model"), EVERY)
@pytest.mark.parametrize("by", [30, 60.25, 300])
def test_outcomes_are_the_oracles(seed, model, by):
    """Fate, value and lateness with what was known by a moment: cancelled, censored and unplanned have no value."""
    subjects = all_subjects(worlds[seed], model)
    found = outcomes(worlds[seed], model, subjects, day(by).to_pydatetime())
    wanted = [oracles[seed].outcome(model, row, day(by)) for row in subjects.to_dict("records")]
    assert found["fate"].tolist() == [fate for fate, _, _ in wanted]
    np.testing.assert_allclose(found["value"].where(found["fate"] == "known"), [v for _, v, _ in wanted], rtol=1e-12)
    if model is ModelName.ETA_RISK:
        np.testing.assert_allclose(found["late"], [late for _, _, late in wanted])


def test_the_worlds_hold_every_fate():
    """The random networks are worth asking: every fate occurs, and corrections, and equal moments."""
    fates = set()
    for seed in SEEDS:
        for model in ModelName:
            fates |= set(outcomes(worlds[seed], model, all_subjects(worlds[seed], model), day(300))["fate"])
        milestones = worlds[seed].table("milestones")
        assert milestones.duplicated(["shipment_id", "code_list", "code", "stop"]).sum() > 10
        assert milestones.duplicated("known_at").sum() > 3
        assert (milestones["known_at"] > milestones["occurred_at"]).sum() > 10
    assert fates == {"known", "censored", "cancelled", "no_plan"}


@pytest.mark.parametrize(("seed", "model"), EVERY)
def test_history_is_the_oracles(seed, model):
    """Decayed, shrunk means with parents; corrections as changes, up to their horizon; ties are seen."""
    subjects, oracle = asked(seed, model), oracles[seed]
    frame = FeatureFrames(worlds[seed]).of(model, subjects)
    expected = []
    for row in subjects.to_dict("records"):
        record = oracle.record(model, row["subject_id"], row["as_of"])
        expected.append(oracle.history(model, record, row["as_of"]))
    agree(frame, expected)
    made = [name for name in frame if re.search(r"_[\d.]+d$", name)]
    assert set(made) <= set().union(*expected)
    assert len(made) > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_lane_is_used_to_is_the_oracles(seed):
    """Plain decayed means of answered prices and planned lead times; other models do not look at them."""
    model, oracle = ModelName.TENDER_FAILURE, oracles[seed]
    subjects = asked(seed, model)
    frame = FeatureFrames(worlds[seed]).of(model, subjects)
    records = [oracle.record(model, row["subject_id"], row["as_of"]) for row in subjects.to_dict("records")]
    expected = [oracle.usual(record, at) for record, at in zip(records, subjects["as_of"], strict=True)]
    assert frame[list(expected[0])].notna().sum().min() > 0
    agree(frame, expected)
    other = FeatureFrames(worlds[seed]).of(ModelName.ETA_RISK, asked(seed, ModelName.ETA_RISK))
    assert not set(expected[0]) & set(other)


@pytest.mark.parametrize(("seed", "model"), EVERY)
def test_progress_and_signals_are_the_oracles(seed, model):
    """Milestones and refusals known so far, overdue time, the latest reading at each place."""
    subjects, oracle = asked(seed, model), oracles[seed]
    frame = FeatureFrames(worlds[seed]).of(model, subjects)
    expected = []
    for row in subjects.to_dict("records"):
        record = oracle.record(model, row["subject_id"], row["as_of"])
        expected.append(oracle.progress(row, record) | oracle.signals(record, row["as_of"]))
    agree(frame, expected)
