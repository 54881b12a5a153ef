"""History scanned on a cluster is, bit for bit, that of one process; a cluster that is not there is told."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from distributed import CancelledError, Client, LocalCluster

import features.cluster
from domain.errors import LanewiseError
from domain.predictions import ModelName
from features.cluster import Cluster, Share, opened
from features.frame import FeatureFrames
from features.past import past_of
from features.subjects import all_subjects
from store.dataset import Dataset
from tests.features.world import World
from tests.simulator.histories import history


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two worker processes of one thread each."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
        ) as here,
        Client(here, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    """A random network, badly kept, and a simulated one."""
    simulated = history(tmp_path_factory.mktemp("simulated") / "data", 1_200, seed=9, days=60)
    return {"random": World(4).dataset, "simulated": simulated}


def agree(dataset: Dataset, model: ModelName, cluster: Cluster, subjects: pd.DataFrame | None = None) -> None:
    """Every column to the last bit."""
    asked = all_subjects(dataset, model) if subjects is None else subjects
    expected = FeatureFrames(dataset).of(model, asked)
    pd.testing.assert_frame_equal(FeatureFrames(dataset, cluster).of(model, asked), expected, check_exact=True)
    assert any(name.endswith("_120d") for name in expected)


@pytest.mark.parametrize("model", list(ModelName))
@pytest.mark.parametrize("parts", [1, 7])
def test_a_random_network_has_the_bits_of_one_process(datasets, client, model, parts):
    """Late and corrected knowledge, equal moments and gaps, however the keys are dealt out."""
    agree(datasets["random"], model, Cluster(client, parts))


@pytest.mark.parametrize("model", list(ModelName))
def test_a_simulated_network_has_the_bits_of_one_process(datasets, client, model):
    """With as many parts as the cluster has threads."""
    agree(datasets["simulated"], model, Cluster(client))


def test_blocks_are_put_together_again(datasets, client, monkeypatch):
    """The same where no block holds every question, and where some hold none of a part."""
    monkeypatch.setattr(features.cluster, "BLOCK", 7)
    agree(datasets["random"], ModelName.SEVERITY, Cluster(client, 3))


def test_questions_come_in_any_order_and_of_anyone(datasets, client):
    """Out of order, of one subject only, of a carrier never met, and of nobody."""
    subjects = all_subjects(datasets["random"], ModelName.ETA_RISK)
    cluster = Cluster(client, 2)
    stranger = subjects.iloc[[-1]].assign(carrier_id="never met")
    for some in (subjects.iloc[::-1], stranger, subjects.iloc[:0]):
        agree(datasets["random"], ModelName.ETA_RISK, cluster, some)


def test_events_are_sent_once(datasets, client, monkeypatch):
    """A second question sends itself, and no event again."""
    cluster, sent = Cluster(client), []
    scatter = Client.scatter
    monkeypatch.setattr(Client, "scatter", lambda self, what, **how: sent.append(what) or scatter(self, what, **how))
    subjects = all_subjects(datasets["random"], ModelName.SEVERITY)
    shares = []
    for _ in range(2):
        sent.clear()
        FeatureFrames(datasets["random"], cluster).of(ModelName.SEVERITY, subjects)
        shares.append(sum(isinstance(one, Share) for what in sent for one in what))
        assert sum(len(what) for what in sent) > shares[-1]
    assert shares[0] > 0
    assert shares[1] == 0


def test_every_key_lies_in_one_share(datasets, client):
    """The shares of an entity have no key in common, and together all of them."""
    kept = past_of(datasets["random"]).remembered("deliveries")
    cluster = Cluster(client, 3)
    dealt = cluster._deal(kept)
    keys = [(one.entity, int(key)) for one in dealt for key in client.gather(one.share).keys]
    slots = kept.events.slots
    assert len(set(keys)) == len(keys)
    assert set(keys) == {(e, int(slot)) for e in range(slots.shape[1]) for slot in slots[:, e] if slot >= 0}


def test_dask_is_imported_for_a_cluster_only(tmp_path: Path) -> None:
    """Whoever does not ask for one neither needs it nor waits for it."""
    code = (
        "import sys, features.frame\n"
        "from features.cluster import opened\n"
        "with opened(None) as cluster: assert cluster is None\n"
        "print([name for name in ('dask', 'distributed') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(LanewiseError, match=r"pip install 'lanewise\[cluster\]'"), opened("local:2"):
        pass


def test_what_is_no_scheduler_is_told_within_seconds(monkeypatch):
    """Whether nothing listens there, or something that never answers, or a server of another kind."""
    monkeypatch.setattr(features.cluster, "PATIENCE_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as closed:
        ports = silent.getsockname()[1], closed.getsockname()[1]
        closed.close()
        for port in ports:
            began = time.monotonic()
            with pytest.raises(LanewiseError, match="nothing answered within 1 s; start one with"):
                opened(f"tcp://127.0.0.1:{port}").__enter__()
            assert time.monotonic() - began < 5


def test_a_worker_is_no_scheduler(client):
    address = next(iter(client.nthreads()))
    with pytest.raises(LanewiseError, match=f"{address}: a Dask scheduler was expected there, but a Dask worker"):
        opened(address).__enter__()


def test_a_scheduler_without_workers_is_told(monkeypatch):
    """With what to start."""
    monkeypatch.setattr(features.cluster, "PATIENCE_S", 1)
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL) as empty:
        address = empty.scheduler_address
        with pytest.raises(LanewiseError, match=f"no workers after 1 s; start some with `dask worker {address}`"):
            opened(address).__enter__()


def test_a_reached_cluster_finds_the_same_bits(datasets, client):
    """By the address of its scheduler."""
    with opened(client.scheduler.address) as cluster:
        agree(datasets["random"], ModelName.TENDER_FAILURE, cluster)


@pytest.mark.parametrize(("found", "told"), [(os.getpid, "2 workers, such as .* otherwise"), (next, "cannot say")])
def test_workers_of_another_version_are_refused(client, monkeypatch, found, told):
    """Their features would differ; and so are those that cannot say."""
    monkeypatch.setattr(features.cluster, "catalogue_hash", found)
    with pytest.raises(LanewiseError, match=told):
        opened(client.scheduler.address).__enter__()


def test_a_loss_is_one_message(datasets, client, monkeypatch):
    """It names no defect: it says what was lost and what to do."""
    monkeypatch.setattr(Client, "gather", lambda *_: (_ for _ in ()).throw(CancelledError("lost dependencies")))
    subjects = all_subjects(datasets["random"], ModelName.SEVERITY)
    with pytest.raises(LanewiseError, match=r"lost workers .* \(lost dependencies\); .* run the command again"):
        FeatureFrames(datasets["random"], Cluster(client)).of(ModelName.SEVERITY, subjects)
