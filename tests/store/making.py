"""Makes small imports for tests."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from domain.params import ImportParams
from store.dataset import Dataset, open_dataset
from store.importer import import_source
from store.report import ImportReport

LENIENT = ImportParams(max_bad_share=1.0)
SHIPMENT = "SELECT 's1' AS shipment_id, TIMESTAMPTZ '2020-01-01 08:00Z' AS known_at"


def make_source(folder: Path, manifest: str = "", **queries: str) -> Path:
    """Write an import folder; ``manifest`` is added to a name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.toml").write_text(f'name = "small"\n{manifest}\n')
    for table, sql in queries.items():
        (folder / f"{table}.sql").write_text(sql)
    return folder


def run(
    tmp_path: Path,
    manifest: str = "",
    params: ImportParams = LENIENT,
    folders: Mapping[str, Path] | None = None,
    **queries: str,
) -> tuple[ImportReport, Dataset]:
    """Import queries, and open what came of them."""
    source = make_source(tmp_path / "source", manifest, **queries)
    report = import_source(source, tmp_path / "out", params, folders)
    return report, open_dataset(tmp_path / "out")


def quarantine(dataset: Dataset, table: str) -> pd.DataFrame:
    """Rows of a table that were set aside."""
    return pq.read_table(dataset.folder / "quarantine" / f"{table}.parquet").to_pandas()


def shipments(*rows: str) -> str:
    """A query of shipments (id, known_at, planned pickup, planned delivery), all text."""
    return (
        "SELECT * FROM (VALUES " + ", ".join(rows) + ") AS t"
        "(shipment_id, known_at, planned_pickup_at, planned_delivery_at)"
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a data set but its lock."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }
