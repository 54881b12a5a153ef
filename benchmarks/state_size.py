"""How many bytes a kept live state takes, and how many seconds of processor to save and to load it.

A synthetic memory of all streams at two sizes, and a whole network told record by record:
``python -m benchmarks.state_size [DATASET]``. Tables in Markdown.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import pyarrow.parquet as pq

from domain.manifest import Manifest
from features.entities import STREAMS
from features.live import Live
from features.memory import MICROSECONDS_PER_DAY, Events, Layout
from features.past import EVENTFUL, past_of
from features.records import Given
from features.replay import replay
from features.source import Shape
from features.state.snapshot import read_snapshot, write_snapshot
from store.dataset import open_dataset

SIZES = (100_000, 1_000_000)
BLOCK = 4_000
"""Events told at a time of every stream."""
LANES, CARRIERS, PLACES, CUSTOMERS = 200_000, 3_000, 20_000, 5_000
START = 19_000 * MICROSECONDS_PER_DAY
PARTS = {
    "memory": "sums of entities",
    "facts": "facts behind the sums",
    "stays": "what is open",
    "rows": "rows of shipments, tenders, exceptions",
    "milestones": "milestones",
    "offers": "offers of each shipment",
    "journeys": "ways of shipments",
    "newest": "newest readings",
    "words": "names",
}


@dataclass(frozen=True)
class Cost:
    """What keeping one state cost: bytes and rows by part, seconds of processor."""

    entities: int
    told_bytes: dict[str, int]
    rows: dict[str, int]
    save_s: float
    load_s: float

    @property
    def total_mb(self) -> float:
        """All files, megabytes."""
        return sum(self.told_bytes.values()) / 1e6


def synthetic(entities: int, seed: int = 20269) -> Live:
    """A state whose streams remember at least so many entities, after a year of random events; nothing else."""
    layouts = {name: Layout(stream, stream.entities) for name, stream in STREAMS.items()}
    state = Live(Shape(Manifest("synthetic"), {table: {} for table in EVENTFUL}, layouts, ()))
    random = np.random.default_rng(seed)
    state.now = START
    while sum(kept.slots.count for kept in state.streams.values()) < entities:
        _tell_block(state, random)
    return state


def _tell_block(state: Live, random: np.random.Generator) -> None:
    who = _who(random, state.now)
    moments = state.now + np.sort(random.integers(0, MICROSECONDS_PER_DAY, BLOCK))
    for kept in state.streams.values():
        slots = kept.slots.of(who, grow=True)
        kept.memory.make_room(kept.slots.count)
        values = random.normal(size=(BLOCK, kept.layout.columns - 1))
        kept.memory.learn(Events(moments, moments, np.column_stack([np.ones(BLOCK), values]), slots))
    state.now += MICROSECONDS_PER_DAY


def _who(random: np.random.Generator, now: int) -> Given:
    """Lanes that run about equally often, each with five carriers of its own."""
    lanes = random.integers(0, LANES, BLOCK)
    names = {
        "carrier_id": (lanes * 31 + random.integers(0, 5, BLOCK)) % CARRIERS,
        "origin_id": lanes % PLACES,
        "destination_id": lanes * 7 // 11 % PLACES,
        "customer_id": lanes % CUSTOMERS,
        "equipment": lanes % 8,
        "kind": random.integers(0, 12, BLOCK),
        "site_id": lanes % PLACES,
        "shift": random.integers(0, 3, BLOCK),
    }
    hours = {name: now + random.integers(0, 48, BLOCK) * 3_600_000_000 for name in
             ("planned_pickup_at", "planned_delivery_at")}  # fmt: skip
    return Given({name: cells.astype(np.int32) for name, cells in names.items()} | hours)


def network(folder: Path) -> tuple[Live, int]:
    """A state that was told a whole data set, and how many shipments that has."""
    past = past_of(open_dataset(folder))
    state = Live(past.shape())
    for _, (table, row) in replay(past):
        state.tell(table, row)
    return state, len(state.rows["shipments"])


def measured(state: Live) -> Cost:
    """Write a state, and read it back."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot"
        begun = process_time()
        write_snapshot(path, state)
        saved = process_time()
        read_snapshot(path)
        loaded = process_time()
        told_bytes, rows = dict.fromkeys(PARTS, 0), dict.fromkeys(PARTS, 0)
        for file in path.glob("*.parquet"):
            part = file.stem.partition("-")[0]
            told_bytes[part] += file.stat().st_size
            rows[part] += pq.read_metadata(file).num_rows
    entities = sum(kept.slots.count for kept in state.streams.values())
    return Cost(entities, told_bytes, rows, saved - begun, loaded - saved)


def table(dataset: Path | None) -> Iterator[str]:
    """Lines of Markdown."""
    yield "### A kept state: size, and seconds of processor to save and to load\n"
    yield "| state | entities | sums of entities, MB per million | all files, MB | save s | load s |"
    yield "|---|---|---|---|---|---|"
    for size in SIZES:
        yield line("synthetic memory of all streams", measured(synthetic(size)))
    if dataset is not None:
        state, shipments = network(dataset)
        cost = measured(state)
        yield line(f"a network of {shipments:,} shipments", cost)
        yield f"\n### What the state of {shipments:,} shipments consists of\n\n| part | rows | MB | bytes a row |"
        yield "|---|---|---|---|"
        for part, words in PARTS.items():
            size, rows = cost.told_bytes[part], cost.rows[part]
            yield f"| {words} | {rows:,} | {size / 1e6:.2f} | {size / max(rows, 1):.1f} |"


def line(what: str, cost: Cost) -> str:
    """One state as a row."""
    return (
        f"| {what} | {cost.entities:,} | {cost.told_bytes['memory'] / cost.entities:.1f} | {cost.total_mb:.1f} | "
        f"{cost.save_s:.2f} | {cost.load_s:.2f} |"
    )


if __name__ == "__main__":
    for one in table(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(one, flush=True)
