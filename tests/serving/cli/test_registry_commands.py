"""Models are listed, promoted by two people, rolled back by one; who is stopped leaves the registry as it was."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from domain.params import MlflowParams
from store.current import copy_of, folder_hash, in_service, put_in_service
from store.lock import home_lock
from store.registry import HASH_TAG, Registry
from store.updates import label, logged
from tests.homes import copied_home
from tests.serving.cli.command import COMMAND, Ended, Here, environment, started
from training.evidence import ALL, TAG, Difference, Evidence, evidence_of

# MLflow and its SQLAlchemy warn when they are imported; what a person sees of it is tested in test_main_job.
pytestmark = pytest.mark.filterwarnings("ignore")
NAME = "small.severity"
PEOPLE = ("--by", "ann", "--approved-by", "bob")


@pytest.fixture(scope="module")
def compared_with_nothing(trained: tuple[Path, Ended], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose severity was trained a second time, with another seed; not to be written to."""
    home = copied_home(trained[0], tmp_path_factory.mktemp("retrained") / "home")
    said = started("train", "var/data/small", "--model", "severity", cwd=home, LANEWISE_TRAINING_SEED="2")
    assert (said.code, said.err) == (0, "")
    return home


@pytest.fixture
def fresh(compared_with_nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the current folder: version 1 in service, 2 not compared."""
    home = copied_home(compared_with_nothing, tmp_path / "home")
    monkeypatch.chdir(home)
    return home


@pytest.fixture(scope="module")
def retrained(compared_with_nothing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of it for tests that follow one another."""
    return copied_home(compared_with_nothing, tmp_path_factory.mktemp("followed") / "home")


@pytest.fixture
def twice(retrained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That copy as the current folder."""
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
    unshown = lanewise("promote", NAME, "2", *PEOPLE)
    assert unshown.code == 1
    first, *lines, last = unshown.err.splitlines()
    assert first == f"lanewise: {NAME} 2 is not promoted:"
    assert last == "--reason TEXT overrides that and is kept with it"
    assert [
        line for line in lines if not line.startswith(("  no improvement is shown: log_loss", "  significantly"))
    ] == []
    assert all(line.count("log_loss") == 1 for line in lines)
    assert in_service(twice)[NAME].version == "1"
    done = lanewise("promote", NAME, "2", *PEOPLE, "--reason", "fresher")
    assert done.code == 0
    assert "overridden, for the reason given: no improvement is shown" in done.out
    assert in_service(twice)[NAME].version == "2"
    models = lanewise("models", "--json", "-").json["models"]
    (champion,) = [one for one in models if one["name"] == NAME and "champion" in one["aliases"]]
    assert champion["version"] == "2"
    kept = {key: champion["tags"][key] for key in ("promoted_by", "approved_by", "reason", "promoted_from")}
    assert kept == {"promoted_by": "ann", "approved_by": "bob", "reason": "fresher", "promoted_from": "1"}
    assert champion["tags"]["overridden"].startswith("no improvement is shown")
    assert datetime.fromisoformat(champion["tags"]["promoted_at"]).tzinfo is not None


def test_a_challenger_that_was_not_compared_is_not_promoted(fresh: Path, lanewise: Here) -> None:
    """The message says which command compares; what is in service stays."""
    said = lanewise("promote", NAME, "2", *PEOPLE)
    assert (said.code, said.out) == (1, "")
    assert "`lanewise compare DIR --model severity`" in said.err
    assert in_service(fresh)[NAME].version == "1"


def test_an_improvement_needs_no_reason(fresh: Path, lanewise: Here) -> None:
    """With a comparison on record that shows one; one with another champion is none."""
    registry = Registry(fresh, MlflowParams())
    registry.tag(NAME, "2", {TAG: replace(improvement(registry), champion="7").as_tag()})
    said = lanewise("promote", NAME, "2", *PEOPLE)
    assert "compared with version 7, but the champion is version 1" in said.err
    registry.tag(NAME, "2", {TAG: improvement(registry).as_tag()})
    done = lanewise("promote", NAME, "2", *PEOPLE)
    on = "140 rows from 2024-01-10 until 2024-02-01 of data ffffffffffff…"
    assert (done.code, f"it rests on a comparison with version 1 on {on}" in done.out) == (0, True)
    assert in_service(fresh)[NAME].version == "2"
    assert lanewise("rollback", NAME, "--by", "cay", "--reason", "worse at sea").code == 0
    again = lanewise("promote", NAME, "2", *PEOPLE)
    assert again.code == 1
    assert (
        "rolled back after the comparison on record; `lanewise compare DIR --model severity --version 2`" in again.err
    )
    assert lanewise("promote", NAME, "2", *PEOPLE, "--reason", "it was the sea").code == 0


def improvement(registry: Registry) -> Evidence:
    """A comparison of version 2 with version 1 that shows one."""
    shown = Difference(ALL, "log_loss", -0.02, -0.03, -0.01)
    hashes = [registry.version(NAME, number).tags[HASH_TAG] for number in ("1", "2")]
    return Evidence("1", "2024-01-10", 140, "f" * 64, (shown,), "", "2024-02-01", *hashes, 1)


def test_files_changed_for_the_comparison_are_found(fresh: Path, lanewise: Here) -> None:
    """Neither compared, evaluated nor predicted with, by number or as the champion; what is in service is told."""
    file = copy_of(fresh, NAME, "2") / "model.json"
    content = file.read_bytes()
    for damaged in (content + b" ", content[: len(content) // 2]):
        file.write_bytes(damaged)
        for command in (
            ("compare", "var/data/small", "--model", "severity"),
            ("evaluate", "var/data/small", "--model", "severity", "--version", "2"),
            ("predict", "var/data/small", "--model", "severity", "--version", "2", "--out", "p.parquet"),
        ):
            said = lanewise(*command)
            assert (said.code, said.out) == (1, "")
            assert f"the files of {NAME} 2 in" in said.err
            assert "were changed since they were registered" in said.err
    file.write_bytes(content)
    assert "no comparison with the champion" in lanewise("promote", NAME, "2", *PEOPLE).err


def test_a_damaged_record_of_service_is_told_by_every_command(fresh: Path, lanewise: Here) -> None:
    """One message that names the file; the way that it tells puts the champions back."""
    file = fresh / "var/models/current.json"
    file.write_bytes(file.read_bytes()[:40])
    of = ("var/data/small", "--model", "severity")
    commands = (("models",), ("predict", *of, "--out", "p.parquet"), ("drift", *of), ("compare", *of))
    for command in (*commands, ("promote", NAME, "2", *PEOPLE, "--reason", "fresher")):
        said = lanewise(*command)
        assert said.code == 1
        assert "var/models/current.json is damaged" in said.err
        assert "a defect of lanewise" not in said.err
    assert Registry(fresh, MlflowParams()).champion(NAME) == "1"
    file.unlink()
    assert f"`lanewise promote {NAME} 1` mends it" in lanewise("models").out
    assert lanewise("promote", NAME, "1", *PEOPLE).code == 0
    assert in_service(fresh)[NAME].version == "1"


@pytest.mark.parametrize("approved_by", ["ann\u200b", "\uff21nn", "ann\nsmall.severity: version 9 is the champion"])
def test_one_person_in_another_spelling_promotes_nothing(fresh: Path, lanewise: Here, approved_by: str) -> None:
    """And no name forges a line."""
    said = lanewise("promote", NAME, "2", "--by", "ann", "--approved-by", approved_by, "--reason", "fresher")
    assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
    assert in_service(fresh)[NAME].version == "1"


def test_a_champion_of_other_features_is_compared_by_what_its_own_code_said(
    fresh: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The refusal names two commands; the first run by that code, the second by this one, lead to a promotion."""
    monkeypatch.setattr("training.evaluation.DRAWS", 3)
    file = copy_of(fresh, NAME, "1") / "model.json"
    document = json.loads(file.read_text())
    document["provenance"]["catalogue"] = "of before"
    file.write_text(json.dumps(document))
    sha256 = folder_hash(file.parent)
    put_in_service(fresh, {NAME: replace(in_service(fresh)[NAME], sha256=sha256)})
    Registry(fresh, MlflowParams()).tag(NAME, "1", {HASH_TAG: sha256})
    refused = lanewise("compare", "var/data/small", "--model", "severity")
    assert (refused.code, refused.out) == (1, "")
    there, here = (line.partition(": ")[2].split()[1:] for line in refused.err.splitlines()[1:])
    with monkeypatch.context() as of_before:
        of_before.setattr("models.shelf.catalogue_hash", lambda: "of before")
        assert lanewise(*there).code == 0
    compared = lanewise(*here, "--json", "-")
    assert compared.code == 0
    assert compared.json["champion"]["version"] == "1"
    told = lanewise("promote", NAME, "2", *PEOPLE)
    assert "no improvement is shown" in told.err
    promoted = lanewise("promote", NAME, "2", *PEOPLE, "--reason", "fresher")
    assert (promoted.code, in_service(fresh)[NAME].version) == (0, "2")
    (tags,) = [one.tags for one in Registry(fresh, MlflowParams()).versions() if (one.name, one.version) == (NAME, "2")]
    kept = evidence_of(tags)
    assert kept is not None
    assert kept.file == compared.json["champion_predictions"]


def test_rollback_makes_the_champion_before_champion_again(fresh: Path, lanewise: Here) -> None:
    """Alias and copy in service follow; who, when, from and to are kept; a second one finds none before the first."""
    first = lanewise("rollback", NAME, "--by", "cay")
    assert (first.code, first.out) == (1, "")
    assert "version 1 is the first champion" in first.err
    before = (fresh / "var/models/current.json").read_bytes()
    assert lanewise("promote", NAME, "2", *PEOPLE, "--reason", "fresher").code == 0
    with home_lock(fresh):
        assert str(os.getpid()) in lanewise("rollback", NAME, "--by", "cay").err
    said = lanewise("rollback", NAME, "--by", " cay ", "--reason", "worse at sea", "--json", "-").json
    del said["timings"]
    who = {"rolled_back_by": "cay", "reason": "worse at sea"}
    assert said == {"name": NAME, "version": "1", "before": "2", **who, "dropped": ""}
    assert (fresh / "var/models/current.json").read_bytes() == before
    assert listed(lanewise)[NAME, "1"] == ["champion"]
    assert listed(lanewise)[NAME, "2"] == []
    (tags,) = [
        m["tags"] for m in lanewise("models", "--json", "-").json["models"] if m["aliases"] and m["name"] == NAME
    ]
    assert (tags["rolled_back_by"], tags["rolled_back_from"], tags["promoted_by"]) == ("cay", "2", "bootstrap")
    again = lanewise("rollback", NAME, "--by", "cay")
    assert again.code == 1
    assert "none to go back to" in again.err


def test_an_update_that_ends_with_its_version_is_told_and_logged(fresh: Path, lanewise: Here) -> None:
    """Promotion and rollback both say which one, what to do, and who did it; `updates.jsonl` keeps it."""
    file = fresh / "var/data/small/manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"calibration": {"fewest_outcomes": 10}}))
    update = ("recalibrate", "var/data/small", "--model", "severity")
    assert lanewise(*update).code == 0
    first = f"1+{in_service(fresh)[NAME].update[:8]}"
    said = lanewise("promote", NAME, "2", *PEOPLE, "--reason", "fresher")
    assert f"the update {first} is in service no longer: version 2 begins as it was trained" in said.out
    assert "`lanewise recalibrate DIR`" in said.out
    assert lanewise(*update).code == 0
    second = f"2+{in_service(fresh)[NAME].update[:8]}"
    assert lanewise("rollback", NAME, "--by", "cay", "--json", "-").json["dropped"] == second
    fates = [(one.fate, label(one.version, one.before), one.by, one.reason) for one in logged(fresh, NAME)]
    assert fates[1::2] == [
        ("dropped", first, "ann", "promotion of version 2"),
        ("dropped", second, "cay", "rollback to version 1"),
    ]


def test_a_rollback_goes_nowhere_where_it_could_not_serve(
    fresh: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown name, changed files, other feature definitions, a copy in service that is not the champion."""
    unknown = lanewise("rollback", "small.nothing", "--by", "cay")
    assert (unknown.code, NAME in unknown.err) == (1, True)
    assert lanewise("promote", NAME, "2", *PEOPLE, "--reason", "fresher").code == 0
    file = copy_of(fresh, NAME, "1") / "model.json"
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    assert "changed" in lanewise("rollback", NAME, "--by", "cay").err
    file.write_bytes(content)
    with monkeypatch.context() as patch:
        patch.setattr("training.promotion.catalogue_hash", lambda: "other")
        assert "other feature definitions" in lanewise("rollback", NAME, "--by", "cay").err
    current = in_service(fresh)[NAME]
    put_in_service(fresh, {NAME: replace(current, version="1")})
    assert f"`lanewise promote {NAME} 2`" in lanewise("rollback", NAME, "--by", "cay").err
    assert lanewise("promote", NAME, "2", *PEOPLE).code == 0
    assert in_service(fresh)[NAME] == current
    assert lanewise("rollback", NAME, "--by", "cay").code == 0
    assert in_service(fresh)[NAME].version == "1"


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
