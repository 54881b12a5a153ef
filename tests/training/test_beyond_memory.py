"""Training from files gives the models of training in memory, byte for byte."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import BadSettings
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.frame_file import FrameFile
from models.artifact import Provenance, save_model
from models.out_of_core import FileRows
from store.current import folder_hash
from store.dataset import Dataset
from tests.training.synthetic import PARAMS, small
from training import fitting
from training.fitting import Fitted, fit_model, prepare

NOBODY = Provenance("small", "", "", "", "", 5)
FILES = replace(PARAMS, beyond_memory=True)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return small(tmp_path_factory.mktemp("beyond") / "data")


def kept(fitted: Fitted, folder: Path) -> str:
    save_model(fitted.model, NOBODY, folder)
    return folder_hash(folder)


@pytest.mark.parametrize("name", list(ModelName))
def test_a_model_learned_from_files_has_the_bytes_of_one_from_memory(dataset, tmp_path, monkeypatch, name):
    """And its figures; what it learns from is in files."""
    expected = fit_model(FeatureFrames(dataset), name, PARAMS)
    read: list[int] = []
    whole = FileRows._read
    monkeypatch.setattr(FileRows, "_read", lambda self, chosen: read.append(len(self)) or whole(self, chosen))
    found = fit_model(FeatureFrames(dataset), name, FILES)
    assert kept(found, tmp_path / "files") == kept(expected, tmp_path / "memory")
    assert found.figures == expected.figures
    assert found.example[list(expected.example)].reset_index(drop=True).equals(expected.example.reset_index(drop=True))
    assert max(read) == len(expected.split.train)


def test_the_latest_rows_of_files_are_checked(dataset, monkeypatch):
    """As many as are said, with their outcomes; the frame itself stays where it is."""
    monkeypatch.setattr(fitting, "CHECKED_ROWS", 100)
    ready = prepare(FeatureFrames(dataset), ModelName.TENDER_FAILURE, FILES)
    assert isinstance(ready.frame, FrameFile)
    assert len(ready.frame) > 100
    assert fitting.check_prepared(ready).rows == 100


@pytest.mark.parametrize("other", [{"encoding": "target"}, {"search_trials": 5}])
def test_what_a_file_cannot_do_is_refused(other: dict[str, object]) -> None:
    """Codes by outcome differ from row to row, and a matrix in a file is written once: said, instead of left out."""
    with pytest.raises(BadSettings, match="beyond_memory must be false where encoding is not native"):
        TrainingParams(beyond_memory=True, **other)
