"""``lanewise recalibrate``: sub-versions from the command line, one writer at a time, refusals that say why."""

import json
from pathlib import Path

import pandas as pd
import pytest

from domain.moment import format_moment, parse_moment
from store.current import in_service
from store.lock import home_lock
from tests.homes import copied_home
from tests.serving.cli.command import Ended, Here

# MLflow and its SQLAlchemy warn when they are imported; what a person sees of it is tested in test_main_job.
pytestmark = pytest.mark.filterwarnings("ignore")
DATA = "var/data/small"


@pytest.fixture
def home(trained: tuple[Path, Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The trained home, copied, as the current folder; its manifest lets few outcomes count."""
    home = copied_home(trained[0], tmp_path / "home")
    file = home / DATA / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"calibration": {"fewest_outcomes": 10}}))
    monkeypatch.chdir(home)
    return home


def test_every_champion_is_updated_and_listed_with_its_sub_version(lanewise: Here, home: Path) -> None:
    """What is printed, what is listed, what is in service and what a plan and predictions are made with are one."""
    said = lanewise("recalibrate", DATA, "--by", "ann", "--json", "-")
    assert (said.code, said.err) == (0, "")
    served = {name: f"1+{one.update[:8]}" for name, one in in_service(home).items()}
    assert {name: f"1+{one['update'][:8]}" for name, one in said.json["models"].items()} == served
    assert {one["by"] for one in said.json["models"].values()} == {"ann"}
    listed = lanewise("models", "--json", "-").json
    assert {one["name"]: one["update"] for one in listed["models"]} == served
    assert listed["disagreements"] == []
    assert all(version in lanewise("models").out for version in served.values())
    cut_off = json.loads((home / DATA / "manifest.json").read_text())["cut_off"]
    planned = lanewise("plan", DATA, "--as-of", cut_off, "--out", "plan.json", "--json", "-")
    assert {one["name"]: one["version"] for one in planned.json["models"].values()} == served


def test_a_sub_version_is_asked_by_its_name(lanewise: Here, home: Path) -> None:
    """`--version` takes what `models` lists; the plain number is the model as trained; what is neither is refused."""
    assert lanewise("recalibrate", DATA, "--model", "severity").code == 0
    name = f"1+{in_service(home)['small.severity'].update[:8]}"
    said = {}
    for version in (name, "1"):
        options = ("--model", "severity", "--version", version)
        assert lanewise("predict", DATA, *options, "--out", f"{version}.parquet").code == 0
        said[version] = pd.read_parquet(f"{version}.parquet")
    assert lanewise("predict", DATA, "--model", "severity", "--out", "served.parquet").code == 0
    pd.testing.assert_frame_equal(said[name], pd.read_parquet("served.parquet"))
    assert not said[name].equals(said["1"])
    measured = lanewise("evaluate", DATA, *options[:3], name, "--from", "2024-01-12", "--json", "-")
    assert measured.json["version"] == name
    assert measured.json["rows_it_may_have_learned_from"] == measured.json["metrics"]["n"] > 0
    unknown = lanewise("evaluate", DATA, "--model", "severity", "--version", "1+00000000")
    assert (unknown.code, "no update 1+00000000" in unknown.err) == (1, True)
    wrong = lanewise("predict", DATA, "--model", "severity", "--version", "1+x", "--out", "x.parquet")
    assert (wrong.code, "3+1a2b3c4d" in wrong.err) == (2, True)


def test_a_revert_goes_back_and_names_who(lanewise: Here, home: Path) -> None:
    """It takes a person; after it the model serves as trained, and a second one is refused."""
    name = "small.tender_failure"
    lanewise("recalibrate", DATA, "--model", "tender_failure")
    assert in_service(home)[name].update
    refused = lanewise("recalibrate", DATA, "--model", "tender_failure", "--revert")
    assert (refused.code, "--revert needs --by" in refused.err) == (1, True)
    said = lanewise("recalibrate", DATA, "--model", "tender_failure", "--revert", "--by", "bob")
    assert said.code == 0
    assert f"{name}: 1 is in service again instead of 1+" in said.out
    assert in_service(home)[name].update == ""
    again = lanewise("recalibrate", DATA, "--model", "tender_failure", "--revert", "--by", "bob")
    assert (again.code, "no update to revert" in again.err) == (1, True)


def test_beyond_the_bounds_it_ends_with_1_and_says_why(lanewise: Here, home: Path) -> None:
    """The bounds are the manifest's."""
    file = home / DATA / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"calibration": {"fewest_outcomes": 5000}}))
    before = in_service(home)
    said = lanewise("recalibrate", DATA, "--model", "severity")
    assert (said.code, said.out) == (1, "")
    assert "fewer than the 5000 needed ([calibration] fewest_outcomes in the manifest)" in said.err
    assert in_service(home) == before


def test_one_writer_at_a_time(lanewise: Here, home: Path) -> None:
    """While another process writes in the home nothing is updated."""
    with home_lock(home):
        said = lanewise("recalibrate", DATA)
    assert (said.code, "is writing in the home" in said.err) == (1, True)
    assert not any(one.update for one in in_service(home).values())


def test_a_moment_that_cannot_be_is_refused(lanewise: Here, home: Path) -> None:
    """After the cut-off nothing is known; before training everything was learned already."""
    cut_off = parse_moment(json.loads((home / DATA / "manifest.json").read_text())["cut_off"])
    late = lanewise("recalibrate", DATA, "--as-of", format_moment(cut_off.replace(year=cut_off.year + 1)))
    early = lanewise("recalibrate", DATA, "--as-of", "2023-12-01")
    for said in (late, early):
        assert (said.code, "between its training" in said.err) == (1, True)
