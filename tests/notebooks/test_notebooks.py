"""Notebooks run from top to bottom, define nothing, and are kept without what they once said."""

import ast
import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from domain.params import MlflowParams
from domain.predictions import ModelName
from store.registry import Registry
from tests.training.synthetic import OF_OTHERS, PARAMS, small
from training.training import train

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
RETRAIN = FOLDER / "01-retrain-and-compare.ipynb"
DAY = FOLDER / "02-a-day-of-retraining.ipynb"
MAX_CELLS, MAX_CELL_LINES = 24, 14

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def source_of(cell: NotebookNode) -> str:
    """The cell's Python; lines for IPython left out."""
    return "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return nbformat.read(request.param, as_version=4)


def test_there_are_notebooks() -> None:
    """Otherwise the rules below would hold for nothing."""
    assert {RETRAIN, DAY} <= set(NOTEBOOKS)


def test_a_notebook_is_kept_without_outputs(notebook: NotebookNode) -> None:
    """No output, no execution count, no metadata of whoever ran it last: a change shows as a change."""
    nbformat.validate(notebook)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}, cell.id
    for cell in code_cells(notebook):
        assert (cell.outputs, cell.execution_count) == ([], None), cell.id


def test_a_notebook_imports_and_defines_nothing(notebook: NotebookNode) -> None:
    """What is worth a function belongs in a package, where it is tested."""
    defining = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    for cell in code_cells(notebook):
        assert not [node for node in ast.walk(ast.parse(source_of(cell))) if isinstance(node, defining)], cell.id


def test_a_notebook_is_short_and_says_its_parameters_once(notebook: NotebookNode) -> None:
    """A few cells of a few lines, and one cell tagged ``parameters``."""
    assert len(notebook.cells) <= MAX_CELLS
    assert all(len(cell.source.splitlines()) <= MAX_CELL_LINES for cell in notebook.cells)
    assert len([cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]) == 1


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small home as ``make run`` leaves one: data, and the champion that the notebook challenges."""
    folder = tmp_path_factory.mktemp("notebook") / "home"
    dataset = small(folder / "var" / "data" / "small")
    train(dataset, Registry(folder, MlflowParams()), PARAMS, [ModelName.ETA_RISK])
    settings = "\n".join(f"{name} = {json.dumps(value)}" for name, value in vars(PARAMS).items() if value is not None)
    (folder / "lanewise.toml").write_text(f"[training]\n{settings}\n")
    return folder


def run(notebook: Path, home: Path) -> NotebookNode:
    """The notebook after it ran on that home in a kernel of its own."""
    read = nbformat.read(notebook, as_version=4)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LANEWISE_")}
    elsewhere = {"IPYTHONDIR": str(home.parent / "ipython"), "JUPYTER_RUNTIME_DIR": str(home.parent / "jupyter")}
    named = {"LANEWISE_HOME": str(home), "LANEWISE_DATA": str(home / "var" / "data" / "small")}
    client = NotebookClient(read, timeout=120, resources={"metadata": {"path": str(FOLDER)}})
    client.execute(env={**kept, **elsewhere, **named})
    return read


@pytest.fixture(scope="module")
def executed(home: Path) -> NotebookNode:
    """The notebook that retrains, after it ran."""
    return run(RETRAIN, home)


@pytest.fixture(scope="module")
def day(home: Path) -> dict[str, list[NotebookNode]]:
    """What the cells of a day of retraining said."""
    return {cell.id: cell.outputs for cell in code_cells(run(DAY, home))}


@pytest.fixture
def said(executed: NotebookNode) -> dict[str, list[NotebookNode]]:
    return {cell.id: cell.outputs for cell in code_cells(executed)}


def test_retraining_registers_a_challenger(home: Path, said: dict[str, list[NotebookNode]]) -> None:
    """Version 2 waits; version 1 stays the champion; the command to promote names what was trained."""
    found = {v.version: v.aliases for v in Registry(home, MlflowParams()).versions() if v.name == "small.eta_risk"}
    assert found == {"1": ("champion",), "2": ("challenger",)}
    assert "small.eta_risk version 2: challenger" in said["training"][-1].text
    assert "lanewise promote small.eta_risk 2 --by" in said["proposing"][0].text


def test_retraining_compares_in_pairs(said: dict[str, list[NotebookNode]]) -> None:
    """Version 2 minus version 1, with intervals; by slice too."""
    told = said["comparing"][0].text
    assert "version 2 (challenger) minus version 1 (champion)" in told
    assert "brier" in told
    assert "stage=release" in said["slices"][0].data["text/html"]


def test_retraining_shows_pictures_and_reasons(said: dict[str, list[NotebookNode]]) -> None:
    """Both plots are drawn, and three shipments explained."""
    assert "image/png" in said["reliability"][0].data
    assert "image/png" in said["lift"][0].data
    assert said["choosing"][0].data["text/html"].count("<tr") == 1 + 10
    assert said["adding-up"][0].data["text/html"].count("<tr") == 2 + 3


def test_retraining_says_nothing_of_libraries(said: dict[str, list[NotebookNode]]) -> None:
    """No warnings or logs between the figures."""
    assert [output.text for outputs in said.values() for output in outputs if output.get("name") == "stderr"] == []


def test_a_day_ends_with_the_champion_it_began_with(day: dict[str, list[NotebookNode]]) -> None:
    """Two versions are trained, the second promoted by two people, and rolled back by one."""
    trained = "".join(output.text for output in day["training"])
    assert "version 1: champion" in trained
    assert "version 2: challenger" in trained
    assert "version 2 is the champion, promoted by ann, approved by bob" in day["promoting"][0].text
    back = "".join(output.text for output in day["back"])
    for said in (
        "version 1 became champion, as the first of its name",
        "version 2 became champion after version 1, promoted by ann, approved by bob",
        "version 1 became champion after version 2, rolled back by ann",
    ):
        assert said in back


def test_a_day_shows_differences_reliability_and_evidence(day: dict[str, list[NotebookNode]]) -> None:
    """Each is a picture; nothing is said by libraries."""
    assert all("image/png" in day[cell][0].data for cell in ("slices", "reliability", "evidence"))
    assert [output.text for outputs in day.values() for output in outputs if output.get("name") == "stderr"] == []


def test_retraining_writes_into_the_home_only(executed: NotebookNode) -> None:
    """No runs or models appear beside the notebook, wherever MLflow would like to put them."""
    assert {file.suffix for file in FOLDER.iterdir() if file.name != ".ipynb_checkpoints"} == {".ipynb"}
