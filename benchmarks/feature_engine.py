"""The feature engine beside pandas, polars and DuckDB in one run, its growth, its cost online, and the bits of both.

``python -m benchmarks.feature_engine [ROWS]`` prints the tables. Every way gets the same unsorted arrays and gives 30
outputs a row in the order asked; all outputs are compared before a time is shown.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.engine_online import bits_line, online_lines
from benchmarks.engine_references import by_duckdb, by_pandas, by_pandas_plainly, by_polars
from benchmarks.engine_stream import DAYS, KEYS, OUTPUTS, SPANS, Work, engine, work_of
from features.records import Floats

ROWS = 1_000_000
GROWTH = ((100_000, 9), (ROWS, 5), (10_000_000, 3))
"""Rows, and how often they are done."""
WARM_ROWS = 5_000
DIFFERENCE = 1e-9
"""Most that an output may differ, relative to the engine's."""
NOTHING = 1e-270
"""Below this an output is compared absolutely: sums carried from epoch to epoch end at the smallest float."""


@dataclass(frozen=True)
class Way:
    """Somebody's way to the outputs."""

    name: str
    threads: str
    runs: int
    outputs: Callable[[Work], Floats]


@dataclass(frozen=True)
class Took:
    """Seconds of the clock, and of all cores together, which a busy machine stretches less."""

    wall_s: float
    cpu_s: float

    def least(self, other: "Took") -> "Took":
        """The best of two runs, clock and cores each for itself."""
        return Took(min(self.wall_s, other.wall_s), min(self.cpu_s, other.cpu_s))


NEVER_RUN = Took(float("inf"), float("inf"))
WAYS = (
    Way("engine: one scan of the merged stream", "all", 9, lambda work: engine(work).T),
    Way("pandas `groupby.cumsum` + `merge_asof` of row numbers, numpy gathers", "1", 7, by_pandas),
    Way("pandas `groupby.cumsum` + `merge_asof` of the sums", "1", 3, by_pandas_plainly),
    Way("polars `cum_sum().over` + `join_asof`", "all", 5, by_polars),
    Way("DuckDB window sum + `ASOF JOIN`", "all", 3, by_duckdb),
)


def difference(ours: Floats, theirs: Floats) -> float:
    """Largest difference of any output relative to ours; both of shape (outputs, n)."""
    pairs = zip(ours, theirs, strict=True)
    return max(float((np.abs(a - b) / np.maximum(np.abs(a), NOTHING)).max()) for a, b in pairs)


def main(rows: int = ROWS) -> None:
    """Print the tables."""
    work = work_of(rows)
    print(f"\n{rows:,} outcomes and {rows:,} questions over {DAYS} days, {len(KEYS)} keys × {len(SPANS)} half-lives "
          f"({', '.join(f'{days:g}' for days in SPANS)} d), {OUTPUTS} outputs a row, sorting included; "
          f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")  # fmt: skip
    _print("| way | threads | best of | s | CPU s | thousand rows a s | engine faster by | CPU less by | "
           "largest relative difference |", _beside(work))  # fmt: skip
    _print("| rows | best of | s | CPU s | CPU ns a row |", _growth())
    print(bits_line(work), "\n")
    _print("| stream | entities | half-lives | learn one event, µs | answer one question, µs |", online_lines())


def _print(header: str, lines: Iterator[str]) -> None:
    print(header, "|---" * (header.count("|") - 1) + "|", sep="\n")
    for line in lines:
        print(line, flush=True)
    print()


def _beside(work: Work) -> Iterator[str]:
    """One run of each way in turn, so that a busy moment of the machine is nobody's alone."""
    small = work_of(WARM_ROWS)
    for way in WAYS:
        way.outputs(small)
    ours, best, far = WAYS[0].outputs(work), dict.fromkeys(WAYS, NEVER_RUN), {}
    for run in range(max(way.runs for way in WAYS)):
        for way in (way for way in WAYS if run < way.runs):
            took, theirs = _timed(way.outputs, work)
            best[way] = best[way].least(took)
            if run == 0:
                far[way] = difference(ours, theirs)
            del theirs
    if max(far.values()) > DIFFERENCE:
        raise SystemExit(f"the ways should agree to {DIFFERENCE:g}, but differ by {max(far.values()):.2g}")
    engines = best[WAYS[0]]
    for way in WAYS:
        took, each = best[way], work.known.size / best[way].wall_s / 1e3
        seconds = f"{took.wall_s:.2f} | {took.cpu_s:.2f} | {each:,.0f}"
        times = f"{took.wall_s / engines.wall_s:.1f} × | {took.cpu_s / engines.cpu_s:.1f} ×"
        yield f"| {way.name} | {way.threads} | {way.runs} | {seconds} | {times} | {far[way]:.1g} |"


def _growth() -> Iterator[str]:
    """The output is written where it was before: new memory costs what the machine asks for it, and is not ours."""
    for rows, runs in GROWTH:
        work, found, took = work_of(rows), np.empty((rows, OUTPUTS)), NEVER_RUN
        found.fill(0.0)
        for _ in range(runs):
            took = took.least(_timed(partial(engine, found=found), work)[0])
        yield f"| {rows:,} | {runs} | {took.wall_s:.3f} | {took.cpu_s:.3f} | {took.cpu_s / rows * 1e9:.0f} |"


def _timed(outputs: Callable[[Work], Floats], work: Work) -> tuple[Took, Floats]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = outputs(work)
    return Took(time.perf_counter() - wall, time.process_time() - cpu), found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
