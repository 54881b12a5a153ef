"""The joint plan against the figures it should reach: seconds, certified gaps, memory, references, published optima.

``python -m benchmarks.joint_plan [--sizes N…] [--parts PART…] [--instances N] [--limit SECONDS]`` prints tables in
Markdown, losses included. The problems are simulated (:mod:`benchmarks.plan_problems`) and made in ``var/bench/joint``
where they are not there yet. Every run is a process of its own with a small problem solved before the clock starts.
Times of 100,000 cases are told in loads (:mod:`benchmarks.plan_load`, least of the runs around), by seconds of
processor, which a busy machine stretches less; both solve and load use one thread.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks import published
from benchmarks.joint_runs import Matched, Run, run_apart
from benchmarks.plan_load import load
from benchmarks.plan_problems import write_tables
from benchmarks.plan_references import REFERENCES

FOLDER = Path("var/bench/joint")
WARM = 1_000
LOOSE, CLOSE = 0.0025, 0.001
MOST_GB, WANTED_GB = 0.7, 0.5
SAME_RUNS, SAME_CASES = 5, 10_000
"""In each of two processes."""
GAP_LIMIT_S, GAP_WANTED = 20.0, 0.0005
MMKP_LIMIT_S = 1.0


@dataclass(frozen=True)
class Target:
    """Cases, certified gap, and what that may cost: at least and aimed at, in loads or else in seconds."""

    cases: int
    gap: float
    most: float
    aim: float
    unit: str


TARGETS = (
    Target(10_000, CLOSE, 6, 2, "s"),
    Target(100_000, LOOSE, 12, 5, "× load"),
    Target(100_000, CLOSE, 100, 25, "× load"),
)


@dataclass(frozen=True)
class Bench:
    """What was asked for, and what it found so far: no problem is made, loaded or solved twice for the same figure."""

    sizes: tuple[int, ...]
    instances: int
    limit_s: float

    @cached_property
    def kept(self) -> dict[tuple[int, float], tuple[Run | None, float]]:
        """(cases, gap) → the run, ``None`` where the limit ended it, and CPU seconds of a load around it."""
        return {}

    def folder(self, cases: int) -> Path:
        """A problem's folder, written where it is not there yet."""
        place = FOLDER / str(cases)
        if not (place / "exclusions.parquet").is_file():
            write_tables(place, cases)
        return place

    def run(self, cases: int, gap: float) -> tuple[Run | None, float]:
        """Solve once, with loads before and after."""
        if (cases, gap) not in self.kept:
            place, warm = self.folder(cases), self.folder(WARM)
            before = _load_cpu_s(place)
            runs, _ = run_apart(Run, self.limit_s, "plan", str(place), str(gap), "1", str(warm))
            self.kept[cases, gap] = (runs[0] if runs else None), min(before, _load_cpu_s(place))
        return self.kept[cases, gap]


def _load_cpu_s(folder: Path) -> float:
    """CPU seconds of a load, the least of three."""
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        load(folder)
        seconds.append(time.process_time() - begun)
    return min(seconds)


# --- Parts -------------------------------------------------------------------------------------------------------


def cost_lines(bench: Bench) -> Iterator[str]:
    """Seconds to a certified gap."""
    yield "| cases | gap asked | certified | cost | bound | steps | load CPU s | read s | verify s | solve s | CPU s |"
    yield f" {'measured | at least | aim | verdict |'}\n{_rule(15)}"
    for target in TARGETS:
        if target.cases in bench.sizes:
            yield _cost_line(target, bench)


def _cost_line(target: Target, bench: Bench) -> str:
    run, load_s = bench.run(target.cases, target.gap)
    asked = f"| {target.cases:,} | {target.gap:.2%} "
    wanted = f"≤ {target.most:g} {target.unit} | {target.aim:g} {target.unit}"
    if run is None:
        return f"{asked}| – | – | – | – | {load_s:.2f} | – | – | > {bench.limit_s:.0f} | – | – | {wanted} | missed |"
    spent = run.solve_cpu_s / load_s if target.unit == "× load" else run.solve_s
    verdict = _verdict(run.gap_reached and spent <= target.most, run.gap_reached and spent <= target.aim)
    return (
        f"{asked}| {run.gap:.3%} | {_money(run.objective)} | {_money(run.bound)} | {run.steps:,} | {load_s:.2f} "
        f"| {run.read_s:.2f} | {run.verify_s:.2f} | {run.solve_s:.2f} | {run.solve_cpu_s:.2f} "
        f"| {spent:.1f} {target.unit} | {wanted} | {verdict} |"
    )


def reference_lines(bench: Bench) -> Iterator[str]:
    """HiGHS and CP-SAT on the whole model with the seconds that ours took, and at least one."""
    yield "| cases | solver | cost | above ours | bound | below ours | certified gap | model s | solve s |"
    yield _rule(9)
    for cases in (size for size in bench.sizes if size <= 10_000):
        run, _ = bench.run(cases, CLOSE)
        if run is None:
            yield f"| {cases:,} | Lanewise | – | – | – | – | – | – | > {bench.limit_s:.0f} |"
            continue
        yield (
            f"| {cases:,} | Lanewise | {_money(run.objective)} | | {_money(run.bound)} | | {run.gap:.3%} | in solve "
            f"| {run.solve_s:.2f} |"
        )
        problem = load(bench.folder(cases))
        for reference in REFERENCES:
            found = reference(problem, max(1.0, run.solve_s))
            cost = (
                "no plan | "
                if found.objective is None
                else (f"{_money(found.objective)} | {found.objective / run.objective - 1:+.3%}")
            )
            bound = (
                "none | "
                if found.bound == float("-inf")
                else (f"{_money(found.bound)} | {1 - found.bound / run.bound:+.3%}")
            )
            yield (
                f"| {cases:,} | {found.name} | {cost} | {bound} | {found.gap:.3%} | {found.build_s:.2f} "
                f"| {found.solve_s:.2f} |"
            )


def growth_lines(bench: Bench) -> Iterator[str]:
    """The same gap at every size: close to linear means that a case costs about the same."""
    yield f"| cases | gap asked | certified | solve CPU s | ms a case | × load | peak GB |\n{_rule(7)}"
    for cases in (size for size in bench.sizes if size >= 10_000):
        run, load_s = bench.run(cases, LOOSE)
        yield (
            f"| {cases:,} | {LOOSE:.2%} | – | > {bench.limit_s:.0f} | – | – | – |"
            if run is None
            else (
                f"| {cases:,} | {LOOSE:.2%} | {run.gap:.3%} | {run.solve_cpu_s:.2f} | {run.solve_cpu_s / cases * 1e3:.3f} "
                f"| {run.solve_cpu_s / load_s:.1f} | {run.peak_gb:.2f} |"
            )
        )


def memory_lines(bench: Bench) -> Iterator[str]:
    """Most memory of a process that reads and solves, Python and its libraries included."""
    yield f"| cases | gap asked | peak GB | at least | aim | verdict |\n{_rule(6)}"
    cases = 100_000
    if cases in bench.sizes:
        run, _ = bench.run(cases, LOOSE)
        wanted = f"≤ {MOST_GB} | {WANTED_GB}"
        yield (
            f"| {cases:,} | {LOOSE:.2%} | – | {wanted} | missed |"
            if run is None
            else (
                f"| {cases:,} | {LOOSE:.2%} | {run.peak_gb:.2f} | {wanted} "
                f"| {_verdict(run.peak_gb <= MOST_GB, run.peak_gb <= WANTED_GB)} |"
            )
        )


def same_lines(bench: Bench) -> Iterator[str]:
    """Digests of the plans of ten runs in two processes with different hash seeds."""
    place, runs, late = str(bench.folder(SAME_CASES)), [], False
    for hash_seed in ("1", "2"):
        found, ended = run_apart(Run, bench.limit_s, "plan", place, str(CLOSE), str(SAME_RUNS), hash_seed=hash_seed)
        runs, late = runs + found, late or ended
    digests = sorted({run.sha256[:12] for run in runs})
    verdict = _verdict(len(digests) == 1 and not late, len(digests) == 1 and not late)
    ended = f", ended after {bench.limit_s:.0f} s" if late else ""
    yield (
        f"{SAME_CASES:,} cases, {CLOSE:.1%}: {len(runs)} runs in two processes{ended}, {len(digests)} different plan "
        f"({', '.join(digests)}); wanted 1 of {2 * SAME_RUNS}: {verdict}"
    )


def published_lines(bench: Bench) -> Iterator[str]:
    """Published optima, the first instances of each file."""
    place = published.folder()
    if place is None:
        yield f"Published instances are left out: they are not here; {published.WHERE}."
        return
    files = dict.fromkeys(one.file for one in published.catalogue(place))
    yield f"| file | instances | best known matched | worst above best known | slowest s | at least | verdict |\n{_rule(7)}"
    for file in files:
        yield _knapsack_line(file, bench) if file.startswith("mmkp/") else _assignment_line(file, bench)


def _knapsack_line(file: str, bench: Bench) -> str:
    found, late = run_apart(Matched, bench.limit_s, "published", file, "0", str(bench.instances))
    matched, slowest = sum(one.value == one.best_known for one in found), max((one.solve_s for one in found), default=0)
    count, worst = (
        f"{len(found)}{' in ' + f'{bench.limit_s:.0f} s' if late else ''}",
        max((one.excess for one in found), default=0),
    )
    good = matched == len(found) and not late
    return (
        f"| {file} | {count} | {matched} | {worst:.3%} | {slowest:.2f} | all matched, aim ≤ {MMKP_LIMIT_S:g} s each "
        f"| {_verdict(good, good and slowest <= MMKP_LIMIT_S)} |"
    )


def _assignment_line(file: str, bench: Bench) -> str:
    wanted = f"≤ 0.2 % in {GAP_LIMIT_S:g} s, aim ≤ {GAP_WANTED:.2%}"
    found, _ = run_apart(Matched, bench.limit_s, "published", file, str(GAP_WANTED), "1")
    if not found:
        return f"| {file} | 1 | – | – | > {bench.limit_s:.0f} | {wanted} | missed |"
    (one,) = found
    in_time = one.solve_s <= GAP_LIMIT_S
    return (
        f"| {file} | 1 | {int(one.value == one.best_known)} | {one.excess:.3%} | {one.solve_s:.2f} | {wanted} "
        f"| {_verdict(in_time and one.excess <= 0.002, in_time and one.excess <= GAP_WANTED)} |"
    )


# --- Printing ----------------------------------------------------------------------------------------------------


def _money(cents: float) -> str:
    return f"{cents / 100:,.0f}"


def _rule(columns: int) -> str:
    return "|---" * columns + "|"


def _verdict(reached: bool, aimed: bool) -> str:
    return "aim reached" if aimed else "reached" if reached else "missed"


PARTS: dict[str, Callable[[Bench], Iterator[str]]] = {
    "cost": cost_lines,
    "references": reference_lines,
    "growth": growth_lines,
    "memory": memory_lines,
    "same": same_lines,
    "published": published_lines,
}


def main(arguments: list[str]) -> None:
    """Print the parts that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.joint_plan", description="The joint plan's figures.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="CASES")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--instances", type=int, default=2, help="of each published file of knapsacks")
    parser.add_argument("--limit", type=float, default=60.0, metavar="SECONDS", help="after which a run is ended")
    given = parser.parse_args(arguments)
    bench = Bench(tuple(given.sizes), given.instances, given.limit)
    print(f"\n### The joint plan\n\nSimulated problems; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    for part in given.parts:
        print(f"\n#### {part}: {str(PARTS[part].__doc__).splitlines()[0]}\n")
        for line in PARTS[part](bench):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
