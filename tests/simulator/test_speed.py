"""How long a run takes and how much memory it needs, with room for slow and busy machines."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import resource, sys, time
from pathlib import Path
from simulator.network.params import SimulationParams
from simulator.simulate import simulate
shipments, days = int(sys.argv[2]), int(sys.argv[3])
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
simulate(SimulationParams(shipments, days, 3, truth_sample=0), Path(sys.argv[1]))
print(time.process_time() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
CPU_S_AT_MOST, MIB_AT_MOST = 6.0, 50.0


def measured(folder: Path, shipments: int, days: int) -> tuple[float, float]:
    """CPU seconds of a run, imports left out, and MiB by which memory rose."""
    arguments = [sys.executable, "-c", CODE, str(folder), str(shipments), str(days)]
    said = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    seconds, mib = map(float, said.split())
    return seconds, mib


def test_ten_thousand_shipments_take_seconds(tmp_path: Path) -> None:
    """The better of two runs, so that a busy machine does not fail the test."""
    assert any(measured(tmp_path / str(run), 10_000, 365)[0] < CPU_S_AT_MOST for run in range(2))


def test_memory_does_not_grow_with_days(tmp_path: Path) -> None:
    """Three times the days, as busy each: the months that are written are forgotten."""
    one, three = (measured(tmp_path / str(years), 4_000 * years, 365 * years)[1] for years in (1, 3))
    assert three - one < MIB_AT_MOST


def test_cost_is_no_worse_than_linear(tmp_path: Path) -> None:
    """Four times the shipments take at most four times as long; the benchmark shows a million."""
    few, many = (measured(tmp_path / str(size), size, 365)[0] for size in (20_000, 80_000))
    assert many < 4 * few
