"""``lanewise simulate``: a data set that the other commands take, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.serving.cli.command import Here, started

SMALL = ["--shipments", "300", "--days", "40", "--truth-sample", "0"]


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where to; the current folder is the home."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "var" / "data" / "made"


def test_a_simulated_network_is_a_data_set(lanewise: Here, out: Path) -> None:
    """Its tables are counted, and ``lanewise check`` finds them sound."""
    said = lanewise("simulate", "--out", out, *SMALL, "--name", "made")
    first = said.out.splitlines()[0]
    assert said.code == 0
    assert first.startswith("made")
    assert "simulated" in first
    assert first.endswith("until 2024-02-10T00:00:00Z")
    checked = lanewise("check", out)
    assert (checked.code, "NOT SOUND" in checked.out) == (0, False)
    assert checked.out.startswith("made")


def test_the_figures_are_json(lanewise: Here, out: Path) -> None:
    """To a file or, alone, to standard output; what was asked for is among them."""
    said = lanewise("simulate", "--out", out, *SMALL, "--seed", "5", "--market", "tight", "--json", "-")
    figures = said.json
    assert (figures["seed"], figures["market"], figures["days"], figures["simulated"]) == (5, "tight", 40, True)
    assert figures["tables"]["shipments"] > 300
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert figures["fingerprint"]
    assert manifest["name"] == figures["name"] == "network"


def test_what_is_made_replaces_what_was_made(lanewise: Here, out: Path) -> None:
    """The same command twice gives the same fingerprint; the truth is replaced with the tables."""
    made = [lanewise("simulate", "--out", out, *SMALL, "--json", "-").json["fingerprint"] for _ in range(2)]
    assert made[0] == made[1]
    other = lanewise("simulate", "--out", out, *SMALL, "--seed", "2", "--json", "-").json["fingerprint"]
    assert other != made[0]
    assert (out / "truth" / "of-data-set.txt").read_text(encoding="utf-8").strip() == other


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--market", "frothy"], "'frothy' is no market; the markets are soft, tight, turning"),
        (["--shipments", "many"], "'--shipments': Input should be a valid integer"),
        (["--seed", "1.5"], "'--seed': Input should be a valid integer"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(arguments: list[str], named: str, lanewise: Here, out: Path) -> None:
    """Code 2, with the usage; nothing is made."""
    said = lanewise("simulate", "--out", out, *arguments)
    assert (said.code, said.out) == (2, "")
    assert named in " ".join(said.err.replace("│", " ").split())
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--shipments", "0"], "shipments must be a whole number from 100 to 20000000, but is 0"),
        (["--days", "3"], "days must be a whole number from 7 to 3660, but is 3"),
        (["--seed=-1"], "seed must be a whole number from 0 to"),
        (["--truth-sample=-5"], "truth-sample must be a whole number from 0 to"),
        (["--name", "no name/at all"], "name"),
    ],
)
def test_what_is_out_of_range_is_said(arguments: list[str], named: str, lanewise: Here, out: Path) -> None:
    """Code 1, one message that says the range; nothing is made."""
    said = lanewise("simulate", "--out", out, *arguments)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("lanewise: ")
    assert named in said.err
    assert "Traceback" not in said.err
    assert not (out / "manifest.json").exists()


def test_out_has_to_be_named(lanewise: Here, out: Path) -> None:
    said = lanewise("simulate")
    assert said.code == 2
    assert "--out" in said.err


def test_a_folder_of_the_users_own_stays(lanewise: Here, out: Path) -> None:
    """A folder named like the truth that was not written with a data set is not replaced, nor is anything else made."""
    own = out / "truth"
    own.mkdir(parents=True)
    (own / "diary.txt").write_text("mine")
    said = lanewise("simulate", "--out", out, *SMALL)
    assert (said.code, said.out) == (1, "")
    assert "move it elsewhere" in said.err
    assert (own / "diary.txt").read_text() == "mine"
    assert not (out / "manifest.json").exists()


def test_files_of_the_users_own_beside_the_tables_stay(lanewise: Here, out: Path) -> None:
    """What no manifest lists is not removed."""
    out.mkdir(parents=True)
    (out / "notes.txt").write_text("mine")
    assert lanewise("simulate", "--out", out, *SMALL).code == 0
    assert (out / "notes.txt").read_text() == "mine"


def test_a_file_in_the_way_is_said(lanewise: Here, out: Path) -> None:
    out.parent.mkdir(parents=True)
    out.write_text("mine")
    said = lanewise("simulate", "--out", out, *SMALL)
    assert said.code == 1
    assert said.err.startswith("lanewise: ")
    assert out.read_text() == "mine"


def test_progress_goes_to_standard_error_only(out: Path) -> None:
    """Standard output stays for figures."""
    said = started("simulate", "--out", out, *SMALL, "--json", "-", cwd=out.parents[2])
    assert said.code == 0
    assert said.json["simulated"]
    assert "simulated until" not in said.out
