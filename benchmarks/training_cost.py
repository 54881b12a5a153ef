"""What `lanewise train` costs beside the LightGBM fits inside it, in seconds of processor.

``python -m benchmarks.training_cost FOLDER…`` trains on each imported or simulated data set in a home that is thrown
away. Counted as fits are LightGBM's own calls (binning included): all of them, folds and refits, which the way of
learning needs; and the last refits alone, beside which the folds are a cost of ours. Everything else is the rest:
reading, features, checks, measures, calibration, pictures, MLflow, the card.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightgbm

from domain.params import MlflowParams, TrainingParams
from store.dataset import open_dataset
from store.registry import Registry
from training.training import train

FITS = ((lightgbm, "train"), (lightgbm.Booster, "__init__"), (lightgbm.Booster, "update"))
LAST = "train"
"""A booster is refitted by this call, folds grow tree by tree."""


@dataclass
class Meter:
    """Seconds of processor within calls, by name; a call within a counted call belongs to that one."""

    seconds: dict[str, float] = field(default_factory=dict)
    _inside: threading.local = field(default_factory=threading.local)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, counted."""

        def measured(*args: Any, **kwargs: Any) -> Any:
            if getattr(self._inside, "now", False):
                return call(*args, **kwargs)
            self._inside.now, begin = True, time.thread_time()
            try:
                return call(*args, **kwargs)
            finally:
                self._inside.now = False
                with self._lock:
                    self.seconds[name] = self.seconds.get(name, 0.0) + time.thread_time() - begin

        return measured


@contextmanager
def metered() -> Iterator[Meter]:
    """LightGBM's fits counted while it lasts."""
    meter, plain = Meter(), [(owner, name, getattr(owner, name)) for owner, name in FITS]
    for owner, name, call in plain:
        setattr(owner, name, meter.counted(name, call))
    try:
        yield meter
    finally:
        for owner, name, call in plain:
            setattr(owner, name, call)


@dataclass(frozen=True)
class Cost:
    """Seconds of processor of one training; ``wall_s`` by the clock."""

    data: str
    rows: int
    whole_s: float
    fits_s: float
    last_s: float
    wall_s: float

    def as_row(self) -> str:
        """A row of the Markdown table."""
        return (
            f"| {self.data} | {self.rows:,} | {self.wall_s:.0f} | {self.whole_s:.0f} | {self.fits_s:.0f} "
            f"| {self.whole_s / self.fits_s:.2f} × | {self.last_s:.0f} | {self.whole_s / self.last_s:.2f} × |"
        )


HEADER = (
    "| data | rows learned from | wall s | CPU s, whole | all fits | whole against all fits | last refits "
    "| whole against last refits |\n|---|---|---|---|---|---|---|---|"
)


def cost_of(folder: Path, params: TrainingParams) -> Cost:
    """Train every model that can be, and count."""
    with TemporaryDirectory() as home, metered() as meter:
        begin, clock = time.process_time(), time.perf_counter()
        done = train(open_dataset(folder), Registry(Path(home), MlflowParams()), params)
        whole, wall = time.process_time() - begin, time.perf_counter() - clock
    rows = sum(min(len(one.fitted.split.train), params.max_rows) for one in done.trained)
    return Cost(folder.name, rows, whole, sum(meter.seconds.values()), meter.seconds[LAST], wall)


if __name__ == "__main__":
    print(HEADER)
    for folder in sys.argv[1:]:
        print(cost_of(Path(folder), TrainingParams()).as_row(), flush=True)
