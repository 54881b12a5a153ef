"""A small network with outcomes that can be learned, as a data set on disk."""

from pathlib import Path

import numpy as np
import pandas as pd

from domain.manifest import Manifest
from domain.params import TrainingParams
from store.dataset import Dataset
from store.frames import completed
from store.writing import write_dataset

OF_OTHERS = (
    # MLflow's store uses a loader that SQLAlchemy 2.1 deprecates.
    "ignore:The ``noload`` loader strategy",
    # MLflow infers types of what it logs, and says so of our loader's signature.
    "ignore:.*Any type hint is inferred as AnyType",
    # MLflow wraps rows of the input example in a range, which pandas 3.1 deprecates.
    "ignore:Operation with range is deprecated",
)
START = pd.Timestamp("2024-01-01T00:00Z")
MANIFEST = Manifest("small", cut_off=(START + pd.Timedelta(days=100)).to_pydatetime(), late_after_min=15)
PARAMS = TrainingParams(seed=3, threads=1, max_trees=10, learning_rate=0.2, leaves=4, min_leaf_rows=20, min_subjects=30)
T = START + pd.Timedelta(days=60)


def network(rows: int = 400, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Shipments every few hours for some 80 days, one tender and one delivery each, an exception for half."""
    random = np.random.default_rng(seed)
    known = START + pd.to_timedelta(np.sort(random.uniform(0, 80 * 1440, rows)).round(), unit="min")
    carrier = random.choice(["good", "fair", "bad"], rows)
    bad = (carrier == "bad") * 1.0
    pickup, planned = known + pd.Timedelta(hours=4), known + pd.Timedelta(hours=24)
    delay = 30 * bad + 20 * random.normal(size=rows) + 4000 * random.random(rows) * (random.random(rows) < 0.15)
    ids = np.array([f"s{k:04}" for k in range(rows)])
    shipments = {
        "shipment_id": ids,
        "known_at": known,
        "carrier_id": carrier,
        "origin_id": random.choice(["A", "B"], rows),
    }
    shipments |= {"destination_id": "C", "planned_pickup_at": pickup, "planned_delivery_at": planned}
    answered = known + pd.Timedelta(minutes=90)
    tenders = {"tender_id": np.char.add("t", ids), "shipment_id": ids, "carrier_id": carrier, "offered_at": known}
    tenders |= {"outcome": np.where(random.random(rows) < 0.1 + 0.5 * bad, "rejected", "accepted")}
    tenders |= {"outcome_at": answered}
    departed = pd.DataFrame({"shipment_id": ids, "code": "AF", "occurred_at": pickup, "planned_at": pickup})
    arrived = departed.assign(
        code="D1", occurred_at=planned + pd.to_timedelta(delay.round(), unit="min"), planned_at=planned
    )
    half = slice(None, None, 2)
    exceptions = {
        "exception_id": np.char.add("e", ids)[half],
        "kind": random.choice(["weather", "damaged"], rows)[half],
    }
    exceptions |= {"raised_at": pickup[half], "shipment_id": ids[half], "resolved_at": planned[half]}
    exceptions |= {"impact": np.exp(4 + bad + random.normal(size=rows))[half].round(1)}
    made = {
        "shipments": shipments,
        "tenders": tenders,
        "milestones": pd.concat([departed, arrived]),
        "exceptions": exceptions,
    }
    return {name: completed(name, pd.DataFrame(table).reset_index(drop=True)) for name, table in made.items()}


def small(folder: Path, **changed: pd.DataFrame) -> Dataset:
    """The network as a data set, with some tables changed."""
    return write_dataset(folder, MANIFEST, network() | changed)
