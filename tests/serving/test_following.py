"""A service that runs serves what is put in service, with the next questions; what cannot be loaded it leaves."""

import gc
import json
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from decisions.bootstrap import open_home
from decisions.settings import load_settings
from domain.ask import ServiceStatus
from domain.params import ServeParams
from serving.api.app import create_app
from serving.following import FollowingBackend
from store.current import in_service, mark_of_service, put_in_service
from tests.homes import copied_home
from tests.serving.cli.command import Ended, started
from tests.serving.client import Client
from tests.serving.fake import FakeBackend

pytestmark = pytest.mark.filterwarnings("ignore:Series.dt.dayofweek")
NAME = "small.severity"
BODY = {"ids": ["e500"], "as_of": "2024-01-11T18:00:00Z"}


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def settled() -> None:
    """Wait until nothing is being renewed."""
    for thread in threading.enumerate():
        if thread.name == "renewing":
            thread.join(30)


@dataclass
class Versioned(FakeBackend):
    """Of a version that is read from a cell, with what happens while it is renewed."""

    cell: list[int] = field(default_factory=lambda: [1])
    version: int = 1
    meanwhile: Callable[[], object] = lambda: None

    def renewed(self) -> "Versioned":
        now = self.cell[0]
        self.meanwhile()
        return replace(self, version=now)

    def status(self) -> ServiceStatus:
        return ServiceStatus(str(self.version))


def test_what_was_loaded_answers_until_the_next_is_there() -> None:
    """A question never waits; what changes while it is loaded is seen by the question after."""
    cell, go = [1], threading.Event()
    following = FollowingBackend(lambda: Versioned(cell=cell, meanwhile=lambda: go.wait(10)), lambda: cell[0])
    assert following.status().data_name == "1"
    cell[0] = 2
    began = time.monotonic()
    assert {following.status().data_name for _ in range(100)} == {"1"}
    assert time.monotonic() - began < 1
    assert [thread.name for thread in threading.enumerate()].count("renewing") == 1
    cell[0] = 3
    go.set()
    settled()
    assert following.status().data_name in ("2", "3")
    settled()
    assert following.status().data_name == "3"


def test_what_changes_while_the_house_is_opened_is_seen() -> None:
    """By the first question."""
    cell = [1]

    def opened() -> Versioned:
        cell[0] = 2
        return Versioned(cell=cell)

    following = FollowingBackend(opened, lambda: cell[0])
    following.status()
    settled()
    assert following.status().data_name == "2"


def test_what_cannot_be_loaded_is_logged_once_and_left(caplog: pytest.LogCaptureFixture) -> None:
    """Until it changes again."""

    def break_down() -> None:
        raise OSError("the disk is gone")

    cell = [1]
    following = FollowingBackend(lambda: Versioned(cell=cell, meanwhile=break_down), lambda: cell[0])
    cell[0] = 2
    for _ in range(5):
        assert following.status().data_name == "1"
        settled()
    assert caplog.text.count("what was loaded goes on answering") == 1
    assert "the disk is gone" in caplog.text


@pytest.fixture
def home(trained: tuple[Path, Ended], tmp_path: Path) -> Path:
    home = copied_home(trained[0], tmp_path / "home")
    file = home / "var/data/small/manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"calibration": {"fewest_outcomes": 10}}))
    return home


@pytest.fixture
def running(home: Path) -> Iterator[tuple[Client, FollowingBackend]]:
    settings = load_settings(home, {}).settings
    backend = FollowingBackend(lambda: open_home(home, settings, home / settings.data), lambda: mark_of_service(home))
    with closing(Client(create_app(backend, ServeParams()))) as client:
        yield client, backend


def said(client: Client) -> tuple[str, float]:
    """By which version, and what."""
    answer = client.post("/v1/predictions/severity", json=BODY)
    assert answer.status_code == 200, answer.text
    return answer.json()["model"]["version"], answer.json()["predictions"][0]["p_minor"]


def test_an_update_is_served_without_a_new_start(home: Path, running: tuple[Client, FollowingBackend]) -> None:
    """Under its name and with its shift, by every route; what was there before is let go."""
    client, backend = running
    before, old = said(client), weakref.ref(backend._house)
    assert before[0] == "1"
    assert started("recalibrate", "var/data/small", "--model", "severity", cwd=home).code == 0
    update = f"1+{in_service(home)[NAME].update[:8]}"
    assert client.get("/readyz").status_code == 200  # a probe is enough to have it looked for
    settled()
    after = said(client)
    assert after[0] == update
    assert after[1] != before[1]
    versions = {one["model"]: one["version"] for one in client.get("/v1/models").json()["models"]}
    assert versions == {"eta_risk": "1", "tender_failure": "1", "severity": update}
    assert (
        started("recalibrate", "var/data/small", "--model", "severity", "--revert", "--by", "ann", cwd=home).code == 0
    )
    said(client)
    settled()
    assert said(client) == before
    gc.collect()
    assert old() is None


def test_a_champion_that_this_code_cannot_ask_leaves_the_one_before(
    home: Path, running: tuple[Client, FollowingBackend], caplog: pytest.LogCaptureFixture
) -> None:
    """It goes on answering under its own version, the others follow, and the log says why."""
    client, _ = running
    current = in_service(home)
    put_in_service(home, {NAME: replace(current[NAME], sha256="0" * 64)})
    before = said(client)
    with caplog.at_level(logging.ERROR):
        settled()
    assert said(client) == before
    assert f"{NAME} 1 goes on answering: the files of {NAME} 1" in caplog.text
    assert client.get("/readyz").status_code == 200
