"""Runs ``lanewise``: in this process where it is quick, as a process of its own where that matters."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from serving.cli import run
from serving.commands.interrupts import Interrupts

REPOSITORY = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "serving.cli"]


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def environment(**variables: str) -> dict[str, str]:
    """Of a process of its own: without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LANEWISE_")}
    path = os.pathsep.join(filter(None, [str(REPOSITORY), kept.get("PYTHONPATH")]))
    return {**kept, "PYTHONPATH": path, **variables}


def started(*arguments: str | Path, cwd: Path, **variables: str) -> Ended:
    """Run a command as a process."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@dataclass
class Here:
    """Runs commands in this process."""

    captured: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path) -> Ended:
        code = run(list(map(str, arguments)), os.environ, Interrupts())
        said = self.captured.readouterr()
        return Ended(code, said.out, said.err)
