"""A champion that was updated is judged by what it said at each time, not by what it learned since."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from models.shelf import take
from models.update import Update
from store import current
from store.current import in_service
from store.updates import Fate, Record, drop_update, keep_update, put_update_in_service
from tests.training.synthetic import OF_OTHERS, T
from training.drift.served import predict_as_served, updates_of
from training.drift.watched import watched

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
TENDER = ModelName.TENDER_FAILURE
NAME = f"small.{TENDER}"
FIRST, SECOND = T + pd.Timedelta(days=3), T + pd.Timedelta(days=6)


@pytest.fixture
def updated(home, tmp_path):
    """A copy of the trained home whose champion was shifted by 1 from one day on and by 2 from another on."""
    shutil.copytree(home.folder / "var" / "models", tmp_path / "var" / "models")
    for moment, shift in ((FIRST, 1.0), (SECOND, 2.0)):
        put_in_service(tmp_path, home.dataset, moment, shift)
    return tmp_path


def put_in_service(folder, dataset, moment, shift):
    """What the job does, with a shift of one's own."""
    champion = take(folder, dataset, TENDER, updated=False)
    update = Update(
        champion.name,
        champion.version,
        champion.sha256,
        moment.isoformat(),
        "data",
        {"fails": {"offer": shift}},
        100.0,
        {},
    )
    kept = keep_update(folder, champion.name, champion.version, update.as_bytes())
    before = in_service(folder)[champion.name].update
    record = Record(Fate.APPLIED, champion.version, kept, before, "2024-05-01T00:00:00Z", "ann")
    put_update_in_service(folder, champion.name, record)


def shifts(folder, dataset):
    """By how much each offer's log-odds were shifted at its moment, and the moments."""
    trained = take(folder, dataset, TENDER, updated=False)
    subjects = all_subjects(dataset, TENDER)
    frame = FeatureFrames(dataset).of(TENDER, subjects)
    updates = updates_of(folder, trained, in_service(folder)[trained.name].update)
    said = predict_as_served(trained, updates, frame, subjects["as_of"])["p_fail"]
    return (logit(said) - logit(trained.model.predict(frame)["p_fail"])).round(6), subjects["as_of"]


def test_each_subject_is_told_what_was_in_service_at_its_moment(home, updated):
    """Before the first update as trained, then shifted by 1, at the second's moment and after it by 2."""
    shift, as_of = shifts(updated, home.dataset)
    expected = np.select([as_of < FIRST, as_of < SECOND], [0.0, 1.0], 2.0)
    assert set(expected) == {0.0, 1.0, 2.0}
    np.testing.assert_allclose(shift, expected, atol=1e-9)


def test_an_update_that_was_made_later_for_an_earlier_moment_counts_from_it_on(home, updated):
    """The log's order is the truth: run again for the first day, the job put that day's update in service last."""
    put_in_service(updated, home.dataset, FIRST, 3.0)
    shift, as_of = shifts(updated, home.dataset)
    np.testing.assert_allclose(shift, np.where(as_of < FIRST, 0.0, 3.0), atol=1e-9)
    assert take(updated, home.dataset, TENDER).version == f"1+{in_service(updated)[NAME].update[:8]}"


def test_updates_of_before_a_promotion_are_not_its(home, updated):
    """Dropped, then updated again from the second moment on: as trained before it."""
    drop_update(updated, NAME, "ann", "2024-05-02T00:00:00Z", "promotion of version 1")
    current.put_in_service(updated, {NAME: replace(in_service(updated)[NAME], update="")})
    put_in_service(updated, home.dataset, SECOND, 4.0)
    shift, as_of = shifts(updated, home.dataset)
    np.testing.assert_allclose(shift, np.where(as_of < SECOND, 0.0, 4.0), atol=1e-9)


def test_a_champion_is_watched_from_the_end_of_its_training_on(home, updated):
    """Not from its last update on; the report bears the sub-version's name."""
    seen = watched(home.dataset, updated, TENDER)
    trained = take(updated, home.dataset, TENDER, updated=False)
    assert seen.begin == pd.Timestamp(trained.provenance.trained_until)
    assert seen.used.version.startswith(f"{trained.version}+")
    assert (seen.after.subjects["as_of"] < FIRST).any()


def test_a_promotion_meanwhile_is_not_half_seen(home, updated, monkeypatch):
    """What is in service is read once: the report is of the version and the updates that were there when it began."""
    before = in_service(updated)[NAME]

    def read_and_promoted(folder):
        said = in_service(folder)
        current.put_in_service(folder, {NAME: replace(before, version="2", sha256="", update="")})
        return said

    monkeypatch.setattr("models.shelf.in_service", read_and_promoted)
    seen = watched(home.dataset, updated, TENDER)
    assert seen.used.version == f"1+{before.update[:8]}"
    last = seen.after.subjects["as_of"] >= SECOND
    trained = seen.used.model.predict(seen.after.frame)["p_fail"]  # shifted by 2, as the last update says
    np.testing.assert_allclose(seen.after.p[last], trained[last], rtol=1e-9)
