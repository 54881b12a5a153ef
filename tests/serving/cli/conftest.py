"""A home with a small data set and its models, made once through the command line itself."""

import os
import shutil
from pathlib import Path

import pytest

from tests.serving.cli.command import Ended, Here, started
from tests.serving.cli.small import SETTINGS, make_source


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("LANEWISE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def lanewise(capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(capsys)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A home after ``lanewise import``, and what that said; not to be written to."""
    home = tmp_path_factory.mktemp("imported")
    make_source(home / "source")
    (home / "lanewise.toml").write_text(SETTINGS)
    return home, started("import", "source", "--out", "var/data/small", "--json", "import.json", cwd=home)


@pytest.fixture(scope="session")
def trained(imported: tuple[Path, Ended], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A home after ``lanewise train``, and what that said; not to be written to."""
    home = tmp_path_factory.mktemp("trained") / "home"
    shutil.copytree(imported[0], home)
    return home, started("train", "var/data/small", "--json", "train.json", cwd=home)


@pytest.fixture
def home(trained: tuple[Path, Ended], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The trained home as the current folder; not to be written to."""
    monkeypatch.chdir(trained[0])
    return trained[0]
