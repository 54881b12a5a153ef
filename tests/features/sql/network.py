"""The networks that are asked: one as simulated, and the same one badly kept, both as Parquet files."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd

from store.dataset import Dataset
from store.description import Description, StoredTable
from store.frames import completed, in_order
from tests.features.sql.oracle import HERE, TABLES, Files, views

CLOCK = "America/New_York"
"""A zone whose clock changes within the simulated days."""


def simulated_files(folder: Path) -> Files:
    """Where a stored data set keeps each table."""
    return {table: f"{folder}/{table}/**/*.parquet" for table in TABLES}


def disturbed(dataset: Dataset, folder: Path) -> tuple[Dataset, Files]:
    """The data set with corrections, late knowledge, equal moments and gaps, on another clock; and its files."""
    files = {table: str(folder / f"{table}.parquet") for table in TABLES}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        views(connection, simulated_files(dataset.folder))
        connection.execute((HERE / "disturbed.sql").read_text(encoding="utf-8"))
        for table, file in files.items():
            connection.table(table).to_parquet(file)
    frames = {name: in_order(name, completed(name, pd.read_parquet(file))) for name, file in files.items()}
    stored = {name: StoredTable((), tuple(map(str, frame.columns)), len(frame)) for name, frame in frames.items()}
    manifest = replace(dataset.manifest, timezone=CLOCK)
    return Dataset(folder, Description(manifest, stored), frames), files


def written(dataset: Dataset, folder: Path) -> Files:
    """Keep a data set's tables as files."""
    files = {table: str(folder / f"{table}.parquet") for table in TABLES}
    for table, file in files.items():
        dataset.table(table).to_parquet(file)
    return files
