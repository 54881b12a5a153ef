"""Makes months of a small network as Arrow tables, as a simulator would."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from domain.manifest import Manifest
from domain.moment import parse_moment
from store.streaming import DatasetStream

MANIFEST = Manifest("made", cut_off=parse_moment("2030-01-01"))
MOMENT = pa.timestamp("us", tz="UTC")
MINUTE_US = 60_000_000
CODES = ("X3", "AF", "X1", "D1")


def label(month: int) -> str:
    """The n-th month from 2024-01 on."""
    return str(np.datetime64("2024-01", "M") + month)


def month_tables(month: int, shipments: int = 40, seed: int = 0) -> dict[str, pa.Table]:
    """Shipments, tenders and milestones that come with a month; some milestones are known in the next one."""
    rng = np.random.default_rng([seed, month])
    ids = [f"s{month:02d}{k:05d}" for k in range(shipments)]
    first = int((np.datetime64("2024-01", "M") + month).astype("datetime64[us]").astype(np.int64))
    known = first + rng.integers(0, 28 * 24 * 4, shipments) * 15 * MINUTE_US
    return {
        "shipments": _shipments(ids, known, rng),
        "tenders": _tenders(ids, known, rng),
        "milestones": _milestones(ids, known, rng),
    }


def write_months(stream: DatasetStream, months: int, shipments: int = 40) -> None:
    """Write months and a reference table into a stream."""
    stream.reference("carriers", CARRIERS)
    for month in range(months):
        for name, rows in month_tables(month, shipments).items():
            stream.append(name, label(month), rows)


def whole(months: int) -> dict[str, pa.Table]:
    """The rows of :func:`write_months` as one table each."""
    parts = [month_tables(month) for month in range(months)]
    tables = {name: pa.concat_tables([part[name] for part in parts]) for name in parts[0]}
    return {"carriers": CARRIERS, **tables}


def write_truth(folder: Path, said: str) -> None:
    """Fill a folder beside the tables."""
    (folder / "deep").mkdir()
    (folder / "deep" / "truth.txt").write_text(said)


def dictionary_encoded(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, pa.Table]]:
    """The same tables, their text dictionary-encoded."""
    for name, rows in tables.items():
        columns = {
            c: rows[c].dictionary_encode() if rows[c].type == pa.string() else rows[c] for c in rows.column_names
        }
        yield name, pa.table(columns)


CARRIERS = pa.table({"carrier_id": ["c2", "c1"], "kind": ["broker", "asset"], "x_size": [7, 1]})


def _shipments(ids: list[str], known: np.ndarray, rng: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "shipment_id": ids,
            "known_at": pa.array(known, type=MOMENT),
            "planned_delivery_at": pa.array(known + 3000 * MINUTE_US, type=MOMENT),
            "weight_kg": rng.random(len(ids)),
            "x_colour": [None if k % 3 == 0 else "red" for k in range(len(ids))],
        }
    )


def _tenders(ids: list[str], known: np.ndarray, rng: np.random.Generator) -> pa.Table:
    """An open tender in four has no answer; the times of the others' answers are left to the default."""
    answered = rng.random(len(ids)) < 0.75
    return pa.table(
        {
            "tender_id": [f"t{name}" for name in ids],
            "shipment_id": ids,
            "offered_at": pa.array(known, type=MOMENT),
            "sequence": rng.integers(1, 4, len(ids)),
            "contract": answered,
            "outcome": np.where(answered, "accepted", "open").tolist(),
            "outcome_at": pa.array(known + 60 * MINUTE_US, type=MOMENT, mask=~answered),
        }
    )


def _milestones(ids: list[str], known: np.ndarray, rng: np.random.Generator) -> pa.Table:
    happened = (known[:, None] + rng.integers(0, 12 * 24 * 4, (len(ids), len(CODES))) * 15 * MINUTE_US).ravel()
    return pa.table(
        {
            "shipment_id": np.repeat(ids, len(CODES)).tolist(),
            "code": list(CODES) * len(ids),
            "occurred_at": pa.array(happened, type=MOMENT),
            "known_at": pa.array(happened + rng.integers(0, 3, len(happened)) * MINUTE_US, type=MOMENT),
        }
    )
