"""What is refused before anything starts."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from domain.errors import NotThere
from domain.params import ServeParams
from serving import run_service as module
from serving.run_service import CannotListen, run_service
from tests.serving.conftest import free_port, make_home


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """What would have been executed instead of this process."""
    came: list[tuple[list[str], dict[str, str]]] = []

    def execve(_path: str, command: list[str], environment: dict[str, str]) -> None:
        came.append((command, environment))

    monkeypatch.setattr(module.os, "execve", execve)
    return came


def test_a_folder_without_a_data_set_is_refused(tmp_path: Path, executed: list[Any]) -> None:
    """The message says how to make one; nothing is started."""
    with pytest.raises(NotThere, match="lanewise import"):
        run_service(tmp_path, tmp_path / "data", ServeParams())
    assert not executed


def test_a_port_in_use_is_refused(tmp_path: Path, executed: list[Any]) -> None:
    """The message names the port and the option; nothing is started."""
    home = make_home(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=rf"port {port}: Address already in use.*--port"):
            run_service(home, home / "data", ServeParams(port=port))
    assert not executed


def test_a_host_that_is_not_this_machine_is_refused(tmp_path: Path, executed: list[Any]) -> None:
    """An address of somebody else (RFC 5737) cannot be listened on."""
    home = make_home(tmp_path)
    with pytest.raises(CannotListen, match=r"192\.0\.2\.1"):
        run_service(home, home / "data", ServeParams(host="192.0.2.1", port=free_port()))
    assert not executed


def test_what_was_asked_for_reaches_bentoml_and_the_workers(
    tmp_path: Path, executed: list[tuple[list[str], dict[str, str]]]
) -> None:
    """Settings as variables of the same names, BentoML's files inside the home, no telemetry."""
    home = make_home(tmp_path)
    params = ServeParams(host="localhost", port=free_port(), workers=3, max_subjects=7)
    run_service(home, home / "data", params)
    ((command, environment),) = executed
    assert command[command.index("--host") + 1] in ("127.0.0.1", "::1")
    assert command[command.index("--port") + 1] == str(params.port)
    assert environment["LANEWISE_HOME"] == str(home.resolve())
    assert environment["LANEWISE_DATA"] == str((home / "data").resolve())
    assert environment["LANEWISE_SERVE_MAX_SUBJECTS"] == "7"
    assert environment["BENTOML_CONFIG_OPTIONS"] == "services.lanewise.workers=3"
    assert Path(environment["BENTOML_HOME"]).is_relative_to(home.resolve() / "var" / "bentoml")
    assert environment["BENTOML_DO_NOT_TRACK"] == "true"
    assert "LANEWISE_SERVE_MAX_SUBJECTS" not in os.environ
