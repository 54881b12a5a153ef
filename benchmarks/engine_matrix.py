"""From Parquet to the feature matrix on disk in one process: seconds and memory, of the whole and month by month.

``python -m benchmarks.engine_matrix [--ten-million]`` prints the table. Networks are simulated into ``var/bench`` where
they are not there yet. Every line is a process of its own, so that its peak is its own.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.predictions import STAGE_RELEASE, ModelName
from features.matrix import write_matrix
from features.months import write_matrix_by_month
from store.dataset import Dataset, open_dataset

FOLDER = Path("var/bench")
WAYS: dict[str, Callable[[Dataset, ModelName, Path, tuple[str, ...]], int]] = {
    "whole": write_matrix,
    "by month": write_matrix_by_month,
}
RUNS = (("matrix-100k", 100_000, "whole"), ("matrix-100k", 100_000, "by month"),
        ("matrix-1m", 1_000_000, "whole"), ("matrix-1m", 1_000_000, "by month"))  # fmt: skip
TEN_MILLION = ("matrix-10m", 10_000_000, "by month")


@dataclass(frozen=True)
class Took:
    """What a run cost; ``cpu_s`` is of all threads together."""

    rows: int
    wall_s: float
    cpu_s: float
    peak_gb: float


def table(ten_million: bool) -> Iterator[str]:
    """Lines of the table, each as soon as it is measured."""
    yield "Stage `release` of `eta_risk` only; a month is a file of each table; compilation (`numba`) is cached before."
    yield ""
    yield "| shipments | way | rows | wall s | CPU s | CPU µs a row | peak GB |"
    yield "|---:|---|---:|---:|---:|---:|---:|"
    _measured(network("matrix-warm", 2_000), "whole")
    _measured(network("matrix-warm", 2_000), "by month")
    for name, shipments, way in (*RUNS, *((TEN_MILLION,) if ten_million else ())):
        took = _measured(network(name, shipments), way)
        yield (
            f"| {shipments:,} | {way} | {took.rows:,} | {took.wall_s:.1f} | {took.cpu_s:.1f} "
            f"| {took.cpu_s / took.rows * 1e6:.1f} | {took.peak_gb:.2f} |"
        )


def network(name: str, shipments: int) -> Path:
    """A simulated year, made where it is not there yet."""
    folder = FOLDER / name
    if not (folder / "manifest.json").is_file():
        size = ["--shipments", str(shipments), "--truth-sample", "0"]
        command = [sys.executable, "-m", "serving.cli", "simulate", *size, "--out", str(folder)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return folder


def run(folder: Path, way: str) -> Took:
    """Write the matrix in this process."""
    with TemporaryDirectory(dir=folder.parent) as empty:
        begun = time.perf_counter(), time.process_time()
        written = WAYS[way](open_dataset(folder), ModelName.ETA_RISK, Path(empty) / "matrix.parquet", (STAGE_RELEASE,))
        wall_s, cpu_s = time.perf_counter() - begun[0], time.process_time() - begun[1]
    return Took(written, wall_s, cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9)


def _measured(folder: Path, way: str) -> Took:
    command = [sys.executable, "-m", "benchmarks.engine_matrix", "--run", str(folder), way]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    )
    return Took(**json.loads(told.stdout.splitlines()[-1]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(asdict(run(Path(sys.argv[2]), sys.argv[3]))))
    else:
        for line in table("--ten-million" in sys.argv[1:]):
            print(line, flush=True)
