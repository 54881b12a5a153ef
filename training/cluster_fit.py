"""Boosters learned on a Dask cluster, by LightGBM's own estimators; each worker holds a part of the rows.

Trees are still counted, and calibration fitted, in this process: on the latest rows of the folds, which are few. What
a booster of all rows is made of goes to the workers, whose processes agree on every split (``tree_learner=data``).
"""

import logging
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.errors import LanewiseError
from features.cluster import Cluster, losses_told
from models.boosted import ONE_THREAD, Array
from models.boosting import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dask.array import Array as DaskArray
    from distributed import Client, Future

PATIENCE_MIN = 10
"""Minutes that LightGBM's processes wait for one another: the time that the slowest may take to sort its rows."""
OF_THE_MOMENT = re.compile(r"^\[(machines|local_listen_port): .*\]$", re.MULTILINE)
"""Lines of a model's text that name the workers' addresses; nothing that is kept should."""


class ClusterFit:
    """Learns boosters on a cluster, one at a time: each needs all of its workers at once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def __call__(self, table: Table, parameters: dict[str, Any], trees: int) -> str:
        """The text of a booster of so many trees.

        Raises
        ------
        LanewiseError
            If workers were lost, or could not reach one another.
        """
        with self._cluster.alone, losses_told("a model was learned"), _failures_told():
            return OF_THE_MOMENT.sub(r"[\1: ]", _learned(self._cluster.client, table, parameters, trees))


class InOrder:
    """A client that says who holds what in the order asked: as LightGBM hears it, its processes are numbered.

    They share out the columns by number and cut each from their own rows, so with other numbers the model would differ.
    Dask's own client answers in the order of a set.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def who_has(self, futures: "list[Future]") -> dict[str, tuple[str, ...]]:
        """Workers that hold each future's answer."""
        held = self._client.who_has(futures)
        return {future.key: held[future.key] for future in futures}


def _learned(client: "Client", table: Table, parameters: dict[str, Any], trees: int) -> str:
    from lightgbm import DaskLGBMRegressor

    # The estimator for numbers takes every objective; that for classes would have each worker look for all of them.
    _only_errors()
    client.gather([client.submit(_only_errors, workers=[one], pure=False) for one in client.nthreads()])
    given = {name: value for name, value in parameters.items() if name not in ONE_THREAD}
    estimator = DaskLGBMRegressor(client=InOrder(client), n_estimators=trees, time_out=PATIENCE_MIN, **given)
    with client.as_current():
        X, y, weights = _dealt(client, table)
        named = {"feature_name": list(table.columns), "categorical_feature": table.categorical}
        estimator.fit(X, y, sample_weight=weights, **named)
    text: str = estimator.booster_.model_to_string()
    return text


def _only_errors() -> None:
    """What LightGBM's processes tell of ports and ranks is of no use to anyone. It holds for the thread that asks."""
    from lightgbm import register_logger

    logger = logging.getLogger("lightgbm")
    logger.setLevel(logging.ERROR)
    register_logger(logger)


def _dealt(client: "Client", table: Table) -> "tuple[DaskArray, DaskArray, DaskArray | None]":
    """Rows in turn to the workers: bins are cut from the rows of one worker, which has to have seen all times."""
    workers = sorted(client.nthreads())
    hands = [slice(k, None, len(workers)) for k in range(min(len(workers), len(table.y)))]
    weights = None if table.weights is None else _array(client, table.weights, hands, workers)
    return _array(client, table.X, hands, workers), _array(client, table.y, hands, workers), weights


def _array(client: "Client", rows: Array, hands: list[slice], workers: list[str]) -> "DaskArray":
    from dask.array import concatenate, from_delayed

    parts = []
    for hand, worker in zip(hands, workers, strict=False):
        part = np.ascontiguousarray(rows[hand])  # one after the other: the rows may be of a file
        held = client.scatter(part, workers=[worker], hash=False)
        parts.append(from_delayed(held, part.shape, part.dtype))
    whole: DaskArray = concatenate(parts)
    return whole


@contextmanager
def _failures_told() -> "Iterator[None]":
    """What one of LightGBM's processes says of the others, in one message."""
    from lightgbm.basic import LightGBMError

    try:
        yield
    except LightGBMError as error:
        raise LanewiseError(
            f"a model could not be learned on the cluster ({error}); nothing was registered: its workers must reach "
            "one another on any port; see to that and to their memory, and run the command again"
        ) from None
