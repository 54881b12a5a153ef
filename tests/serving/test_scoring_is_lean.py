"""Scoring in service: the bits of LightGBM on every booster of a trained home, without any library that only learns."""

import subprocess
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from models.boosted import ONE_THREAD, Array, Boosted
from models.shelf import take
from store.dataset import open_dataset
from tests.serving.cli.command import Ended, environment

SCORE = """
import sys
from datetime import datetime
from pathlib import Path

from decisions.bootstrap import open_home
from decisions.settings import load_settings
from domain.ask import PredictionRequest
from domain.predictions import ModelName

home, moment = Path(sys.argv[1]), datetime.fromisoformat("2024-01-12T00:00+00:00")
settings = load_settings(home, {}).settings
house = open_home(home, settings, home / settings.data)
new = {
    ModelName.ETA_RISK: {"shipment_id": "new", "known_at": moment, "planned_delivery_at": moment, "carrier_id": "c1"},
    ModelName.TENDER_FAILURE: {"tender_id": "new", "offered_at": moment, "outcome": "open", "carrier_id": "c1"},
    ModelName.SEVERITY: {"exception_id": "new", "kind": "eta_slip", "raised_at": moment},
}
for name, row in new.items():
    house.predict(name, PredictionRequest(subjects=(row,), as_of=moment))
learning = {"lightgbm", "sklearn", "optuna", "mlflow", "matplotlib", "great_expectations", "distributed", "dask"}
print(*sorted(learning & set(sys.modules)))
"""


def test_scoring_imports_nothing_that_only_learning_needs(trained: tuple[Path, Ended]) -> None:
    """A fresh interpreter opens the home and scores a new subject of each model."""
    done = subprocess.run(
        [sys.executable, "-c", SCORE, str(trained[0])], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.parametrize("name", list(ModelName))
def test_every_booster_of_a_trained_home_scores_to_lightgbms_bits(trained: tuple[Path, Ended], name: ModelName) -> None:
    """On every subject of the data set, on the same with gaps, zeros and codes that nobody met, and row by row."""
    home = trained[0]
    dataset = open_dataset(home / "var/data/small")
    model = take(home, dataset, name).model
    X = model.encoder.matrix(FeatureFrames(dataset).of(name, all_subjects(dataset, name)))
    texts = [file.read_text() for file in (home / "var/models" / f"small.{name}" / "1").glob("*.txt")]
    assert texts
    for text in texts:
        booster, ours = lightgbm.Booster(model_str=text), Boosted(text)
        for rows in (X, spoiled(X)):
            expected = np.asarray(booster.predict(rows, raw_score=True, **ONE_THREAD))
            assert ours.margins(rows).tobytes() == expected.tobytes()
            assert (
                np.concatenate([ours.margins(rows[k : k + 1]) for k in range(20)]).tobytes() == expected[:20].tobytes()
            )


def spoiled(X: Array) -> Array:
    """Half of all cells are something else."""
    random = np.random.default_rng(7)
    other = random.choice([np.nan, 0.0, -0.0, -1.0, 1e300, np.inf, 1e-36, 249.0, 1e6], X.shape)
    return np.where(random.random(X.shape) < 0.5, other, X)
