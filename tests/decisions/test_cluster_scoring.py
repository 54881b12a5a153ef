"""Rows scored on a cluster: the bits of one process, however they are cut; what happens when a worker dies."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import dask
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from decisions import cluster_scoring
from decisions.cluster_scoring import Shipped, predict_on
from domain.errors import LanewiseError
from domain.predictions import ModelName
from features.cluster import Cluster
from models.artifact import Provenance, save_model
from models.calibration.shift import Shift, Shifts
from models.groups import EVERYBODY
from models.model import shifted
from models.shares import LOG_ODDS, ShareMap, Sides
from tests.models.synthetic import fitted_all, frame_of

FRAME = frame_of(700, seed=9, stages=("release", "AF", "X6")).set_index(pd.Index(range(5, 705)))
"""With a stage never met, and an index of its own."""
BENT = (0.1, -0.2, 0.3, -0.1, 0.2, 0.0, -0.3)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Any]:
    return fitted_all(1500)


@pytest.fixture(scope="module")
def sent(fitted: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shipped]:
    """Each model as it travels."""
    made = {}
    for name, model in fitted.items():
        folder = tmp_path_factory.mktemp("models") / name
        save_model(model, Provenance("small", "", "", "", "", 5), folder)
        made[name] = Shipped(name, tuple((file.name, file.read_bytes()) for file in folder.iterdir()))
    return made


@contextmanager
def started(workers: int) -> Iterator[Cluster]:
    """Worker processes of one thread; a task that kills two of them is given up."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
        ) as here,
        Client(here, set_as_default=False) as client,
    ):
        yield Cluster(client)


@pytest.fixture(scope="module")
def one() -> Iterator[Cluster]:
    with started(1) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def two() -> Iterator[Cluster]:
    with started(2) as cluster:
        yield cluster


@pytest.fixture(params=["one", "two"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    found: Cluster = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("name", list(ModelName))
@pytest.mark.parametrize("rows", [1, 97, 350, 10_000])
def test_rows_scored_on_a_cluster_have_the_bits_of_one_process(cluster, fitted, sent, monkeypatch, name, rows):
    """For blocks of one row, of some with a rest, of half the rows, and of more than there are."""
    monkeypatch.setattr(cluster_scoring, "ROWS", rows)
    frame = FRAME.head(20) if rows == 1 else FRAME
    pd.testing.assert_frame_equal(predict_on(cluster, sent[name], frame), fitted[name].predict(frame), check_exact=True)


def test_a_model_travels_with_its_update(fitted, sent):
    """Shift, slope, bends, and where delays fell since: all of them change what is said, and all arrive."""
    name, shifts = ModelName.ETA_RISK, {"late": Shifts((("release", Shift(0.4, 0.2, -1.0, BENT)),), Shift(0.1))}
    further = {EVERYBODY: Sides(ShareMap(LOG_ODDS * 1.5), ShareMap(LOG_ODDS - 0.3))}
    built = replace(sent[name], shifts=tuple(shifts.items()), further=further).build().predict(FRAME)
    pd.testing.assert_frame_equal(built, shifted(fitted[name], shifts).with_further(further).predict(FRAME))
    for without in (fitted[name].with_further(further), shifted(fitted[name], shifts)):
        assert (without.predict(FRAME)["q95"] != built["q95"]).any()


def test_no_row_is_a_frame_without_rows(two, fitted, sent):
    """With its columns."""
    name, none = ModelName.SEVERITY, FRAME.iloc[:0]
    pd.testing.assert_frame_equal(predict_on(two, sent[name], none), fitted[name].predict(none))


def test_a_worker_builds_a_model_once(cluster, sent, monkeypatch, tmp_path):
    """However many blocks it scores."""
    monkeypatch.setattr(cluster_scoring, "ROWS", 50)
    model = Counted("counted", sent[ModelName.TENDER_FAILURE].files, tmp_path)
    predict_on(cluster, model, FRAME)
    builders = [int(file.read_text()) for file in tmp_path.iterdir()]
    assert len(builders) == len(set(builders)) >= 1
    assert os.getpid() not in builders


class Counted(Shipped):
    """A model that leaves a file wherever it is built."""

    def __init__(self, sha256: str, files: tuple[tuple[str, bytes], ...], folder: Path) -> None:
        super().__init__(sha256, files)
        object.__setattr__(self, "folder", folder)

    def build(self) -> Any:
        (self.folder / os.urandom(8).hex()).write_text(str(os.getpid()))
        return super().build()


def test_workers_with_other_code_for_models_are_refused(two, sent, monkeypatch):
    """Their scores might differ."""
    monkeypatch.setattr(cluster_scoring, "models_hash", lambda: str(os.getpid()))
    with pytest.raises(LanewiseError, match=r"workers, such as .*, score otherwise than this process"):
        predict_on(two, sent[ModelName.TENDER_FAILURE], FRAME)


def dying(scored: Any, deaths: int, folder: Path, model: Shipped, block: pd.DataFrame) -> pd.DataFrame:
    """Takes so many workers along, then scores."""
    if block.index[0] == FRAME.index[0] and len(list(folder.iterdir())) < deaths:
        (folder / os.urandom(8).hex()).touch()
        os._exit(1)
    return scored(model, block)


def test_blocks_of_a_worker_that_died_are_scored_by_another(two, fitted, sent, monkeypatch, tmp_path):
    """Dask has them scored again; the answer is the same."""
    monkeypatch.setattr(cluster_scoring, "ROWS", 100)
    monkeypatch.setattr(cluster_scoring, "_predicted", partial(dying, cluster_scoring._predicted, 1, tmp_path))
    name = ModelName.TENDER_FAILURE
    pd.testing.assert_frame_equal(predict_on(two, sent[name], FRAME), fitted[name].predict(FRAME), check_exact=True)
    assert len(list(tmp_path.iterdir())) == 1


def test_rows_that_kill_every_worker_are_told_in_one_message(two, sent, monkeypatch, tmp_path):
    """With what to see to."""
    monkeypatch.setattr(cluster_scoring, "_predicted", partial(dying, cluster_scoring._predicted, 9, tmp_path))
    with pytest.raises(LanewiseError, match=r"lost workers .* while rows were scored .* run the command again"):
        predict_on(two, sent[ModelName.TENDER_FAILURE], FRAME)


def test_a_cluster_that_lost_all_workers_is_not_waited_for(two, sent, monkeypatch):
    """Where nobody starts new ones; one that was on its way, in place of a worker killed before, is closed too."""
    monkeypatch.setattr(cluster_scoring, "REPLACED_S", 1)
    with suppress(TimeoutError):  # whoever is on its way arrives, and can be closed with the others
        two.client.wait_for_workers(2, timeout=60)
    alone = 0
    while alone < 20:
        there = list(two.client.nthreads())
        if there:
            two.client.retire_workers(there, close_workers=True)
        alone = 0 if there else alone + 1
        time.sleep(0.1)
    monkeypatch.setattr(Cluster, "expect_alike", lambda *_: None)
    with pytest.raises(LanewiseError, match=r"lost workers .* while rows were scored"):
        predict_on(two, sent[ModelName.TENDER_FAILURE], FRAME)
