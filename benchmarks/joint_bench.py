"""What the tables of the joint plan share: the problems, runs that are kept, loads around them, and how lines look."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.joint_runs import Run, run_apart
from benchmarks.plan_load import load
from benchmarks.plan_problems import write_tables

FOLDER = Path("var/bench/joint")
WARM = 1_000
"""Cases of the problem that is solved before the clock starts."""
LOOSE, CLOSE = 0.0025, 0.001
"""Certified gaps that are asked for."""
LOADS = 3


@dataclass(frozen=True)
class Kept:
    """A run, ``None`` where the limit ended it, and CPU seconds of a load, the least of those before and after it."""

    run: Run | None
    load_s: float

    @property
    def loads(self) -> float:
        """CPU seconds of the solver in loads."""
        return float("inf") if self.run is None else self.run.solve_cpu_s / self.load_s


@dataclass(frozen=True)
class Bench:
    """What was asked for, and what was found so far: nothing is made or solved twice.

    Attributes
    ----------
    sizes
        Cases of the problems.
    everything
        Whether all published instances are solved, and not a few of each file.
    limit_s
        Seconds after which a run is ended.
    files
        What the names of published files begin with.
    kept
        (cases, gap) → what a run gave.
    """

    sizes: tuple[int, ...]
    everything: bool
    limit_s: float
    files: str = ""
    kept: dict[tuple[int, float], Kept] = field(default_factory=dict)

    def folder(self, cases: int) -> Path:
        """A problem's folder, written where it is not there yet."""
        place = FOLDER / str(cases)
        if not (place / "exclusions.parquet").is_file():
            write_tables(place, cases)
        return place

    def run(self, cases: int, gap: float) -> Kept:
        """Solve once in a process of its own, with loads in this one before and after."""
        if (cases, gap) not in self.kept:
            place, warm = self.folder(cases), self.folder(WARM)
            before = load_cpu_s(place)
            runs, _ = run_apart(Run, self.limit_s, "plan", str(place), str(gap), "1", str(warm))
            self.kept[cases, gap] = Kept(runs[0] if runs else None, min(before, load_cpu_s(place)))
        return self.kept[cases, gap]


def load_cpu_s(folder: Path) -> float:
    """CPU seconds of a load, the least of a few."""
    seconds = []
    for _ in range(LOADS):
        begun = time.process_time()
        load(folder)
        seconds.append(time.process_time() - begun)
    return min(seconds)


def header(*columns: str) -> str:
    """The two lines that begin a table."""
    return f"{row(*columns)}\n{'|---' * len(columns)}|"


def row(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def money(cents: float) -> str:
    """Cents as whole money."""
    return f"{cents / 100:,.0f}"


def verdict(reached: bool, aimed: bool) -> str:
    """What a figure came to; the aim lies beyond the target."""
    return "aim reached" if reached and aimed else "reached" if reached else "missed"
