"""What is refused: one message on standard error, the right code, nothing on standard output."""

from pathlib import Path

import pytest

import serving.commands.settings as settings_command
from domain.predictions import ModelName
from serving.commands.plan import _no_model
from tests.serving.cli.command import Here, started


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["check", "nowhere"], "lanewise import"),
        (["import", "nowhere", "--out", "x"], "nowhere"),
        (["train", "nowhere"], "lanewise import"),
        (["evaluate", "nowhere", "--model", "severity"], "lanewise import"),
        (["compare", "nowhere", "--model", "severity"], "lanewise import"),
        (["predict", "nowhere", "--model", "severity", "--out", "x.parquet"], "lanewise import"),
        (["plan", "nowhere", "--as-of", "2024-01-01", "--out", "x.json"], "lanewise import"),
        (["explain", "nowhere.json", "s1"], "lanewise plan"),
        (["waterfall", "nowhere", "s1", "--as-of", "2024-01-01"], "lanewise import"),
        (["solve", "nowhere", "--out", "x.json"], "nowhere"),
        (["serve", "nowhere"], "lanewise import"),
        (["policy", "check", "nowhere.toml"], "nowhere.toml"),
        (["features", "describe", "no_such"], "lanewise features list"),
        (["promote", "a.eta_risk", "1", "--by", "ann", "--approved-by", "bob"], "lanewise train"),
        (
            ["predict", "d", "--model", "severity", "--out", "x", "--from", "2024-02-01", "--until", "2024-01-01"],
            "must lie before --until",
        ),
        (["promote", "a.eta_risk", "1", "--by", "ann", "--approved-by", " Ann"], "two people"),
        (["promote", "a.eta_risk", "1", "--by", "Strauß", "--approved-by", "\tSTRAUSS "], "two people"),
        (["promote", "a.eta_risk", "1", "--by", "ann", "--approved-by", " "], "name a person"),
        (["rollback", "a.eta_risk", "--by", "ann"], "lanewise train"),
        (["rollback", "a.eta_risk", "--by", " "], "name a person"),
        (["check", "nowhere", "--json", "no/such/folder.json"], "no/such"),
        (["check", "nowhere", "--html", "."], "is a folder"),
        (["check", "nowhere", "--html", "-"], "- is for --json only"),
        (["check", "nowhere", "--html", "/proc/x.html"], "/proc/x.html cannot be written"),
    ],
)
def test_what_is_not_there_is_said(
    arguments: list[str], named: str, lanewise: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, one message that says what to do, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    said = lanewise(*arguments)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("lanewise: ")
    assert named in said.err
    assert "Traceback" not in said.err
    assert [file for file in tmp_path.rglob("*") if file.is_file() and "lock" not in file.name] == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["train"],
        ["no-such-command"],
        ["train", "d", "--no-such-option"],
        ["train", "d", "--model", "no_such_model"],
        ["train", "d", "--test-from", "yesterday"],
        ["plan", "d", "--out", "p.json"],
        ["predict", "d", "--model", "severity", "--out", "x", "--version", "0"],
        ["import", "s", "--out", "d", "--folder", "no-equals-sign"],
        ["serve", "--port", "70000"],
        ["rollback", "a.eta_risk"],
        ["rollback", "--by", "ann"],
        ["promote", "a.eta_risk", "first", "--by", "ann", "--approved-by", "bob"],
    ],
)
def test_wrong_usage_is_code_2(arguments: list[str], lanewise: Here) -> None:
    """Something on standard error shows the usage."""
    said = lanewise(*arguments)
    assert said.code == 2
    assert "Usage: lanewise" in said.err + said.out


def test_an_update_is_not_promoted(lanewise: Here) -> None:
    """It goes into service by itself, which is said."""
    said = lanewise("promote", "a.eta_risk", "3+1a2b3c4d", "--by", "ann", "--approved-by", "bob")
    assert (said.code, "an update of version 3" in said.err, "lanewise recalibrate" in said.err) == (2, True, True)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_another_model_is_answered_with_the_names(command: str, lanewise: Here) -> None:
    said = lanewise(command, "d", "--model", "foo")
    assert "'foo' is no model; the models are eta_risk, tender_failure, severity" in said.err
    assert "Value error" not in said.err


def test_a_reason_that_all_models_share_is_said_once() -> None:
    missing = {name: f"there is no model small.{name} in h; run `lanewise train d`" for name in ModelName}
    assert _no_model(missing) == (
        "there is no model small.eta_risk, small.tender_failure, small.severity in h; run `lanewise train d`"
    )
    last = list(ModelName)[-1]
    assert _no_model({last: missing[last]}) == missing[last]
    changed = {**missing, last: "its files were changed"}
    assert _no_model(changed) == "; ".join(changed.values())


def test_settings_that_are_not_valid_are_refused_by_every_reader(
    lanewise: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the file and from the environment, wherever the home is named."""
    (tmp_path / "lanewise.toml").write_text("[plan]\nmax_case = 1\n")
    for said in (lanewise("--home", tmp_path, "settings"), lanewise("settings", "--home", tmp_path)):
        assert said.code == 1
        assert "max_case" in said.err
    monkeypatch.setenv("LANEWISE_SERVE_PORT", "many")
    assert "serve.port" in lanewise("settings", "--home", tmp_path / "other").err


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_defect_is_one_line_unless_asked_for(debug: str, lanewise: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback is for those who set LANEWISE_DEBUG."""
    monkeypatch.setattr(settings_command, "load_settings", lambda *_: 1 / 0)
    monkeypatch.setenv("LANEWISE_DEBUG", debug)
    said = lanewise("settings")
    assert said.code == 1
    assert "ZeroDivisionError" in said.err
    assert ("Traceback" in said.err) is bool(debug)


def test_a_process_ends_as_the_function_does(tmp_path: Path) -> None:
    """The code and the message reach the shell."""
    said = started("check", "nowhere", cwd=tmp_path)
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1
