"""Kills a writer before each of its steps on the disk in turn, and tells what a reader finds then."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import NotThere
from store.beside import folder_beside
from store.dataset import open_dataset

STEPS = ("fsync", "replace", "unlink", "rmdir", "mkdir")


@dataclass(frozen=True)
class Found:
    """What is there after a writer was killed, or had ended (``code`` 0)."""

    code: int
    manifest: str
    truth: str | None


def killed_at_every_step(script: str, *arguments: Path) -> list[Found]:
    """Run ``script``, which calls :func:`kill_at_every_step`, in a process that may fork; return what it found."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [Found(*json.loads(line)) for line in done.stdout.splitlines()]


def kill_at_every_step(old: Path, new: Callable[[], Any], out: Path) -> None:
    """From a copy of ``old``, kill ``new`` before its first step, and look; the same before its second; and so on."""
    for step in range(10_000):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(old, out)
        code = in_child(new, step)
        print(json.dumps([code, seen_manifest(out), seen_truth(out)]), flush=True)
        if code == 0:
            return


def in_child(write: Callable[[], Any], steps: int) -> int:
    """Exit code of a process that writes, and kills itself before a step."""
    child = os.fork()
    if child == 0:
        left = [steps]
        for name in STEPS:
            setattr(os, name, _dying(getattr(os, name), left))
        try:
            write()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def seen_manifest(out: Path) -> str:
    """SHA-256 of the manifest, every file that it lists having the bytes that it says."""
    content = (out / "manifest.json").read_bytes()
    for table in json.loads(content)["tables"].values():
        for file in table["files"]:
            assert hashlib.sha256((out / file["path"]).read_bytes()).hexdigest() == file["sha256"], file
    return hashlib.sha256(content).hexdigest()


def seen_truth(out: Path) -> str | None:
    """What the folder ``truth`` of the data set says, or nothing where it has none of its own."""
    try:
        return (folder_beside(open_dataset(out), "truth") / "deep" / "truth.txt").read_text()
    except NotThere:
        return None


def manifest_of(folder: Path) -> str:
    """SHA-256 of a data set's manifest."""
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def assert_old_until_new(found: list[Found], old: str, new: str) -> None:
    """Every step but the last was the writer's last; what is there is all old up to one step, then all new."""
    assert {one.code for one in found[:-1]} == {-signal.SIGKILL}
    manifests = [one.manifest for one in found]
    assert manifests == [old] * manifests.count(old) + [new] * manifests.count(new)
    assert len(manifests) > 15
    assert manifests.count(old) > 5
    assert manifests.count(new) > 1


def _dying(real: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def step(*arguments: Any, **named: Any) -> Any:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return real(*arguments, **named)

    return step
