"""``--cluster``: the same bytes as without, and what is refused."""

from pathlib import Path

import pytest

import features.cluster
from domain.predictions import ModelName
from tests.serving.cli.command import Here, started


def test_predictions_on_a_local_cluster_are_the_same_bytes(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """``local:2`` in a process of its own, as a person runs it; it says nothing else and leaves nothing running."""
    asked = ["predict", "var/data/small", "--model", "eta_risk", "--from", "2024-01-10"]
    there = started(*asked, "--out", tmp_path / "there.parquet", "--cluster", "local:2", cwd=home)
    here = lanewise(*asked, "--out", tmp_path / "here.parquet")
    assert (there.code, there.err) == (here.code, here.err) == (0, "")
    assert (tmp_path / "there.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


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
