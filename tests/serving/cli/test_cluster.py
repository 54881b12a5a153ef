"""``--cluster``: the same bytes as without, and what is refused."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

import features.cluster
from decisions import cluster_scoring
from domain.predictions import ModelName
from store.current import copy_of
from tests.serving.cli.command import Ended, Here, started


def test_predictions_on_a_local_cluster_are_the_same_bytes(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """``local:2`` in a process of its own, as a person runs it; it says nothing else and leaves nothing running."""
    asked = ["predict", "var/data/small", "--model", "eta_risk", "--from", "2024-01-10"]
    there = started(*asked, "--out", tmp_path / "there.parquet", "--cluster", "local:2", cwd=home)
    here = lanewise(*asked, "--out", tmp_path / "here.parquet")
    assert (there.code, there.err) == (here.code, here.err) == (0, "")
    assert (tmp_path / "there.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a scheduler with two workers that is there already."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
    ) as here:
        yield here.scheduler_address


@pytest.mark.parametrize("rows", [50, 10_000])
@pytest.mark.parametrize("model", list(ModelName))
def test_predictions_of_every_model_are_the_same_bytes(
    address: str,
    home: Path,
    lanewise: Here,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: ModelName,
    rows: int,
) -> None:
    """In blocks with a rest, and in one."""
    monkeypatch.setattr(cluster_scoring, "ROWS", rows)
    asked = ["predict", "var/data/small", "--model", model, "--out"]
    assert lanewise(*asked, tmp_path / "here.parquet").code == 0
    assert lanewise(*asked, tmp_path / "there.parquet", "--cluster", address).code == 0
    assert (tmp_path / "there.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


def test_a_loss_while_scoring_leaves_what_was_there(
    address: str, home: Path, lanewise: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message, and the file of before to the last byte."""

    def lost(*_: object) -> None:
        raise OSError("the worker is gone")

    monkeypatch.setattr(cluster_scoring, "_answer", lost)
    out = tmp_path / "x.parquet"
    out.write_bytes(b"of before")
    said = lanewise("predict", "var/data/small", "--model", "severity", "--out", out, "--cluster", address)
    assert (said.code, said.out) == (1, "")
    assert "while rows were scored (the worker is gone); nothing was written" in said.err
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("x.parquet", b"of before")]


def test_training_on_a_local_cluster_is_as_good(
    imported: tuple[Path, Ended], trained: tuple[Path, Ended], tmp_path: Path
) -> None:
    """It says nothing but its figures, those of one process but for chance; the boosters were learned there."""
    home = tmp_path / "home"
    shutil.copytree(imported[0], home)
    done = started(
        "train", "var/data/small", "--model", "tender_failure", "--cluster", "local:2", "--json", "-", cwd=home
    )
    assert (done.code, done.err) == (0, "")
    one_process = json.loads((trained[0] / "train.json").read_text())["models"]["tender_failure"]["metrics"]
    found = done.json["models"]["tender_failure"]["metrics"]
    assert found["auc"] == pytest.approx(one_process["auc"], abs=0.05)
    assert found["log_loss"] == pytest.approx(one_process["log_loss"], abs=0.05)
    texts = [file.read_text() for file in copy_of(home, "small.tender_failure", "1").glob("*.txt")]
    assert texts
    assert all("[tree_learner: data]" in text for text in texts)


@pytest.mark.parametrize("command", ["train", "predict"])
def test_a_scheduler_that_is_not_there_is_said(
    command: str, home: Path, lanewise: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which address, what was expected, what came and what to do; nothing is made."""
    monkeypatch.setattr(features.cluster, "PATIENCE_S", 1)
    wanted = {"train": [], "predict": ["--model", ModelName.SEVERITY, "--out", tmp_path / "x.parquet"]}[command]
    said = lanewise(command, "var/data/small", *wanted, "--cluster", "tcp://127.0.0.1:9")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "lanewise: --cluster tcp://127.0.0.1:9: a Dask scheduler was expected there, but nothing answered within 1 s; "
        "start one with `dask scheduler`, or use --cluster local:N on this machine\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "where", ["local:", "local:0", "local:two", "local:8786", "here", "http://h:1", "h:0", "h:1/x"]
)
def test_what_is_neither_an_address_nor_local_is_wrong_usage(where: str, lanewise: Here) -> None:
    """Before anything is read."""
    for command in (["train", "d"], ["predict", "d", "--model", "severity", "--out", "x"]):
        said = lanewise(*command, "--cluster", where)
        assert said.code == 2
        assert repr(where) in said.err
        assert "local:N" in said.err
