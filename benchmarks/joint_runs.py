"""Runs of the joint plan's solver, each a process of its own: its peak of memory is its own, and a limit can end it.

Not started by hand; :mod:`benchmarks.joint_plan` does. Results are JSON, a line each, so that what was done before a
limit is kept.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from benchmarks import published
from optimization.problem import Problem
from optimization.problem_folder import read_problem
from optimization.solution import Solution
from optimization.solve import solve
from optimization.verify import verify

WARMED_BY, WARMING = "gap/d20100", 3_500
"""A published instance, and steps after which every kind of search has been begun on it."""


@dataclass(frozen=True)
class Run:
    """One solved problem; cents, seconds of the clock and of all threads together."""

    objective: int
    bound: int
    gap: float
    gap_reached: bool
    steps: int
    sha256: str
    read_s: float
    solve_s: float
    solve_cpu_s: float
    verify_s: float
    peak_gb: float


@dataclass(frozen=True)
class Matched:
    """One published instance: its value and the published one, how much worse ours is (a fraction), CPU seconds."""

    name: str
    value: int
    best_known: int
    excess: float
    gap: float
    solve_cpu_s: float


Result = TypeVar("Result", Run, Matched)
Done = TypeVar("Done")


def run_apart(kind: type[Result], limit_s: float, *arguments: str, hash_seed: str = "0") -> tuple[list[Result], bool]:
    """Start this module in another process; returns what it said, and whether the limit ended it."""
    command = [sys.executable, "-m", "benchmarks.joint_runs", *arguments]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    try:
        ended = subprocess.run(command, stdout=subprocess.PIPE, timeout=limit_s, check=True, env=environment)
        told, late = ended.stdout, False
    except subprocess.TimeoutExpired as stopped:
        told, late = stopped.stdout or b"", True
    # HiGHS writes warnings of its own to the same stream.
    return [kind(**json.loads(line)) for line in told.decode().splitlines() if line.startswith("{")], late


def solved(problem: Problem, gap: float, seconds: float | None = None) -> Solution:
    """The solver that is measured; with a guard of seconds of processor only where published figures name them."""
    return solve(problem, gap=gap, seconds=seconds, clock=time.process_time, verified=False)


def plan_runs(folder: str, gap: str, times: str = "1", warm: str = "") -> Iterator[Run]:
    """Solve a folder so many times; ``warm`` is a small one solved before, so that nothing is compiled while timed."""
    if warm:
        solved(read_problem(Path(warm)), float(gap))
    for _ in range(int(times)):
        problem, read_s, _ = _timed(partial(read_problem, Path(folder)))
        solution, solve_s, cpu_s = _timed(partial(solved, problem, float(gap)))
        peak_gb = _peak_gb()
        _, verify_s, _ = _timed(partial(verify, problem, solution))
        yield Run(
            *(solution.objective, solution.bound, solution.gap, solution.gap_reached, solution.steps),
            hashlib.sha256(json.dumps(solution.document(), sort_keys=True).encode()).hexdigest(),
            *(read_s, solve_s, cpu_s, verify_s, peak_gb),
        )


def published_runs(file: str, gap: str, first: str, seconds: str, warm: str) -> Iterator[Matched]:
    """Solve the first instances of a published file, so many seconds each.

    A small problem and one of the instances are begun before, so that nothing is compiled while seconds are counted.
    """
    place = published.folder()
    if place is None:
        raise SystemExit(f"the published instances are not here; {published.WHERE}")
    solved(read_problem(Path(warm)), float(gap), 1.0)
    instances = list(islice(published.read_published(place, file), int(first)))
    solve(next(published.read_published(place, WARMED_BY)).problem, effort=WARMING, verified=False)
    for one in instances:
        solution, _, cpu_s = _timed(partial(solved, one.problem, float(gap), float(seconds)))
        verify(one.problem, solution)
        value, excess = one.value(solution.objective), one.excess(solution.objective)
        yield Matched(one.name, value, one.known.best_known, excess, solution.gap, cpu_s)


def _peak_gb() -> float:
    """Most memory that this program had; ``getrusage`` would count what its parent had when it was started."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    return int(told["VmHWM"].split()[0]) * 1024 / 1e9


def _timed(work: Callable[[], Done]) -> tuple[Done, float, float]:
    """What it gives, seconds of the clock, seconds of all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    return done, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    runs: dict[str, Callable[..., Iterator[Run] | Iterator[Matched]]] = {
        "plan": plan_runs,
        "published": published_runs,
    }
    for result in runs[sys.argv[1]](*sys.argv[2:]):
        print(json.dumps(asdict(result)), flush=True)
