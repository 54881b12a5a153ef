"""A training that fails or is killed leaves champions and challengers, and the copies in service, as they were."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.errors import NotThere
from domain.params import MlflowParams
from domain.predictions import ModelName
from domain.reason import MAX_REASON
from store.current import disagreements, in_service
from store.registry import Registry
from store.succession import Appointment, Kind
from tests.training.synthetic import OF_OTHERS, PARAMS
from training.promotion import MAX_TOLD
from training.tracking import Tracker
from training.training import train

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)

ROOT = Path(__file__).parents[2]
KILLED = """
import os, signal, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from domain.params import MlflowParams
from domain.predictions import ModelName
from store.dataset import open_dataset
from store.registry import Registry
import store.registry, training.tracking
from tests.training.synthetic import PARAMS
from training.training import train

calls = []
def deadly(kept):
    def call(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return kept(*args, **kwargs)
    return call

home, data, where = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if where == "logging":
    training.tracking.Tracker._log_model = deadly(training.tracking.Tracker._log_model)
else:
    store.registry.keep_copy = deadly(store.registry.keep_copy)
models = [ModelName.TENDER_FAILURE, ModelName.SEVERITY]
train(open_dataset(data), Registry(home, MlflowParams()), PARAMS, models)
"""


def copy(home, folder: Path) -> Registry:
    """The trained home, copied so that it may be harmed."""
    shutil.copytree(home.folder / "mlruns", folder / "mlruns", ignore=shutil.ignore_patterns("artifacts"))
    shutil.copytree(home.folder / "var", folder / "var")
    return Registry(folder, MlflowParams())


@pytest.fixture
def copied(home, tmp_path) -> Registry:
    return copy(home, tmp_path)


@pytest.fixture(scope="module")
def cut_off_registering(home, tmp_path_factory) -> tuple[Registry, tuple]:
    """A home killed while the second model was registered, and its state before."""
    registry = copy(home, tmp_path_factory.mktemp("killed"))
    before = state(registry)
    killed(home, registry, "registering")
    return registry, before


def state(registry: Registry) -> tuple:
    """Aliases of every version, and what is in service."""
    aliased = {(v.name, v.version): v.aliases for v in registry.versions() if v.aliases}
    return aliased, in_service(registry.home), (registry.home / "var" / "models" / "current.json").read_bytes()


def killed(home, registry: Registry, where: str) -> None:
    command = [sys.executable, "-c", KILLED, str(registry.home), str(home.dataset.folder), where]
    run = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr


def test_a_failure_while_logging_changes_nothing(home, copied, monkeypatch):
    """The second model cannot be logged: versions, aliases and copies are as before."""
    before, versions, logged = state(copied), copied.versions(), Tracker._log_model
    calls = []

    def failing(self, fitted, folder):
        calls.append(fitted)
        if len(calls) == 2:
            raise OSError("disk full")
        return logged(self, fitted, folder)

    monkeypatch.setattr(Tracker, "_log_model", failing)
    with pytest.raises(OSError, match="disk full"):
        train(home.dataset, copied, PARAMS)
    assert copied.versions() == versions
    assert state(copied) == before


def test_killed_while_logging_changes_nothing(home, copied):
    """kill -9 while the second model is logged: versions, aliases and copies are as before."""
    before, versions = state(copied), copied.versions()
    killed(home, copied, "logging")
    assert copied.versions() == versions
    assert state(copied) == before
    assert disagreements(copied.home, copied.uri) == []


def test_killed_while_registering_leaves_what_is_in_service(cut_off_registering):
    """kill -9 while the second model is registered: champions and the copies in service are as before and agree."""
    copied, before = cut_off_registering
    after = state(copied)
    assert after[1:] == before[1:]
    champions = [{k for k, names in aliased[0].items() if "champion" in names} for aliased in (before, after)]
    assert champions[0] == champions[1]
    assert disagreements(copied.home, copied.uri) == []


def test_killed_while_registering_moves_no_alias(cut_off_registering):
    """kill -9 while the second model is registered: challengers are as before as well."""
    copied, before = cut_off_registering
    assert state(copied) == before


def test_a_version_cut_off_halfway_cannot_be_crowned(cut_off_registering):
    """A version without copy and hash is not listed, is refused with a message, and the champion stays."""
    copied, before = cut_off_registering
    listed = {(version.name, version.version) for version in copied.versions()}
    there = {(version.name, str(version.version)) for version in copied.client().search_model_versions()}
    assert there - listed
    assert all("sha256" in version.tags for version in copied.versions())
    for name, number in there - listed:
        with pytest.raises(NotThere, match=f"no version {number} of {name}"):
            copied.crown(name, Appointment(Kind.PROMOTION, number, "1", "2024-05-01T00:00:00Z", "ann", "bob"))
    assert state(copied) == before


def test_after_a_kill_the_next_training_works(home, cut_off_registering):
    """A version cut off halfway does not stop the next one: it becomes the challenger, with a copy."""
    copied, _ = cut_off_registering
    report = train(home.dataset, copied, PARAMS, [ModelName.SEVERITY])
    version = report.trained[0].version
    assert version.aliases == ("challenger",)
    assert (copied.home / "var" / "models" / version.name / version.version / "model.json").is_file()


def test_postgresql_keeps_runs_and_versions(home, tmp_path):
    """The same with MLflow's tables in PostgreSQL: bootstrap, agreement, disagreement."""
    url = os.environ.get("LANEWISE_TEST_POSTGRESQL")
    if not url:
        pytest.skip("no PostgreSQL")
    from sqlalchemy import create_engine, text

    name = f"lanewise_mlflow_{os.getpid()}"
    plain = url.replace("postgres://", "postgresql://", 1)
    scheme = plain if "+" in urlsplit(plain).scheme else plain.replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(scheme, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        uri = urlsplit(scheme)._replace(path=f"/{name}").geturl()
        registry = Registry(tmp_path, MlflowParams(tracking_uri=uri))
        train(home.dataset, registry, PARAMS, [ModelName.SEVERITY])
        assert [v.aliases for v in registry.versions()] == [("champion",)]
        assert disagreements(tmp_path, uri) == []
        _promoted_and_rolled_back(home, registry)
        assert disagreements(tmp_path, uri) == []
        (tmp_path / "var" / "models" / "current.json").write_text(json.dumps({}))
        assert len(disagreements(tmp_path, uri)) == 1
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.dispose()


def _promoted_and_rolled_back(home, registry: Registry) -> None:
    """A second version is promoted and rolled back; texts as long as they may be are taken in."""
    train(home.dataset, registry, PARAMS, [ModelName.SEVERITY])
    (name,) = {version.name for version in registry.versions()}
    long = {"reason": "é" * MAX_REASON, "despite": "x" * MAX_TOLD}
    registry.crown(name, Appointment(Kind.PROMOTION, "2", "1", "2024-05-01T00:00:00Z", "ann", "bob", **long))
    assert in_service(registry.home)[name].version == registry.champion(name) == "2"
    assert registry.before(name).version == "1"
    registry.crown(name, Appointment(Kind.ROLLBACK, "1", "2", "2024-05-02T00:00:00Z", "cay"))
    assert in_service(registry.home)[name].version == registry.champion(name) == "1"
    assert [one.kind for one in registry.appointments(name)] == [Kind.BOOTSTRAP, Kind.PROMOTION, Kind.ROLLBACK]
    with pytest.raises(NotThere, match="first champion"):
        registry.before(name)
