"""Boosters learned on a cluster of two workers: as good as those of one process, and read as those are."""

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import lightgbm.dask
import numpy as np
import pytest
from distributed import Client, LocalCluster
from sklearn.metrics import roc_auc_score

from domain.errors import LanewiseError
from features.cluster import Cluster
from models.boosted import Array, Boosted
from models.boosting import Table, fit_tuned, parameters
from models.severity import fit_severity
from models.tender_failure import fit_tender_failure
from tests.models.synthetic import SMALL, answer_outcome, frame_of, impact_outcome
from tests.training.synthetic import OF_OTHERS
from training.cluster_fit import ClusterFit

pytestmark = [pytest.mark.filterwarnings(line) for line in OF_OTHERS]
PARAMS = replace(SMALL, max_trees=60, selection_rows=6_000)
NUMBERS, WIDTH = 8, 10


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
        ) as here,
        Client(here, set_as_default=False) as client,
    ):
        yield Cluster(client)


def table_of(rows: int, seed: int) -> Table:
    """Numbers with gaps, of which one rises with time, and two categories."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, WIDTH))
    X[:, 0] += np.linspace(0, 3, rows)
    X[random.random(X.shape) < 0.1] = np.nan
    X[:, NUMBERS:] = np.floor(40 * random.random((rows, WIDTH - NUMBERS)) ** 2)
    effect = np.random.default_rng(0).normal(size=40)
    score = np.nan_to_num(X[:, 1] + X[:, 2] * X[:, 3]) + effect[X[:, NUMBERS].astype(int)]
    y = (score + random.logistic(size=rows) > 1).astype(np.float64)
    return Table(X, y, tuple(f"c{k}" for k in range(WIDTH)), list(range(NUMBERS, WIDTH)))


def said(text: str) -> set[str]:
    """Lines of the parameters that a text ends with."""
    return set(text[text.index("\nparameters:") : text.index("\nend of parameters")].splitlines())


def later_auc(text: str) -> float:
    """On rows that nobody learned from."""
    judged = table_of(20_000, seed=2)
    return float(roc_auc_score(judged.y, Boosted(text).margins(judged.X)))


def test_a_booster_of_a_cluster_is_as_good_as_one_of_this_process(cluster):
    """Its AUC on later rows is the same within 0.005, and both have learned."""
    table = table_of(20_000, seed=1)
    here = fit_tuned(table, "binary", PARAMS)
    there = fit_tuned(replace(table, learner=ClusterFit(cluster)), "binary", PARAMS)
    aucs = [later_auc(tuned.booster.text) for tuned in (here, there)]
    assert aucs[0] == pytest.approx(aucs[1], abs=0.005)
    assert min(aucs) > 0.75
    assert here.booster.text != there.booster.text
    np.testing.assert_array_equal(here.judged, there.judged)


@pytest.mark.parametrize("objective", ["binary", "regression"])
def test_a_cluster_learns_with_the_parameters_of_one_process(cluster, objective):
    """Nothing is lost on the way, or said twice, but for what the network is told; no address is kept."""
    table = table_of(2_000, seed=1)
    asked = parameters(PARAMS, objective, 2_000)
    text = ClusterFit(cluster)(table, asked, 7)
    own = lightgbm.train(
        asked,
        lightgbm.Dataset(table.X, table.y, categorical_feature=table.categorical, params=asked),
        num_boost_round=7,
    ).model_to_string()
    assert {line.partition(":")[0] for line in said(own) ^ said(text)} <= {
        "[tree_learner",
        "[num_machines",
        "[machines",
        "[local_listen_port",
        "[time_out",
    }
    assert "127.0.0.1" not in text
    assert text.count("\nTree=") == own.count("\nTree=") == 7


def test_the_same_rows_and_workers_give_the_same_bytes(cluster):
    """Whatever ports they listen on, and however Dask names what they hold."""
    table, learn = table_of(1_500, seed=3), ClusterFit(cluster)
    assert len({learn(table, parameters(PARAMS, "binary", 1_500), 4) for _ in range(5)}) == 1


def test_rows_are_dealt_out_in_turn(cluster, monkeypatch):
    """Each worker has rows of all times, and the first ones the odd row."""
    table, lent = table_of(401, seed=4), []
    monkeypatch.setattr(lightgbm.dask.DaskLGBMRegressor, "fit", lambda self, X, y, **_: lent.append((X, y)) or self)
    monkeypatch.setattr(lightgbm.dask.DaskLGBMRegressor, "booster_", Said())
    ClusterFit(cluster)(table, {}, 1)
    ((X, y),) = lent
    assert X.chunks == ((201, 200), (WIDTH,))
    with cluster.client.as_current():
        np.testing.assert_array_equal(X.compute(), np.concatenate([table.X[::2], table.X[1::2]]))
        np.testing.assert_array_equal(y.compute(), np.concatenate([table.y[::2], table.y[1::2]]))


class Said:
    """A booster that says nothing."""

    def model_to_string(self) -> str:
        return ""


def test_boosters_side_by_side_do_not_wait_for_each_others_workers(cluster):
    """A whole model with three heads at once, on workers of one thread."""
    frame, learner = frame_of(1_500, stages=("AF", "AF", "AF", "release")), ClusterFit(cluster)
    several = replace(SMALL, threads=3)
    model = fit_severity(frame, impact_outcome(frame), (30.0, 90.0, 240.0), several, learner)
    classes = model.predict(frame)
    assert np.isfinite(classes.to_numpy()).all()
    assert all("[tree_learner: data]" in head.score.own.pooled.text for head in model.above)
    fails = fit_tender_failure(frame, answer_outcome(frame), several, learner)
    assert all("[tree_learner: data]" in text for text in texts(fails.fails.score))


def texts(score: Any) -> list[str]:
    return [score.pooled.text, *(one.text for one in score.own.values())]


def dies(**_: Any) -> Array:
    """Takes its worker along."""
    os._exit(1)


def refuses(**_: Any) -> Array:
    raise lightgbm.basic.LightGBMError("Socket recv error, code: 104")


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (refuses, r"could not be learned on the cluster \(Socket recv error.*run the command again"),
        (dies, "lost workers"),
    ],
)
def test_what_fails_is_told_in_one_message(cluster, monkeypatch, fails, told):
    """Within seconds, whether a process of LightGBM's speaks for the others or is gone."""
    monkeypatch.setattr(lightgbm.dask, "_train_part", fails)
    began = time.monotonic()
    with pytest.raises(LanewiseError, match=told):
        ClusterFit(cluster)(table_of(300, seed=5), parameters(PARAMS, "binary", 300), 2)
    assert time.monotonic() - began < 60
