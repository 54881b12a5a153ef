"""Every command is there at once, is documented, and does not pretend."""

import re
import resource
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from serving.cli import app
from tests.serving.cli.command import COMMAND, REPOSITORY, Here, environment, started

HEAVY = ("pandas", "numpy", "mlflow", "great_expectations", "bentoml", "lightgbm", "duckdb", "sqlalchemy", "ortools")
DOCUMENTED = re.findall(r"^\| `lanewise ([a-z -]+)` \| (\S.*?) \| `(lanewise .*)` \|$",
                        (REPOSITORY / "docs/cli.md").read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip


def names() -> list[str]:
    """Every command that can be typed, groups spelled out."""
    found: list[str] = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [name] if inner is None else [f"{name} {other}" for other in inner]
    return found


@pytest.mark.parametrize("name", names())
def test_help_answers_at_once(name: str, tmp_path: Path) -> None:
    """Under a second of the processor, which a busy machine does not stretch as it does the clock's; best of three."""
    taken = []
    for _ in range(3):
        began = processor_s()
        said = started(*name.split(), "--help", cwd=tmp_path)
        taken.append(processor_s() - began)
        assert (said.code, said.err) == (0, "")
        assert f"lanewise {name}" in said.out
        if taken[-1] < 1:
            return
    assert min(taken) < 1


def processor_s() -> float:
    """Seconds that processes which were started and have ended took of the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """What takes its time is imported by the command that needs it."""
    code = f"import sys, serving.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([COMMAND[0], "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_every_command_is_documented_once() -> None:
    """docs/cli.md has one line and one example for each command, in the same order, and no other."""
    assert [name for name, _, _ in DOCUMENTED] == names()


@pytest.mark.parametrize(("name", "example"), [(name, example) for name, _, example in DOCUMENTED])
def test_an_example_names_options_that_exist(name: str, example: str, lanewise: Here) -> None:
    """The example is of its command, and every option in it is in the command's help."""
    assert example.startswith(f"lanewise {name}")
    said = lanewise(*name.split(), "--help").out
    assert [option for option in re.findall(r"--[a-z-]+", example) if option not in said] == []


def test_what_is_not_there_is_absent(lanewise: Here) -> None:
    """A command of later is no command, not an empty promise."""
    assert not {"decisions", "ledger", "keys"} & set(names())
    assert lanewise("ledger").code == 2


def test_the_version_is_told(lanewise: Here) -> None:
    """With ``--version``."""
    assert lanewise("--version").out.startswith("lanewise 0")
