"""Copies of a home that may be written to."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path


def copied_home(source: Path, target: Path) -> Path:
    """Copy a home; the runs of the copy have the copy's artifacts, which MLflow knows by their whole path."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    with closing(sqlite3.connect(target / "mlruns" / "mlflow.db")) as database, database:
        for table, column in (("runs", "artifact_uri"), ("experiments", "artifact_location")):
            moved = f"UPDATE {table} SET {column} = replace({column}, ?, ?)"
            database.execute(moved, (str(source.resolve()), str(target.resolve())))
    return target
