"""Locks, atomic files and switches."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import HomeLocked
from store.atomic import write_atomically
from store.lock import home_lock
from store.telemetry import SWITCHES, switch_off_telemetry


def test_a_home_has_one_writer(tmp_path: Path) -> None:
    with home_lock(tmp_path), pytest.raises(HomeLocked, match=f"pid {os.getpid()}"), home_lock(tmp_path):
        pass
    with home_lock(tmp_path):
        pass


def test_a_lock_is_freed_when_its_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from store.lock import home_lock\n"
        "with home_lock(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, env={**os.environ, **paths})
    assert done.returncode == -9
    with home_lock(tmp_path):
        pass


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f"
    write_atomically(file, b"old")

    def fails(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_every_switch_is_set_whatever_stood_there() -> None:
    environ = {"GX_ANALYTICS_ENABLED": "true", "OTHER": "1"}
    switch_off_telemetry(environ)
    assert environ == {**SWITCHES, "OTHER": "1"}


def test_opening_a_data_set_does_not_load_great_expectations() -> None:
    code = "import sys, store.importer, store.dataset, store.check; print('great_expectations' in sys.modules)"
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={**os.environ, **paths}
    )
    assert done.stdout == "False\n"
