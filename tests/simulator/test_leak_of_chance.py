"""A leak that no single column shows is found by a model that does better than anybody could."""

from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from simulator.network.params import SimulationParams
from simulator.simulate import TRUTH, simulate
from store.beside import folder_beside
from store.dataset import Dataset
from tests.simulator.checks import bad, check_history
from tests.simulator.histories import altered

PARAMS = SimulationParams(6_000, 300, 13, truth_sample=1_500)
BY_LUCK = 0.03
"""AUC by which a model may beat the ideal forecaster on some thousand subjects."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A network with the truth about a quarter of its subjects."""
    return simulate(PARAMS, tmp_path_factory.mktemp("told") / "data").dataset


def better_than_ideal(dataset: Dataset) -> float:
    """AUC of boosted trees on the offers of which the truth is known, less the ideal forecaster's.

    The trees learn from all other offers, so as to have the best chance.
    """
    subjects = all_subjects(dataset, ModelName.TENDER_FAILURE)
    happened = bad(dataset, ModelName.TENDER_FAILURE, subjects)
    subjects, happened = subjects[happened.notna()], happened.dropna()
    frame = FeatureFrames(dataset).of(ModelName.TENDER_FAILURE, subjects)
    numbers = frame.apply(lambda column: column if column.dtype.kind == "f" else column.astype("category").cat.codes)
    truth = pd.read_parquet(folder_beside(dataset, TRUTH) / "tender_failure.parquet")
    ideal = truth.set_index("subject_id")["p_ideal"].reindex(subjects["tender_id"]).to_numpy()
    asked = ~np.isnan(ideal)
    trees = lgb.LGBMClassifier(
        n_estimators=80, num_leaves=15, learning_rate=0.06, min_child_samples=40, random_state=1, n_jobs=1, verbose=-1
    ).fit(numbers[~asked].to_numpy(float), happened[~asked])
    p = trees.predict_proba(numbers[asked].to_numpy(float))[:, 1]
    return float(roc_auc_score(happened[asked], p) - roc_auc_score(happened[asked], ideal[asked]))


def outcome_for_some(dataset: Dataset) -> Dataset:
    """A column of tenders that says what comes of them, wrong for one in seven."""
    tenders = dataset.table("tenders")
    drawn = np.random.default_rng(8)
    failed = tenders["outcome"].ne("accepted").to_numpy()
    tenders["x_rating"] = np.where(drawn.random(len(tenders)) < 0.15, ~failed, failed) + drawn.normal(
        0, 0.1, len(tenders)
    )
    return altered(dataset, tenders=tenders)


def test_a_model_of_the_record_is_no_better_than_the_ideal_forecaster(told: Dataset) -> None:
    """Who knows the world's laws and the record is not beaten by who has the record only."""
    assert -0.2 < better_than_ideal(told) < BY_LUCK


def test_a_model_of_a_record_that_leaks_is(told: Dataset) -> None:
    """By more than luck."""
    assert better_than_ideal(outcome_for_some(told)) > BY_LUCK


def test_no_other_check_finds_a_leak_that_is_mostly_noise(told: Dataset) -> None:
    """So that this one is needed."""
    assert check_history(outcome_for_some(told), PARAMS) == {}


def test_the_truth_is_where_the_data_set_says(told: Dataset) -> None:
    """Beside the tables, marked with their fingerprint."""
    assert folder_beside(told, TRUTH) == Path(told.folder) / TRUTH
