"""For every test: no network, no telemetry, in this process and in those it starts; random examples are the same."""

import importlib
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from store.telemetry import switch_off_telemetry

GUARD = Path(__file__).parent / "network_guard"
LOG = "NETWORK_GUARD_LOG"


settings.register_profile("same every time", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same every time"))


def pytest_configure(config: pytest.Config) -> None:
    """Guard this process, and through ``PYTHONPATH`` every Python process that a test starts."""
    switch_off_telemetry(os.environ)
    if LOG not in os.environ:  # otherwise this is a process of pytest-xdist
        handle, os.environ[LOG] = tempfile.mkstemp(prefix="network-guard-")
        os.close(handle)
        inherited = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(GUARD), inherited)))
    if not hasattr(sys.modules.get("sitecustomize"), "NetworkReached"):
        sys.modules.pop("sitecustomize", None)
        sys.path.insert(0, str(GUARD))
        importlib.import_module("sitecustomize")
        sys.path.remove(str(GUARD))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the run if anything reached for the network, even if it swallowed the refusal."""
    if hasattr(session.config, "workerinput"):
        return
    log = Path(os.environ[LOG])
    reached = sorted(set(log.read_text(encoding="utf-8").splitlines()))
    log.unlink()
    if reached:
        print("\nreached for the network:", *reached, sep="\n  ", file=sys.stderr)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
