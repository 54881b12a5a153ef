"""One home with two trainings of the small network; MLflow takes seconds, so it is shared."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.params import MlflowParams
from store.dataset import Dataset
from store.registry import Registry
from tests.training.synthetic import PARAMS, T, small
from training.training import TrainingReport, train


@dataclass(frozen=True)
class Home:
    folder: Path
    dataset: Dataset
    registry: Registry
    first: TrainingReport
    second: TrainingReport
    progress: list[str]


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Home:
    folder = tmp_path_factory.mktemp("home")
    dataset = small(folder / "data")
    registry = Registry(folder, MlflowParams())
    progress: list[str] = []
    first = train(dataset, registry, PARAMS, test_from=T.to_pydatetime(), progress=progress.append)
    return Home(folder, dataset, registry, first, train(dataset, registry, PARAMS), progress)
