"""``lanewise drift`` tells cost first, keeps what it found, and the service tells it on."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from decisions.bootstrap import open_home
from decisions.settings import load_settings
from domain.params import ServeParams
from serving.api.app import create_app
from store.health import health_file
from store.lock import home_lock
from tests.homes import copied_home
from tests.serving.cli.command import Ended, Here
from tests.serving.client import Client

pytestmark = pytest.mark.filterwarnings("ignore")
NAME = "small.tender_failure"


@pytest.fixture
def copied(trained: tuple[Path, Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the trained home as the current folder."""
    home = copied_home(trained[0], tmp_path / "home")
    monkeypatch.chdir(home)
    return home


def told(home: Path) -> dict[str, dict[str, object]]:
    """Health by model, as a service over the home says."""
    settings = load_settings(home, {}).settings
    with closing(Client(create_app(open_home(home, settings, home / settings.data), ServeParams()))) as client:
        return {one["model"]: one["health"] for one in client.get("/v1/models").json()["models"]}


def test_every_model_in_service_is_looked_at_and_kept(copied: Path, lanewise: Here) -> None:
    """Cost stands in the line below the name; the service tells what was kept, and unknown before."""
    assert {one["state"] for one in told(copied).values()} == {"unknown"}
    said = lanewise("drift", "var/data/small")
    assert (said.code, said.err) == (0, "")
    heads = [line for line in said.out.splitlines() if not line.startswith(" ")]
    assert [head.split(" version ")[0] for head in heads] == [f"small.{name}" for name in told(copied)]
    assert said.out.splitlines()[1].startswith("  costs ")
    kept = json.loads(health_file(copied, NAME).read_text())
    assert told(copied)["tender_failure"] == {**kept["health"], "since": kept["health"]["since"]}


def test_one_model_as_of_a_moment(copied: Path, lanewise: Here) -> None:
    """The figures on standard output are those of the file, with the moment that was asked for; so is the page."""
    options = ("--model", "tender_failure", "--as-of", "2024-01-14", "--json", "-", "--html", "drift.html")
    said = lanewise("drift", "var/data/small", *options)
    (one,) = said.json["models"]
    assert one == json.loads(health_file(copied, NAME).read_text())
    assert one["health"]["as_of"] == "2024-01-14T00:00:00Z"
    assert not health_file(copied, "small.severity").exists()
    page = Path("drift.html").read_text()
    assert all(words in page for words in ("<h2>small.tender_failure version 1", "EUR</strong> a day", "stage=offer"))


def test_an_alarm_that_stands_is_told_by_a_service_that_runs(copied: Path) -> None:
    """The file is read when the service is asked: it needs no new start."""
    settings = load_settings(copied, {}).settings
    backend = open_home(copied, settings, copied / settings.data)
    health = {"state": "alarm", "reason": "lost", "since": "2024-01-14T00:00:00Z", "as_of": None, "cost_per_day": 3.0}
    file = health_file(copied, NAME)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"format": 1, "version": "1", "health": health}))
    with closing(Client(create_app(backend, ServeParams()))) as client:
        found = {one["model"]: one["health"] for one in client.get("/v1/models").json()["models"]}
        assert found["tender_failure"] == health
        assert 'lanewise_model_health{model="tender_failure",state="alarm"} 1.0' in client.get("/metrics").text


def test_what_cannot_be_looked_at_is_refused(copied: Path, lanewise: Here) -> None:
    """A moment after the cut-off, a writer in the home, no model: one line, and what was kept stays."""
    late = lanewise("drift", "var/data/small", "--as-of", "2030-01-01")
    assert (late.code, "cut-off" in late.err) == (1, True)
    with home_lock(copied):
        locked = lanewise("drift", "var/data/small", "--model", "tender_failure")
    assert (locked.code, str(os.getpid()) in locked.err) == (1, True)
    assert not health_file(copied, NAME).exists()
    (copied / "var/models/current.json").unlink()
    none = lanewise("drift", "var/data/small")
    assert (none.code, "lanewise train" in none.err) == (1, True)
