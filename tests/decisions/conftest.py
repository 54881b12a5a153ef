"""A simulated network of a quarter, and a tender model fitted on it."""

from dataclasses import dataclass

import pytest

from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from models.tender_failure import TenderFailure, fit_tender_failure
from simulator.network.params import MarketKind
from store.dataset import Dataset
from tests.simulator.histories import history
from training.fitting import prepare

PARAMS = TrainingParams(seed=5, threads=1, max_trees=60, learning_rate=0.15, leaves=15, min_leaf_rows=20)


@dataclass(frozen=True)
class Tendered:
    """The network, its features and the model."""

    dataset: Dataset
    frames: FeatureFrames
    model: TenderFailure


@pytest.fixture(scope="session")
def tendered(tmp_path_factory: pytest.TempPathFactory) -> Tendered:
    dataset = history(tmp_path_factory.mktemp("tendered") / "data", 1_500, seed=9, market=MarketKind.TIGHT, days=90)
    frames = FeatureFrames(dataset)
    ready = prepare(frames, ModelName.TENDER_FAILURE, PARAMS)
    return Tendered(dataset, frames, fit_tender_failure(ready.frame, ready.outcome, PARAMS))
