"""A champion that was updated is judged by what it said at each time, not by what it learned since."""

import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from models.shelf import take
from models.update import Update
from store.updates import Fate, Record, keep_update, put_update_in_service
from tests.training.synthetic import OF_OTHERS, T
from training.drift.served import predict_as_served
from training.drift.watched import watched

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
TENDER = ModelName.TENDER_FAILURE
FIRST, SECOND = T + pd.Timedelta(days=3), T + pd.Timedelta(days=6)


@pytest.fixture
def updated(home, tmp_path):
    """A copy of the trained home whose champion was shifted by 1 from one day on and by 2 from another on."""
    shutil.copytree(home.folder / "var" / "models", tmp_path / "var" / "models")
    champion, before = take(tmp_path, home.dataset, TENDER), ""
    for moment, shift in ((FIRST, 1.0), (SECOND, 2.0)):
        update = Update(
            champion.name, champion.version, champion.sha256, moment.isoformat(), "data", {"fails": shift}, 100.0, {}
        )
        kept = keep_update(tmp_path, champion.name, champion.version, update.as_bytes())
        record = Record(Fate.APPLIED, champion.version, kept, before, "2024-05-01T00:00:00Z", "ann")
        put_update_in_service(tmp_path, champion.name, record)
        before = kept
    return tmp_path


def test_each_subject_is_told_what_was_in_service_at_its_moment(home, updated):
    """Before the first update as trained, then shifted by 1, at the second's moment and after it by 2."""
    trained = take(updated, home.dataset, TENDER, updated=False)
    subjects = all_subjects(home.dataset, TENDER)
    frame = FeatureFrames(home.dataset).of(TENDER, subjects)
    said = predict_as_served(updated, trained, frame, subjects["as_of"])["p_fail"]
    shift = np.select([subjects["as_of"] < FIRST, subjects["as_of"] < SECOND], [0.0, 1.0], 2.0)
    assert set(shift) == {0.0, 1.0, 2.0}
    expected = expit(logit(trained.model.predict(frame)["p_fail"]) + shift)
    np.testing.assert_allclose(said, expected, rtol=1e-9)


def test_a_champion_is_watched_from_the_end_of_its_training_on(home, updated):
    """Not from its last update on; the report bears the sub-version's name."""
    seen = watched(home.dataset, updated, TENDER)
    trained = take(updated, home.dataset, TENDER, updated=False)
    assert seen.begin == pd.Timestamp(trained.provenance.trained_until)
    assert seen.used.version.startswith(f"{trained.version}+")
    assert (seen.after.subjects["as_of"] < FIRST).any()
