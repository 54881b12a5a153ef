"""A folder on the way is gone with its owner; that of a killed process when the next one is made, and no other."""

import gc
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from features.frame_file import PREFIX, FrameFile
from store.scratch import scratch_folder

WORKING = """
import sys
from features.frame_file import FrameFile
made = FrameFile()
(made.folder / "matrix").write_bytes(b"large")
print(made.folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary ones, here and in processes that are started."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def working(temporary: Path):
    """A process that keeps a frame in a file, and where."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_a_folder_of_a_killed_process_is_removed_when_the_next_is_made(working) -> None:
    """Not while it works; what is in the folder goes, too."""
    process, left = working
    own = FrameFile()
    assert (left / "matrix").exists()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (left / "matrix").exists()
    other = FrameFile()
    assert not left.exists()
    assert own.folder.is_dir()
    assert other.folder.is_dir()


def test_a_process_that_ends_leaves_nothing(working, temporary: Path) -> None:
    process, folder = working
    assert folder.name.startswith(PREFIX)
    process.communicate("")
    assert list(temporary.iterdir()) == []


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_folder_is_gone_with_its_owner(temporary: Path) -> None:
    """And its lock with it: no descriptor stays open."""

    class Owner:
        pass

    owner, before = Owner(), descriptors()
    folder = scratch_folder(owner, "some-")
    assert folder.parent == temporary
    del owner
    gc.collect()
    assert not folder.exists()
    assert descriptors() == before


STRANGE: dict[str, Callable[[Path], object]] = {
    "a file": lambda path: path.write_text("mine"),
    "a link": lambda path: path.symlink_to(path.parent / "elsewhere"),
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_is_no_such_folder_stays(temporary: Path, what: str) -> None:
    """A name proves nothing."""
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / "mine").write_text("mine")
    STRANGE[what](temporary / f"{PREFIX}x")
    FrameFile()
    assert (temporary / f"{PREFIX}x").exists()
    assert (temporary / "elsewhere" / "mine").exists()
