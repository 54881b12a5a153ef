"""The guard that keeps the tests from the network works."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ELSEWHERE = "192.0.2.1"  # RFC 5737: nobody's address
LOOK_UP = "import socket; socket.getaddrinfo('example.org', 443)"


@pytest.fixture(autouse=True)
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What these tests provoke is not held against the run."""
    log = tmp_path / "guard.log"
    monkeypatch.setenv("NETWORK_GUARD_LOG", str(log))
    return log


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_connecting_elsewhere_raises(kind: int, own_log: Path) -> None:
    """Neither TCP nor UDP leaves this machine, and the attempt is recorded."""
    with socket.socket(socket.AF_INET, kind) as out, pytest.raises(RuntimeError, match=ELSEWHERE):
        out.connect((ELSEWHERE, 9))
    assert ELSEWHERE in own_log.read_text()


def test_sending_a_datagram_elsewhere_raises() -> None:
    """A datagram needs no connection and is stopped all the same."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, pytest.raises(RuntimeError):
        out.sendto(b"x", (ELSEWHERE, 9))


def test_looking_up_a_name_raises() -> None:
    """Not even a name server is asked."""
    with pytest.raises(RuntimeError, match=r"example\.org"):
        socket.create_connection(("example.org", 443), timeout=1)


def test_a_process_that_a_test_starts_is_guarded(own_log: Path) -> None:
    """A child fails too, and the attempt is recorded where the run sees it."""
    child = subprocess.run([sys.executable, "-c", LOOK_UP], capture_output=True, text=True)
    assert child.returncode == 1
    assert "NetworkReached" in child.stderr
    assert "example.org" in own_log.read_text()


def test_loopback_is_reached() -> None:
    """A server of this machine can be asked, by address and by name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        socket.create_connection(("localhost", port)).close()


def test_local_sockets_are_reached(tmp_path: Path) -> None:
    """A socket in the file system is no network."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


def test_a_configured_database_may_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host of LANEWISE_TEST_POSTGRESQL passes the guard; what follows is up to the network."""
    monkeypatch.setenv("LANEWISE_TEST_POSTGRESQL", "postgresql://me@database.invalid:5432/x")
    with pytest.raises(OSError, match=r".") as error:
        socket.getaddrinfo("database.invalid", 5432)
    assert isinstance(error.value, socket.gaierror)


def test_telemetry_is_off_for_every_process() -> None:
    """The switches stand in the environment that children inherit."""
    assert os.environ["BENTOML_DO_NOT_TRACK"] == "true"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
