"""Rolling origins: each learns from what was known before, and is measured on what came next, before the test part."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from domain.errors import CannotTrain
from domain.params import MlflowParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.outcomes import Fate, outcomes
from features.subjects import all_subjects
from store.registry import Registry
from tests.training.synthetic import MANIFEST, OF_OTHERS, PARAMS, T, small
from training.backtest import backtest, origins
from training.training import train

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
TENDER = ModelName.TENDER_FAILURE


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small(tmp_path_factory.mktemp("backtest"))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_origins_cut_the_latest_subjects_evenly(count):
    """As many windows as asked, as large as the test part where at least half is left to learn from."""
    as_of = pd.Series(pd.date_range("2024-01-01", periods=10_001, freq="min", tz="UTC"))
    moments = origins(as_of, as_of.iloc[-1], count, 0.2)
    assert len(moments) == count + 1
    assert moments[-1] == as_of.iloc[-1]
    sizes = [((as_of >= begin) & (as_of < end)).sum() for begin, end in pairwise(moments)]
    assert np.allclose(sizes, 10_000 * min(0.2, 0.5 / count), atol=2)
    assert (as_of < moments[0]).sum() >= 4_999


def test_a_fold_is_measured_on_its_window_and_nothing_later(world):
    """The subjects of [begin, end) with a known outcome, counted apart; the last window ends where the test begins."""
    folds = backtest(FeatureFrames(world), TENDER, PARAMS, T, 2)
    assert [folds[0].end, folds[1].end] == [folds[1].begin, T]
    subjects = all_subjects(world, TENDER)
    known = outcomes(world, TENDER, subjects, MANIFEST.cut_off)["fate"] == Fate.KNOWN
    for fold in folds:
        window = (subjects["as_of"] >= fold.begin) & (subjects["as_of"] < fold.end)
        assert fold.n_test == fold.figures["n"] == (window & known).sum()
        assert PARAMS.min_subjects <= fold.n_train <= (subjects["as_of"] < fold.begin).sum()


def test_a_training_keeps_its_backtest_with_the_run(world, tmp_path):
    """In the report, as an artifact, and as metrics by origin."""
    registry = Registry(tmp_path, MlflowParams())
    done = train(world, registry, PARAMS, (TENDER,), T.to_pydatetime(), backtests=2)
    (told,) = json.loads(json.dumps(done.as_json()))["models"].values()
    assert [fold["test_until"] for fold in told["backtest"]][-1] == T.isoformat()
    run = done.trained[0].version.run_id
    history = registry.client().get_metric_history(run, "backtest/auc")
    assert [(one.step, one.value) for one in history] == [
        (place, pytest.approx(fold["metrics"]["auc"])) for place, fold in enumerate(told["backtest"])
    ]
    assert "backtest.json" in {one.path for one in registry.client().list_artifacts(run)}


def test_an_origin_with_too_few_subjects_is_told_and_nothing_registered(world, tmp_path):
    """Half of the training part in twenty windows leaves fewer than a window needs."""
    registry = Registry(tmp_path, MlflowParams())
    with pytest.raises(CannotTrain, match=r"the backtest from .* ask for fewer origins"):
        train(world, registry, PARAMS, (TENDER,), T.to_pydatetime(), backtests=20)
    assert registry.versions() == []
