"""A model is a folder: what is loaded is what was saved, and the same data give the same bytes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from domain.errors import NotThere, WrongModel
from domain.predictions import ModelName
from models.artifact import FORMAT, Provenance, load_model, save_model
from store.current import folder_hash
from tests.models.synthetic import frame_of

MADE = Provenance("small", "f" * 64, "c" * 64, "2024-01-01T00:00:00+00:00", "1234567", 5)
NEW = frame_of(300, seed=9, stages=("release", "AF", "X6"))
FIT = """
import sys
from pathlib import Path
from models.artifact import FORMAT, Provenance, save_model
from store.current import folder_hash
from tests.models.synthetic import fitted_all
for name, model in fitted_all(400).items():
    folder = Path(sys.argv[1]) / name
    save_model(model, Provenance("small", "", "", "", "", 5), folder)
    print(name, folder_hash(folder))
"""


@pytest.mark.parametrize("name", list(ModelName))
def test_a_loaded_model_predicts_the_same(fitted, tmp_path, name):
    """Predictions and explanations after saving and loading are bit-equal, and so is the folder saved again."""
    save_model(fitted[name], MADE, tmp_path / "one")
    loaded, provenance = load_model(tmp_path / "one")
    assert provenance == MADE
    assert loaded.name is name
    pd.testing.assert_frame_equal(loaded.predict(NEW), fitted[name].predict(NEW), check_exact=True)
    assert (loaded.explain(NEW).values == fitted[name].explain(NEW).values).all()
    save_model(loaded, provenance, tmp_path / "two")
    assert _said(tmp_path / "one") == _said(tmp_path / "two")


def _said(folder: Path) -> dict:
    return json.loads((folder / "model.json").read_text())


def test_a_model_is_text_and_json(fitted, tmp_path):
    """No pickle, nothing executable: model.json and LightGBM's text files."""
    save_model(fitted["eta_risk"], MADE, tmp_path / "one")
    names = {file.name for file in (tmp_path / "one").iterdir()}
    assert "model.json" in names
    assert all(name.endswith((".json", ".txt")) for name in names)
    for file in (tmp_path / "one").iterdir():
        file.read_text(encoding="utf-8")


def test_the_same_data_and_seed_give_the_same_bytes(tmp_path):
    """Two processes with other hash seeds write folders of one hash."""
    said = []
    for number in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": number}
        command = [sys.executable, "-c", FIT, str(tmp_path / number)]
        root = Path(__file__).parents[2]
        run = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=True)
        said.append(run.stdout)
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 3
    assert folder_hash(tmp_path / "1") == folder_hash(tmp_path / "2")


def test_an_empty_folder_is_no_model(tmp_path):
    """The message names the folder and the file it lacks."""
    with pytest.raises(NotThere, match=r"model\.json"):
        load_model(tmp_path)


def test_another_format_is_refused(fitted, tmp_path):
    """A model of another version says so, and what to do."""
    save_model(fitted["severity"], MADE, tmp_path / "one")
    file = tmp_path / "one" / "model.json"
    file.write_text(file.read_text().replace(f'"format": {FORMAT}', '"format": 99'))
    with pytest.raises(WrongModel, match=r"format 99.*train again"):
        load_model(tmp_path / "one")
