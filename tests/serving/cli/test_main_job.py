"""The main job through the command line, on a small data set: import, check, train, evaluate, predict, plan."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from domain.predictions import PREDICTED_COLUMNS, ModelName
from tests.serving.cli.command import Ended, Here
from tests.serving.cli.small import make_source

pytestmark = pytest.mark.filterwarnings("ignore:Series.dt.dayofweek")


def test_an_import_reports_and_keeps_quiet_otherwise(imported: tuple[Path, Ended]) -> None:
    """Text on standard output, figures in the file, not a word of a library, timings in the JSON only."""
    home, said = imported
    assert (said.code, said.err) == (0, "")
    assert "shipments: 700 of 700 rows kept" in said.out
    written = json.loads((home / "import.json").read_text())
    assert written["tables"]["milestones"]["kept"] == 1400
    assert written["timings"]["total_s"] > 0
    assert "total_s" not in said.out


def test_training_reports_and_keeps_quiet_otherwise(trained: tuple[Path, Ended]) -> None:
    """Every model, as champion of a home that had none; not a word of MLflow's."""
    home, said = trained
    assert (said.code, said.err) == (0, "")
    written = json.loads((home / "train.json").read_text())
    assert set(written["models"]) == {str(name) for name in ModelName}
    assert all(model["aliases"] == ["champion"] for model in written["models"].values())
    assert all(f"{name} " in said.out for name in ModelName)


@pytest.mark.parametrize("name", list(ModelName))
def test_what_was_registered_is_what_was_tested(
    name: ModelName, home: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``evaluate`` on subjects from where training ended gives the figures that ``train`` reported."""
    monkeypatch.setattr("training.evaluation.DRAWS", 3)
    said = lanewise("evaluate", "var/data/small", "--model", name, "--json", "-")
    assert said.code == 0
    reported = json.loads((home / "train.json").read_text())["models"][name]["metrics"]
    assert {key: reported[key] for key in said.json["metrics"]} == pytest.approx(said.json["metrics"], rel=1e-9)


@pytest.mark.parametrize("name", list(ModelName))
def test_predictions_have_the_agreed_columns_and_the_same_bytes_again(
    name: ModelName, home: Path, lanewise: Here, tmp_path: Path
) -> None:
    """One file, sorted by time, within the times asked for."""
    asked = ["predict", "var/data/small", "--model", name, "--from", "2024-01-12", "--until", "2024-01-13T12:00"]
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for file in files:
        assert lanewise(*asked, "--out", file).code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    frame = pq.read_table(files[0]).to_pandas()
    assert list(frame.columns) == ["subject_id", "stage", "as_of", *PREDICTED_COLUMNS[name], "out_of_support"]
    assert len(frame) > 0
    assert frame["as_of"].min() >= pd.Timestamp("2024-01-12", tz="UTC")
    assert frame["as_of"].max() < pd.Timestamp("2024-01-13T12:00", tz="UTC")
    assert frame["as_of"].is_monotonic_increasing


def test_a_version_that_is_not_there_is_refused(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """And no file is left."""
    asked = ["predict", "var/data/small", "--model", "severity", "--version", "7", "--out", tmp_path / "x.parquet"]
    said = lanewise(*asked)
    assert said.code == 1
    assert "version 7" in said.err
    assert not list(tmp_path.iterdir())


def test_a_sound_data_set_passes_and_a_damaged_one_fails(
    imported: tuple[Path, Ended], tmp_path: Path, lanewise: Here
) -> None:
    """Exit 1 and the table's name when a file's bytes changed; the report is given all the same."""
    data = tmp_path / "data"
    shutil.copytree(imported[0] / "var/data/small", data)
    assert lanewise("check", data, "--html", tmp_path / "page.html").code == 0
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    (file,) = (data / "tenders").iterdir()
    file.write_bytes(b"damaged")
    damaged = lanewise("check", data)
    assert damaged.code == 1
    assert "NOT SOUND" in damaged.out
    assert "tenders" in damaged.err


def test_a_check_of_the_features_shows_every_column_and_rule(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """Each model that can be trained is told with its rows; the page and the JSON name the columns."""
    asked = ["check", "var/data/small", "--features", "--html", tmp_path / "page.html"]
    said = lanewise(*asked, "--json", tmp_path / "check.json")
    assert (said.code, said.err) == (0, "")
    told, page = json.loads((tmp_path / "check.json").read_text()), (tmp_path / "page.html").read_text()
    assert set(told["features"]) == {str(name) for name in ModelName}
    for name, frame in told["features"].items():
        assert f"features of {name}: {frame['n_train']:,} rows to learn from" in said.out
        assert f"<h2>Features of {name}</h2>" in page
        assert frame["broken"] == {}
        assert all(f"<td>{column}</td>" in page for column in frame["columns"])
    assert "<td>as_of_hour is outside 0 to 24</td><td class='n'>0</td>" in page
    assert told["skipped"] == {}


def test_a_check_of_the_features_says_why_a_model_has_none(
    imported: tuple[Path, Ended], tmp_path: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too few subjects by the home's settings: the reason stands in the place of the report, and the check goes on."""
    monkeypatch.setenv("LANEWISE_TRAINING_MIN_SUBJECTS", "100000")
    said = lanewise("check", imported[0] / "var/data/small", "--features", "--home", tmp_path)
    assert said.code == 0
    assert all(f"features of {name}: none to check: " in said.out for name in ModelName)


def test_a_declared_folder_may_lie_elsewhere(tmp_path: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--folder NAME=PATH``, relative to where the command is run, like ``--out``."""
    monkeypatch.chdir(tmp_path)
    source, rows = tmp_path / "source", tmp_path / "rows"
    source.mkdir()
    rows.mkdir()
    (source / "manifest.toml").write_text('name = "one"\n[folders]\nrows = "../nowhere"\n')
    (source / "shipments.sql").write_text("SELECT * FROM 'one.csv'")
    (rows / "one.csv").write_text("shipment_id,known_at\ns1,2024-01-01T00:00:00Z\n")
    assert lanewise("import", "source", "--out", "out").code == 1
    assert lanewise("import", "source", "--out", "out", "--folder", "rows=rows").code == 0
    assert (tmp_path / "out" / "manifest.json").exists()
    assert not (tmp_path / "var").exists()


def test_a_plan_is_written_explained_and_solved_again(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """The same bytes on a second run; the optimiser alone finds the same choice; a page to read."""
    asked = ["plan", "var/data/small", "--as-of", "2024-01-12"]
    first = lanewise(*asked, "--out", tmp_path / "p.json", "--html", tmp_path / "p.html", "--json", "-")
    assert lanewise(*asked, "--out", tmp_path / "q.json").code == 0
    assert (tmp_path / "p.json").read_bytes() == (tmp_path / "q.json").read_bytes()
    assert "<html" in (tmp_path / "p.html").read_text()
    certificate = first.json["certificate"]
    solved = lanewise("solve", tmp_path / "p.d", "--out", tmp_path / "s.json", "--json", "-").json
    assert (solved["objective"], solved["fingerprint"]) == (certificate["objective_cents"], certificate["fingerprint"])
    case = json.loads((tmp_path / "p.json").read_text())["cases"][0]
    assert json.loads((tmp_path / "s.json").read_text())["choice"][case["case_id"]].endswith(case["chosen"])
    told = lanewise("explain", tmp_path / "p.json", case["case_id"], "do_nothing")
    assert told.code == 0
    assert f"decision: {case['chosen']}" in told.out
    assert "note:" not in told.out
    said = lanewise("explain", tmp_path / "p.json", case["case_id"], case["alternatives"][0], "--json", "-").json
    assert said["why_not"]["chosen"] == f"{case['case_id']}/{case['chosen']}"
    assert said["overruled"]["at_least_cents"] <= said["overruled"]["at_most_cents"]
    assert lanewise("explain", tmp_path / "p.json", case["case_id"], "teleport").code == 1
    (tmp_path / "q.d").rename(tmp_path / "elsewhere")
    assert "note: no prices" in lanewise("explain", tmp_path / "q.json", case["case_id"]).out


def test_a_plan_after_the_cut_off_is_refused(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """Nothing is known then; nothing is written."""
    said = lanewise("plan", "var/data/small", "--as-of", "2030-01-01", "--out", tmp_path / "p.json")
    assert said.code == 1
    assert "cut-off" in said.err
    assert not list(tmp_path.iterdir())


def test_a_plan_goes_by_the_policy_that_is_named(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """A policy that forbids everything it may leaves doing nothing and escalating."""
    policy = tmp_path / "strict.toml"
    policy.write_text('[[rule]]\nname = "nothing"\nwhen = "true"\neffect = "forbid"\n')
    assert "1 rule, 0 licences," in lanewise("policy", "check", policy).out
    asked = ["plan", "var/data/small", "--as-of", "2024-01-12", "--policy", policy, "--json", "-"]
    said = lanewise(*asked, "--out", tmp_path / "p.json")
    assert said.code == 0
    assert set(said.json["summary"]["actions"]) <= {"do_nothing", "escalate"}


def test_serving_without_a_model_is_refused(imported: tuple[Path, Ended], tmp_path: Path, lanewise: Here) -> None:
    """It says what to do instead of starting a service that could answer nothing."""
    said = lanewise("serve", imported[0] / "var/data/small", "--home", tmp_path)
    assert said.code == 1
    assert "lanewise train" in said.err


def test_settings_and_catalogue_are_shown(home: Path, lanewise: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value with its source; a feature by name and by pattern."""
    monkeypatch.setenv("LANEWISE_SERVE_PORT", "3100")
    shown = lanewise("settings", "--json", "-").json["settings"]
    assert shown["serve.port"] == {"value": 3100, "source": "LANEWISE_SERVE_PORT"}
    assert shown["training.max_trees"] == {"value": 20, "source": "lanewise.toml"}
    every = lanewise("features", "list", "--json", "-").json["features"]
    name = next(one["name"] for one in every if "*" not in one["name"])
    assert lanewise("features", "describe", name).out.startswith(name)
    assert len(lanewise("features", "describe", "*", "--json", "-").json["features"]) == len(every)
    told = lanewise("features", "describe", "lane_late_120d").out
    assert "entity: lane\n" in told
    assert "half-life: 120 d" in told
    assert "entity" not in lanewise("features", "describe", "slack_min").out


def test_thresholds_are_changed_without_retraining(home: Path, lanewise: Here, tmp_path: Path) -> None:
    """Imported again with other thresholds: other classes of the same distribution; what was counted by the old
    thresholds in training still is, so that expected impact and interval are the same to the bit."""
    source, data = tmp_path / "source", tmp_path / "small"
    make_source(source)
    manifest = source / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("[20, 60, 120]", "[20, 45, 90]"))
    assert lanewise("import", source, "--out", data).code == 0
    made = []
    for number, folder in enumerate(("var/data/small", data)):
        file = tmp_path / f"{number}.parquet"
        assert lanewise("predict", folder, "--model", "severity", "--out", file).code == 0
        made.append(pq.read_table(file).to_pandas())
    before, after = made
    kept = ["subject_id", "p_minor", "expected_impact", "q10", "q90"]
    pd.testing.assert_frame_equal(before[kept], after[kept], check_exact=True)
    assert (after["p_critical"] >= before["p_critical"]).all()
    assert after["p_critical"].sum() > before["p_critical"].sum()
    assert lanewise("evaluate", data, "--model", "severity", "--json", "-").json["metrics"]["kappa"] > 0
