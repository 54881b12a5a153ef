"""Models are listed, and promoted by two people; who is stopped in between leaves the registry as it was."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from store.current import copy_of, in_service
from store.lock import home_lock
from tests.serving.cli.command import COMMAND, Ended, Here, environment, started

# MLflow and its SQLAlchemy warn when they are imported; what a person sees of it is tested in test_main_job.
pytestmark = pytest.mark.filterwarnings("ignore")
NAME = "small.severity"
PEOPLE = ("--by", "ann", "--approved-by", "bob")


@pytest.fixture(scope="module")
def retrained(trained: tuple[Path, Ended], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own whose severity was trained a second time, with another seed."""
    home = tmp_path_factory.mktemp("retrained") / "home"
    shutil.copytree(trained[0], home)
    said = started("train", "var/data/small", "--model", "severity", cwd=home, LANEWISE_TRAINING_SEED="2")
    assert (said.code, said.err) == (0, "")
    return home


@pytest.fixture
def twice(retrained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home as the current folder."""
    monkeypatch.chdir(retrained)
    return retrained


def listed(lanewise: Here) -> dict[tuple[str, str], list[str]]:
    """Aliases by name and version, as ``models`` says."""
    said = lanewise("models", "--json", "-")
    assert said.code == 0
    assert said.json["disagreements"] == []
    return {(one["name"], one["version"]): one["aliases"] for one in said.json["models"]}


def test_no_model_yet_is_told_and_nothing_is_made(
    tmp_path: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing makes no database."""
    monkeypatch.chdir(tmp_path)
    said = lanewise("models")
    assert said.code == 0
    assert "lanewise train" in said.out
    assert not list(tmp_path.iterdir())


def test_a_challenger_is_compared_and_promoted_by_two_people(
    twice: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alias moves, the home's copy follows, and both people and the reason are kept."""
    monkeypatch.setattr("training.evaluation.DRAWS", 3)
    assert listed(lanewise)[NAME, "2"] == ["challenger"]
    compared = lanewise("compare", "var/data/small", "--model", "severity", "--json", "-").json
    assert (compared["champion"]["version"], compared["challenger"]["version"]) == ("1", "2")
    refused = lanewise("promote", NAME, "9", *PEOPLE)
    assert refused.code == 1
    assert f"{NAME} 2" in refused.err
    with home_lock(twice):
        locked = lanewise("promote", NAME, "2", *PEOPLE)
    assert locked.code == 1
    assert str(os.getpid()) in locked.err
    assert in_service(twice)[NAME].version == "1"
    assert lanewise("promote", NAME, "2", *PEOPLE, "--reason", "fresher").code == 0
    assert in_service(twice)[NAME].version == "2"
    models = lanewise("models", "--json", "-").json["models"]
    (champion,) = [one for one in models if one["name"] == NAME and "champion" in one["aliases"]]
    assert champion["version"] == "2"
    kept = {key: champion["tags"][key] for key in ("promoted_by", "approved_by", "reason")}
    assert kept == {"promoted_by": "ann", "approved_by": "bob", "reason": "fresher"}


def test_changed_files_are_not_promoted(twice: Path, lanewise: Here) -> None:
    """A copy whose bytes are not those that were registered stays out of service."""
    before = in_service(twice)[NAME]
    other = "1" if before.version == "2" else "2"
    file = copy_of(twice, NAME, other) / "model.json"
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    said = lanewise("promote", NAME, other, *PEOPLE)
    file.write_bytes(content)
    assert said.code == 1
    assert "changed" in said.err
    assert in_service(twice)[NAME] == before


def runs(home: Path) -> int:
    """Runs in MLflow's database."""
    connection = sqlite3.connect(f"file:{home}/mlruns/mlflow.db?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_stopped_training_leaves_what_was_there(kind: signal.Signals, twice: Path, lanewise: Here) -> None:
    """Stopped while it writes its run: the same versions, aliases and champions; the next command finds no lock."""
    before, current, begun = listed(lanewise), (twice / "var/models/current.json").read_bytes(), runs(twice)
    process = subprocess.Popen(
        [*COMMAND, "train", "var/data/small", "--model", "severity"],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    while runs(twice) == begun:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(kind)
    _, said = process.communicate(timeout=30)
    if kind is signal.SIGINT:
        assert (process.returncode, said) == (130, "interrupted; what was there before is untouched\n")
    assert (twice / "var/models/current.json").read_bytes() == current
    assert listed(lanewise) == before
    with home_lock(twice):
        pass
