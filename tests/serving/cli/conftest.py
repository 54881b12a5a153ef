"""Commands in this process, in the home that was made once through the command line itself."""

import os
from pathlib import Path

import pytest

from tests.serving.cli.command import Ended, Here


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("LANEWISE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def lanewise(capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(capsys)


@pytest.fixture
def home(trained: tuple[Path, Ended], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The trained home as the current folder; not to be written to."""
    monkeypatch.chdir(trained[0])
    return trained[0]
