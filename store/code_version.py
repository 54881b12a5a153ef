"""Which code did it: the package's version, and the commit where it runs from a checkout."""

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def code_version() -> str:
    """``0.1.0``, or ``0.1.0+<commit>`` (``.dirty`` appended where files differ from it) in a git checkout."""
    try:
        released = version("lanewise")
    except PackageNotFoundError:
        released = "0"
    here = Path(__file__).resolve().parent.parent
    if not (here / ".git").exists():
        return released
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=.dirty", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return released
    return f"{released}+{described.stdout.strip()}"
