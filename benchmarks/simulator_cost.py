"""Determinism, and what a run costs: seconds and memory at three sizes, each in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.network.params import MarketKind, SimulationParams
from simulator.simulate import simulate

SEED = 20269
SIZES = (10_000, 100_000, 1_000_000)
SECONDS_AT_MOST = {10_000: 3.0, 1_000_000: 60.0}
GB_AT_MOST = 4.0
ONE_CORE = """
import os, resource, sys
from pathlib import Path
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
import pyarrow
pyarrow.set_cpu_count(1)
from simulator.network.params import SimulationParams
from simulator.simulate import simulate
simulate(SimulationParams(int(sys.argv[2]), 365, int(sys.argv[3]), truth_sample=0), Path(sys.argv[1]))
used = resource.getrusage(resource.RUSAGE_SELF)
# ru_maxrss would count what the process was before it became this one.
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(used.ru_utime + used.ru_stime, int(peak) / 1024)
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of processor, imports included, and the most memory held."""

    shipments: int
    cpu_s: float
    mib: float


def measured(folder: Path, shipments: int) -> Cost:
    """Simulate a year on one core, without the truth."""
    arguments = [sys.executable, "-c", ONE_CORE, str(folder), str(shipments), str(SEED)]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.split()
    return Cost(shipments, float(said[0]), float(said[1]))


def cost(folder: Path) -> Iterator[str]:
    """Cost at three sizes; linear when the marginal cost stays."""
    done = [measured(folder / "cost", size) for size in SIZES]
    yield "### Cost of a run, one core, start and imports included, truth sample apart\n"
    yield "| shipments | CPU s | s per 100,000 beyond the row above | peak memory, MiB | |\n|---|---|---|---|---|"
    for before, one in zip([None, *done], done, strict=False):
        more = f"{1e5 * (one.cpu_s - before.cpu_s) / (one.shipments - before.shipments):.2f}" if before else "–"
        yield f"| {one.shipments:,} | {one.cpu_s:.1f} | {more} | {one.mib:,.0f} | {verdict(one)} |"


def verdict(one: Cost) -> str:
    """Whether a run kept to its limits."""
    limit = SECONDS_AT_MOST.get(one.shipments)
    if limit is None:
        return "no limit"
    kept = one.cpu_s < limit and one.mib < 1000 * GB_AT_MOST
    return f"{'kept' if kept else 'BROKEN'}: below {limit:.0f} s and {GB_AT_MOST:.0f} GB"


def determinism(folder: Path) -> Iterator[str]:
    """The same seed twice, and another."""
    prints = [
        simulate(SimulationParams(20_000, 120, seed, MarketKind.TURNING, 200), folder / str(turn)).dataset.fingerprint
        for turn, seed in enumerate((SEED, SEED, SEED + 1))
    ]
    yield "### Determinism\n"
    same = "equal" if prints[0] == prints[1] else "DIFFERENT"
    yield f"- fingerprints of seed {SEED}, twice: {prints[0][:16]} and {prints[1][:16]}, {same}"
    yield f"- of seed {SEED + 1}: {prints[2][:16]}, {'EQUAL' if prints[2] == prints[0] else 'different'}"
