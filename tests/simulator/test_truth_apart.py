"""The truth of a simulated network lies beside it, and nothing that learns, decides or serves looks at it."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from simulator.network.params import SimulationParams
from simulator.simulate import TRUTH, simulate
from store.check import check_dataset
from store.dataset import open_dataset
from tests.test_house import PACKAGES, ROOT
from training.fitting import fit_model

DOOR = "serving/commands/simulate.py"
ASKING = "serving/commands/simulated_world.py"
"""Where a world is asked what would have happened otherwise; it hands on answers, never what was true."""
BESIDE = {"store/beside.py", "store/staging.py", "store/streaming.py"}
"""Where folders beside a data set's tables are written, whatever their name."""
PARAMS = TrainingParams(seed=3, threads=1, max_trees=10, leaves=4, min_leaf_rows=20, min_subjects=30)


def elsewhere() -> Iterator[tuple[str, ast.Module]]:
    """Every file of a package that must not know the truth."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")) if package != "simulator" else []:
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))


def texts(tree: ast.Module) -> list[str]:
    """Strings and names of a file, docstrings and other bare strings left out."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare
    ]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return strings + names + [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def test_nobody_else_names_the_folder_of_the_truth() -> None:
    """But the door, which says how large a sample is wanted."""
    named = {
        name: [text for text in texts(tree) if re.search(rf"\b{TRUTH}\b", text, re.IGNORECASE)]
        for name, tree in elsewhere()
    }
    assert named.pop(DOOR) == ["--truth-sample"]
    assert {name: found for name, found in named.items() if found} == {}


def test_nobody_else_looks_beside_the_tables() -> None:
    """The function that finds such folders is called in the simulator, tests and benchmarks only."""
    looking = {name for name, tree in elsewhere() if {"folder_beside", "is_marked"} & set(texts(tree))}
    assert looking <= BESIDE


def test_nobody_but_the_doors_imports_the_simulator() -> None:
    """Also inside functions, where import-linter's contract says the same."""
    importing = {
        name
        for name, tree in elsewhere()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "simulator")
        or (isinstance(node, ast.Import) and any(one.name.split(".")[0] == "simulator" for one in node.names))
    }
    assert importing == {DOOR, ASKING}


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network with its truth."""
    folder = tmp_path_factory.mktemp("honest") / "data"
    simulate(SimulationParams(1_200, 90, 4, truth_sample=30), folder)
    return folder


def seen_of(folder: Path) -> tuple[object, ...]:
    """All that the house makes of a data set: check, features of each model, predictions of a fitted one."""
    dataset = open_dataset(folder)
    frames = FeatureFrames(dataset)
    features = [frames.of(model, all_subjects(dataset, model).head(300)).to_csv() for model in ModelName]
    fitted = fit_model(frames, ModelName.SEVERITY, PARAMS)
    return dataset.fingerprint, check_dataset(folder), features, np.round(fitted.predicted.to_numpy(float), 12).tolist()


@pytest.mark.parametrize("how", ["garbage", "gone"])
def test_without_its_truth_a_network_is_the_same(how: str, honest: Path, tmp_path: Path) -> None:
    """Whether every file of the truth is garbage or there is none: the same check, features, model, predictions."""
    copy = tmp_path / "data"
    shutil.copytree(honest, copy)
    files = [file for file in (copy / TRUTH).rglob("*") if file.is_file()]
    assert {"world.json", "patterns.json", "eta_risk.parquet"} <= {file.name for file in files}
    for file in files:
        file.write_bytes(b"\xff\x00 no file of any kind")
    if how == "gone":
        shutil.rmtree(copy / TRUTH)
    assert seen_of(copy) == seen_of(honest)


def test_the_manifest_does_not_list_the_truth(honest: Path) -> None:
    """Readers open only what the manifest lists."""
    assert (honest / TRUTH).is_dir()
    assert TRUTH not in (honest / "manifest.json").read_text(encoding="utf-8")
