"""One seed, one history: byte by byte, in any process; and what a shorter run has in common with a longer one."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.network.params import SimulationParams
from simulator.simulate import simulate
from store.dataset import Dataset
from tests.simulator.histories import history

ROOT = Path(__file__).parents[2]
CODE = """
import sys
from pathlib import Path
from simulator.network.params import SimulationParams
from simulator.simulate import simulate
simulate(SimulationParams(1_500, 120, 7, truth_sample=100), Path(sys.argv[1]))
"""


def bytes_of(folder: Path) -> dict[str, str]:
    """Sha256 of every file of a data set, the manifest and the truth included."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and "lock" not in file.name)
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def made(folder: Path, hash_seed: str) -> dict[str, str]:
    """Bytes of a data set that a process of its own made."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", CODE, str(folder)], env=environment, cwd=ROOT, check=True)
    return bytes_of(folder)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A data set with its truth."""
    return made(tmp_path_factory.mktemp("first") / "data", "1")


def test_one_seed_gives_the_same_bytes_in_any_process(first: dict[str, str], folder: Path) -> None:
    """Whatever the order in which a process goes through its sets; the truth included."""
    assert first == made(folder, "4242")
    assert {name.split("/")[0] for name in first} >= {"manifest.json", "shipments", "tenders", "milestones", "truth"}


def test_the_truth_changes_nothing_of_the_history(first: dict[str, str], folder: Path) -> None:
    """How many probabilities are worked out is seen in the truth only."""
    simulate(SimulationParams(1_500, 120, 7, truth_sample=0), folder)
    tables = {name: digest for name, digest in first.items() if not name.startswith("truth/")}
    assert tables == {name: digest for name, digest in bytes_of(folder).items() if not name.startswith("truth/")}


def test_another_seed_gives_another_history(tmp_path: Path) -> None:
    """No file of events is the same."""
    first, other = (history(tmp_path / str(seed), 500, seed, days=60) for seed in (1, 2))
    assert first.fingerprint != other.fingerprint
    for table in ("shipments", "tenders", "milestones", "exceptions", "signals", "rates"):
        assert not _files(first, table) & _files(other, table)


def test_a_run_again_replaces_the_data_set(folder: Path) -> None:
    """Whatever was in the folder, the same run leaves the same data set, and no file of the other."""
    first = history(folder, 500, 1, days=60)
    before = bytes_of(folder)
    history(folder, 700, 2, days=90)
    assert history(folder, 500, 1, days=60).fingerprint == first.fingerprint
    assert bytes_of(folder) == before


def test_the_summary_counts_what_was_written(folder: Path) -> None:
    """As lines and as figures, per table."""
    done = simulate(SimulationParams(500, 60, 5, truth_sample=0), folder)
    figures = done.as_json()
    assert figures["tables"]["tenders"] == len(done.dataset.table("tenders"))
    assert (figures["seed"], figures["cut_off"]) == (5, "2024-03-01T00:00:00Z")
    assert f"shipments: {len(done.dataset.table('shipments')):,} rows" in done.summary()


def test_a_longer_run_is_another_world(tmp_path: Path) -> None:
    """By design: a turning market turns at a share of the whole history, and carriers come and go over all of it.

    Only what follows from shipments a year and chance alone stays: the places.
    """
    short, long = history(tmp_path / "short", 600, 3, days=60), history(tmp_path / "long", 1_200, 3, days=120)
    sites = [one.table("sites") for one in (short, long)]
    assert sites[0].equals(sites[1])
    assert not _files(short, "tenders") & _files(long, "tenders")


@pytest.mark.parametrize("days", [7, 31, 32, 59, 61])
def test_any_number_of_days_is_written(days: int, folder: Path) -> None:
    """Months that begin or end with the run included; the first day is never repeated."""
    made = history(folder, 300, 9, days=days)
    first = made.table("shipments").drop_duplicates("shipment_id")
    assert first["released_at"].dt.floor("D").nunique() >= days - 3
    assert len(first) > 100


def _files(dataset: Dataset, table: str) -> set[str]:
    return {file.sha256 for file in dataset.description.tables[table].files}
