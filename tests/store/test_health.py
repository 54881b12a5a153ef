"""The file of a model's health is the old one or the new one, and tells of the version in service only."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.health import NEVER_LOOKED, Health, ModelHealth
from store.health import FORMAT, health_file, later_look, read_health, write_health

NAME = "flights.eta_risk"
KILLED = """
import sys
from pathlib import Path
from store.health import read_health, write_health
from tests.store.killing import in_child

home = Path(sys.argv[1])
old, new = (Path(name).read_bytes() for name in sys.argv[2:])
for step in range(100):
    write_health(home, "flights.eta_risk", old)
    code = in_child(lambda: write_health(home, "flights.eta_risk", new), step)
    print(code, read_health(home, "flights.eta_risk", "3").health, flush=True)
    if code == 0:
        break
"""


def document(state: str = "ok", version: str = "3", written_as: int = FORMAT) -> bytes:
    since = "2024-06-14T00:00:00Z" if state == "alarm" else None
    health = {"state": state, "reason": "lost", "since": since, "as_of": "2024-07-01T00:00:00Z", "cost_per_day": 4.5}
    return json.dumps({"format": written_as, "name": NAME, "version": version, "health": health}).encode()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """State, reason, since, as of, cost; a later file replaces it."""
    write_health(tmp_path, NAME, document("alarm"))
    since, as_of = datetime(2024, 6, 14, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)
    assert read_health(tmp_path, NAME, "3") == ModelHealth(Health.ALARM, "lost", since, as_of, 4.5)
    write_health(tmp_path, NAME, document("ok"))
    assert read_health(tmp_path, NAME, "3").health is Health.OK


def test_nobody_has_looked(tmp_path: Path) -> None:
    """Without a file the health is unknown, and the way to know is told."""
    assert read_health(tmp_path, NAME, "3") == NEVER_LOOKED
    assert "lanewise drift" in NEVER_LOOKED.reason


def test_an_update_does_not_hide_what_was_found(tmp_path: Path) -> None:
    """A champion recalibrated since is judged as it was served: an alarm stays one, whichever update is in service."""
    for looked, served in (("3", "3+1a2b3c4d"), ("3+1a2b3c4d", "3+5e6f7a8b"), ("3+1a2b3c4d", "3")):
        write_health(tmp_path, NAME, document("alarm", version=looked))
        assert read_health(tmp_path, NAME, served).health is Health.ALARM


def test_another_version_was_looked_at(tmp_path: Path) -> None:
    """A champion promoted since is unknown, and so is a file of another format."""
    write_health(tmp_path, NAME, document(version="2"))
    found = read_health(tmp_path, NAME, "3")
    assert found.health is Health.UNKNOWN
    assert "version 2 was looked at, but version 3 is in service" in found.reason
    write_health(tmp_path, NAME, document(written_as=FORMAT + 1))
    assert "another format" in read_health(tmp_path, NAME, "3").reason


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', document("sick")])
def test_a_damaged_file_is_unknown_not_an_error(tmp_path: Path, content: bytes) -> None:
    """The service goes on; the reason names the file."""
    write_health(tmp_path, NAME, content)
    found = read_health(tmp_path, NAME, "3")
    assert found.health is Health.UNKNOWN
    assert str(health_file(tmp_path, NAME)) in found.reason


def test_killed_at_any_step_the_file_is_whole(tmp_path: Path) -> None:
    """kill -9 before each step on the disk in turn: all old up to one step, then all new."""
    files = [tmp_path / "old", tmp_path / "new"]
    for file, state in zip(files, ("ok", "alarm"), strict=True):
        file.write_bytes(document(state))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), *map(str, files)],
        check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert {code for code, _ in lines[:-1]} == {str(-signal.SIGKILL)}
    states = [state for _, state in lines]
    assert states == ["ok"] * states.count("ok") + ["alarm"] * states.count("alarm")
    assert states.count("ok") >= 2
    assert states.count("alarm") >= 2


def test_a_look_back_knows_of_a_later_one(tmp_path: Path) -> None:
    """Only of the same version, and only when an earlier moment was asked for."""
    write_health(tmp_path, NAME, document())
    before, after = datetime(2024, 6, 30, tzinfo=UTC), datetime(2024, 7, 2, tzinfo=UTC)
    assert later_look(tmp_path, NAME, "3", before) == datetime(2024, 7, 1, tzinfo=UTC)
    assert later_look(tmp_path, NAME, "3", after) is later_look(tmp_path, NAME, "3", None) is None
    assert later_look(tmp_path, NAME, "4", before) is None
