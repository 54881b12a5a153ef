"""Peak memory and seconds to learn a booster from rows in memory and from the same rows in a file, byte for byte.

Each way is a process of its own, which tells the most memory that it ever had (``getrusage``); what Python and its
libraries take before there is a row is measured too. ``python -m benchmarks.beyond_memory [ROWS] [COLUMNS]``, by
default 2,000,000 × 80. Table in Markdown.
"""

import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from domain.params import TrainingParams
from models.boosted import Array
from models.boosting import Table, fit_tuned
from models.out_of_core import FileRows, write_rows

ROWS, COLUMNS, BLOCK = 2_000_000, 80, 50_000
CATEGORIES = 8
GAPS = 0.1
ON_DISK = "/var/tmp"
"""The usual folder for temporary files may itself be memory."""
PARAMS = TrainingParams(max_trees=5, selection_rows=20_000)
WAYS = {"nothing": "before there is a row", "memory": "rows in memory", "file": "rows in a file"}


@dataclass(frozen=True)
class Measured:
    """What one way took; ``sha256`` is of the booster's text."""

    peak_mb: float
    seconds: float
    sha256: str


def blocks(rows: int, columns: int) -> Iterator[Array]:
    """Rows with gaps, the last columns categories: one block over and over, its numbers moved a little each time."""
    random = np.random.default_rng(20265)
    X = random.normal(size=(BLOCK, columns))
    X[:, -CATEGORIES:] = np.floor(200 * random.random((BLOCK, CATEGORIES)) ** 2)
    X[random.random(X.shape) < GAPS] = np.nan
    for begin in range(0, rows, BLOCK):
        X[:, :-CATEGORIES] += 0.001
        yield X[: rows - begin]


def answers(rows: int, columns: int) -> Array:
    """To which the first columns have something to say."""
    noise = np.random.default_rng(1)
    score = (np.nan_to_num(X[:, 0] + X[:, 1] * X[:, 2]) for X in blocks(rows, columns))
    return np.concatenate([(said + noise.logistic(size=len(said)) > 1).astype(np.float64) for said in score])


def in_memory(rows: int, columns: int) -> Array:
    made, begin = np.empty((rows, columns)), 0
    for X in blocks(rows, columns):
        made[begin : begin + len(X)] = X
        begin += len(X)
    return made


def learn(way: str, rows: int, columns: int, file: Path) -> Measured:
    """Measure this process; to be called in one of its own."""
    import lightgbm  # noqa: F401 - what it takes is not the rows'

    text, begun = "", time.monotonic()
    if way != "nothing":
        y, names = answers(rows, columns), tuple(f"c{k}" for k in range(columns))
        begun = time.monotonic()
        X = in_memory(rows, columns) if way == "memory" else FileRows(file, columns)
        table = Table(X, y, names, list(range(columns - CATEGORIES, columns)))
        text = fit_tuned(table, "binary", PARAMS).booster.text
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(peak, time.monotonic() - begun, hashlib.sha256(text.encode()).hexdigest())


def measured(way: str, rows: int, columns: int, file: Path) -> Measured:
    """What a process of its own says."""
    run = [sys.executable, "-m", "benchmarks.beyond_memory", str(rows), str(columns), way, str(file)]
    return Measured(**json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout))


def table(rows: int = ROWS, columns: int = COLUMNS) -> Iterator[str]:
    """Lines of Markdown.

    Raises
    ------
    SystemExit
        If the boosters are not the same to the last byte.
    """
    with TemporaryDirectory(dir=ON_DISK) as folder:
        file = Path(folder) / "rows"
        write_rows(file, columns, blocks(rows, columns))
        size_mb = file.stat().st_size / 2**20
        found = {way: measured(way, rows, columns, file) for way in WAYS}
    if found["memory"].sha256 != found["file"].sha256:
        raise SystemExit("the booster learned from a file is another one")
    yield f"### Learning from {rows:,} × {columns} numbers, {size_mb:,.0f} MB of them\n"
    yield "| way | peak memory MB | above the libraries MB | seconds | same bytes |"
    yield "|---|---|---|---|---|"
    for way, words in WAYS.items():
        one, same = found[way], "" if way == "nothing" else "yes"
        above_mb = one.peak_mb - found["nothing"].peak_mb
        yield f"| {words} | {one.peak_mb:,.0f} | {above_mb:,.0f} | {one.seconds:.0f} | {same} |"


if __name__ == "__main__":
    given = [int(said) for said in sys.argv[1:3]]
    if len(sys.argv) > 3:
        print(json.dumps(vars(learn(sys.argv[3], *given, Path(sys.argv[4])))))
    else:
        for line in table(*given):
            print(line, flush=True)
