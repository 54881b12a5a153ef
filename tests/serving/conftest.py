"""The application over the fake backend, in this process and as a real server; a home with real models."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from domain.params import ServeParams
from serving.api.app import create_app
from tests.serving.cli.command import Ended, started
from tests.serving.cli.small import SETTINGS, make_source
from tests.serving.client import Client
from tests.serving.fake import FakeBackend

REPOSITORY = Path(__file__).parents[2]
STARTER = """
import sys
from pathlib import Path
from domain.params import ServeParams
from serving.run_service import run_service
home, port, workers = sys.argv[1:]
params = ServeParams(port=int(port), workers=int(workers), max_subjects=5)
run_service(Path(home), Path(home, "data"), params, "tests.serving.fake_service:service")
"""
EMPTY_DATA = '{"name": "fake", "cut_off": "2014-01-01T00:00:00Z", "tables": {}}'


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def client(backend: FakeBackend) -> Iterator[Client]:
    client = Client(create_app(backend, ServeParams(max_subjects=5, max_body_bytes=5_000)))
    yield client
    client.close()


@dataclass
class Server:
    """A service that runs, as ``lanewise serve`` starts it."""

    process: subprocess.Popen[str]
    url: str
    seconds: float

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=10)

    def post(self, path: str, json: object) -> httpx.Response:
        return httpx.post(self.url + path, json=json, timeout=10)


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_home(folder: Path) -> Path:
    """A home with an empty data set."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "manifest.json").write_text(EMPTY_DATA)
    return folder


def start(home: Path, workers: int = 1, **variables: str) -> Server:
    """Start the service over the fake backend and wait until it answers."""
    port, began = free_port(), time.monotonic()
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTER, str(home), str(port), str(workers)],
            cwd=REPOSITORY,
            env={**os.environ, **variables},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    server = Server(process, f"http://127.0.0.1:{port}", 0.0)
    while time.monotonic() - began < 60:
        assert process.poll() is None, (home / "log").read_text()
        try:
            server.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        server.seconds = time.monotonic() - began
        return server
    process.kill()
    raise AssertionError((home / "log").read_text())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for every test that only asks."""
    server = start(make_home(tmp_path_factory.mktemp("home")), workers=2)
    yield server
    server.process.terminate()
    server.process.wait(20)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A home after ``lanewise import``, and what that said; not to be written to."""
    home = tmp_path_factory.mktemp("imported")
    make_source(home / "source")
    (home / "lanewise.toml").write_text(SETTINGS)
    return home, started("import", "source", "--out", "var/data/small", "--json", "import.json", cwd=home)


@pytest.fixture(scope="session")
def trained(imported: tuple[Path, Ended], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A home after ``lanewise train``, and what that said; not to be written to."""
    home = tmp_path_factory.mktemp("trained") / "home"
    shutil.copytree(imported[0], home)
    return home, started("train", "var/data/small", "--json", "train.json", cwd=home)
