"""Rows of a feature frame scored on a Dask cluster, block by block: a prediction follows from its row alone.

A model travels as the files of its folder, once to each worker, and every worker builds it from them once. Blocks
are part of what the scheduler is told, so that those of a worker that is lost are scored again by another.
"""

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

import models
from features.cluster import Cluster, losses_told
from models.artifact import load_model
from models.calibration.shift import Shifts
from models.eta_risk import EtaRisk
from models.groups import Group
from models.model import Model
from models.severity import Severity
from models.shares import Sides
from models.shelf import OnShelf, cut_at
from models.update import updated
from store.current import copy_of

if TYPE_CHECKING:
    from distributed import Client, Future

ROWS = 10_000
"""Rows of a block: some megabytes."""
AHEAD = 2
"""Blocks on their way for each thread of the cluster; the others wait in this process, which has the frame anyway."""
REPLACED_S = 60
"""How long a worker that was lost may take to be replaced, where it was the only one."""
KEPT_BUILT = 3
"""Models that a worker remembers; one that runs for months meets many versions."""


@dataclass(frozen=True)
class Shipped:
    """A model as it travels, known by its content.

    Attributes
    ----------
    sha256
        Of the folder.
    files
        Name and bytes of each of its files.
    shifts, thresholds
        What it is served with beside its files: what shifts each head's log-odds, and where severity's classes are cut.
    further
        How shares of delays are put right further by its update, which ``sha256`` then is of.
    """

    sha256: str
    files: tuple[tuple[str, bytes], ...] = field(compare=False)
    shifts: tuple[tuple[str, Shifts], ...] = ()
    thresholds: tuple[float, ...] = ()
    further: Mapping[Group, Sides] = field(default_factory=dict, compare=False)

    def build(self) -> Model:
        """The model as it is served."""
        with TemporaryDirectory(prefix="lanewise-model-") as folder:
            for name, content in self.files:
                (Path(folder) / name).write_bytes(content)
            loaded = load_model(Path(folder))[0]
        return cut_at(updated(loaded, dict(self.shifts), self.further), self.thresholds)


def shipped(home: Path, taken: OnShelf) -> Shipped:
    """A model that was taken off the shelf of a home: its files, its update and its thresholds."""
    folder = copy_of(home, taken.name, taken.version.partition("+")[0])
    files = tuple((file.name, file.read_bytes()) for file in sorted(folder.iterdir()))
    shifts = tuple((name, head.shift) for name, head in taken.model.heads.items())
    thresholds = taken.model.thresholds if isinstance(taken.model, Severity) else ()
    further = taken.model.shape.further if isinstance(taken.model, EtaRisk) else {}
    return Shipped(taken.sha256, files, shifts, thresholds, further)


def predict_on(cluster: Cluster, model: Shipped, frame: pd.DataFrame) -> pd.DataFrame:
    """What the model's own ``predict`` answers, with its bits; index as ``frame``.

    Raises
    ------
    LanewiseError
        If workers have other code for models, or so many of them were lost that Dask gave up.
    """
    cluster.expect_alike(models_hash, "score")
    with losses_told("rows were scored"):
        return pd.concat(list(_in_order(cluster.client, model, frame)))


def models_hash() -> str:
    """Sha256 over the source of everything that a model is built of."""
    sources = [file.read_bytes() for file in sorted(Path(models.__path__[0]).rglob("*.py"))]
    return hashlib.sha256(b"\n".join(sources)).hexdigest()


def _in_order(client: "Client", model: Shipped, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Predictions block by block, a few blocks being scored at a time."""
    sent = client.submit(_received, model, pure=False)
    begins = iter(range(0, max(len(frame), 1), ROWS))
    waiting: deque[Future] = deque()
    for _ in range(AHEAD * max(1, sum(client.nthreads().values()))):
        waiting.extend(_submitted(client, sent, frame, begins))
    while waiting:
        yield _answer(client, waiting.popleft())
        waiting.extend(_submitted(client, sent, frame, begins))


def _answer(client: "Client", scored: "Future") -> pd.DataFrame:
    """What a block was scored; Dask alone would wait for ever for a cluster without workers."""
    while True:
        try:
            answer: pd.DataFrame = scored.result(timeout=REPLACED_S)
            return answer
        except TimeoutError:
            client.wait_for_workers(1, timeout=REPLACED_S)


def _submitted(client: "Client", sent: "Future", frame: pd.DataFrame, begins: Iterator[int]) -> Iterator["Future"]:
    """The next block on its way, if there is one."""
    for begin in islice(begins, 1):
        yield client.submit(_predicted, sent, frame.iloc[begin : begin + ROWS], pure=False)


def _received(model: Shipped) -> Shipped:
    """A model as a task's answer: where it is lost with its worker, Dask knows how it came about."""
    return model


def _predicted(model: Shipped, block: pd.DataFrame) -> pd.DataFrame:
    return _built(model).predict(block)


@lru_cache(maxsize=KEPT_BUILT)
def _built(model: Shipped) -> Model:
    return model.build()
