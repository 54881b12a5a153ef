"""The joint plan against the figures it should reach: seconds, certified gaps, memory, references, published optima.

``python -m benchmarks.joint_plan [--sizes CASES…] [--parts PART…] [--everything] [--files START] [--limit SECONDS]``
prints tables in Markdown, losses included. The problems are simulated (:mod:`benchmarks.plan_problems`) and made in
``var/bench/joint`` where they are not there yet. Every run is a process of its own, with a small problem solved before
the clock starts. At 100,000 cases time is told in loads (:mod:`benchmarks.plan_load`) by seconds of processor, which a
busy machine stretches less; solving and loading use one thread.
"""

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.joint_bench import CLOSE, LOOSE, Bench, header, money, row, verdict
from benchmarks.joint_published import published_lines
from benchmarks.joint_runs import Run, run_apart
from benchmarks.plan_load import load
from benchmarks.plan_references import REFERENCES, Reference

LARGE = 100_000
MOST_GB, WANTED_GB = 0.7, 0.5
SAME_RUNS, SAME_CASES = 5, 10_000
"""In each of two processes."""
WHOLE = 0.01
"""Cents by which a bound in doubles may be too high; costs are whole cents, so that a bound counts rounded up."""
REFERENCE_GAPS = {1_000: 0.0, 10_000: CLOSE}
"""Cases → gap that ours is asked for; the others get the seconds that it took."""


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
    Target(LARGE, LOOSE, 12, 5, "load"),
    Target(LARGE, CLOSE, 100, 25, "load"),
)


def cost_lines(bench: Bench) -> Iterator[str]:
    """Seconds to a certified gap."""
    columns = ("cases", "gap asked", "certified", "cost", "bound", "steps", "load CPU s", "read s", "verify s")
    yield header(*columns, "solve s", "solve CPU s", "measured", "at least", "aim", "verdict")
    for target in TARGETS:
        if target.cases in bench.sizes:
            yield row(*_cost_cells(target, bench))


def _cost_cells(target: Target, bench: Bench) -> Iterator[str]:
    kept = bench.run(target.cases, target.gap)
    yield from (f"{target.cases:,}", f"{target.gap:.2%}")
    spent = math.inf
    if (run := kept.run) is None:
        yield from ("–", "–", "–", "–", f"{kept.load_s:.2f}", "–", "–", f"> {bench.limit_s:.0f}", "–", "–")
    else:
        spent = kept.loads if target.unit == "load" else run.solve_s
        yield from (f"{run.gap:.3%}", money(run.objective), money(run.bound), f"{run.steps:,}", f"{kept.load_s:.2f}")
        yield from (f"{run.read_s:.2f}", f"{run.verify_s:.2f}", f"{run.solve_s:.2f}", f"{run.solve_cpu_s:.2f}")
        yield f"{spent:.1f} {target.unit}"
    certified = run is not None and run.gap_reached
    yield from (f"≤ {target.most:g} {target.unit}", f"{target.aim:g} {target.unit}")
    yield verdict(certified and spent <= target.most, spent <= target.aim)


def reference_lines(bench: Bench) -> Iterator[str]:
    """HiGHS and CP-SAT on the whole model, each with the seconds that ours took and at least one."""
    columns = ("cases", "solver", "cost", "above ours", "bound", "below ours", "certified gap", "model s", "solve s")
    yield header(*columns, "ours not worse in cost and bound")
    for cases, gap in REFERENCE_GAPS.items():
        if cases not in bench.sizes:
            continue
        if (run := bench.run(cases, gap).run) is None:
            yield row(f"{cases:,}", "Lanewise", *"––––––", "in solve", f"> {bench.limit_s:.0f}", "missed")
            continue
        ours = (money(run.objective), "", money(run.bound), "", f"{run.gap:.3%}", "in solve", f"{run.solve_s:.2f}", "")
        yield row(f"{cases:,}", "Lanewise", *ours)
        problem = load(bench.folder(cases))
        for reference in REFERENCES:
            yield row(f"{cases:,}", *_reference_cells(reference(problem, max(1.0, run.solve_s)), run))


def _reference_cells(found: Reference, ours: Run) -> Iterator[str]:
    yield found.name
    if found.objective is None:
        yield from ("no plan", "–")
    else:
        yield from (money(found.objective), f"{found.objective / ours.objective - 1:+.4%}")
    if math.isinf(found.bound):
        yield from ("none", "–")
    else:
        yield from (money(found.bound), f"{1 - found.bound / ours.bound:+.4%}")
    yield from ("–" if math.isinf(found.gap) else f"{found.gap:.3%}", f"{found.build_s:.2f}", f"{found.solve_s:.2f}")
    cheaper = found.objective is None or ours.objective <= found.objective
    tighter = ours.bound >= math.ceil(found.bound - WHOLE) if math.isfinite(found.bound) else True
    yield f"{'yes' if cheaper else 'no'}, {'yes' if tighter else 'no'}"


def growth_lines(bench: Bench) -> Iterator[str]:
    """The same gap at every size: close to linear means that a case costs about the same everywhere."""
    yield header("cases", "gap asked", "certified", "steps", "solve CPU s", "ms a case", "loads", "peak GB")
    for cases in (size for size in bench.sizes if size >= SAME_CASES):
        kept = bench.run(cases, LOOSE)
        if (run := kept.run) is None:
            yield row(f"{cases:,}", f"{LOOSE:.2%}", "–", "–", f"> {bench.limit_s:.0f}", "–", "–", "–")
            continue
        spent = (f"{run.solve_cpu_s:.2f}", f"{run.solve_cpu_s / cases * 1e3:.3f}", f"{kept.loads:.1f}")
        yield row(f"{cases:,}", f"{LOOSE:.2%}", f"{run.gap:.3%}", f"{run.steps:,}", *spent, f"{run.peak_gb:.2f}")


def memory_lines(bench: Bench) -> Iterator[str]:
    """Most memory of a process that reads and solves, Python and its libraries included."""
    yield header("cases", "gap asked", "peak GB", "at least", "aim", "verdict")
    for gap in (target.gap for target in TARGETS if target.cases == LARGE and LARGE in bench.sizes):
        run = bench.run(LARGE, gap).run
        peak_gb = math.inf if run is None else run.peak_gb
        found = (f"{peak_gb:.2f}", f"≤ {MOST_GB}", f"{WANTED_GB}", verdict(peak_gb <= MOST_GB, peak_gb <= WANTED_GB))
        yield row(f"{LARGE:,}", f"{gap:.2%}", *found)


def same_lines(bench: Bench) -> Iterator[str]:
    """Digests of the plans of ten runs, in two processes whose hashes differ."""
    place, runs = str(bench.folder(SAME_CASES)), list[Run]()
    for hash_seed in ("1", "2"):
        asked = ("plan", place, str(CLOSE), str(SAME_RUNS))
        runs += run_apart(Run, SAME_RUNS * bench.limit_s, *asked, hash_seed=hash_seed)[0]
    digests = sorted({run.sha256[:12] for run in runs})
    same = len(digests) == 1 and len(runs) == 2 * SAME_RUNS
    yield header("cases", "gap asked", "runs", "different plans", "digests", "wanted", "verdict")
    wanted = f"1 of {2 * SAME_RUNS}"
    found = (str(len(runs)), str(len(digests)), ", ".join(digests), wanted, verdict(same, False))
    yield row(f"{SAME_CASES:,}", f"{CLOSE:.1%}", *found)


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
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, LARGE], metavar="CASES")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS, metavar="PART")
    parser.add_argument("--everything", action="store_true", help="all published instances, not a few of each file")
    parser.add_argument("--files", default="", metavar="START", help="of published files, those that begin so")
    parser.add_argument("--limit", type=float, default=60.0, metavar="SECONDS", help="after which a run is ended")
    given = parser.parse_args(arguments)
    bench = Bench(tuple(given.sizes), given.everything, given.limit, given.files)
    print(f"\n### The joint plan\n\nSimulated problems; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    for part in given.parts:
        print(f"\n{str(PARTS[part].__doc__).splitlines()[0]}\n")
        for line in PARTS[part](bench):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
