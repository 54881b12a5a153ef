"""A problem as a folder of four Parquet tables (``candidates``, ``usage``, ``resources``, ``exclusions``)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import BadProblem, NotThere
from optimization.free_memory import nothing_kept
from optimization.problem import Problem, build_problem
from optimization.problem_checks import INTEGERS, TABLES

PART_ROWS = 131_072
"""Uses that are read at once; there may be millions."""


def read_problem(folder: Path) -> Problem:
    """Read and check a problem folder.

    Raises
    ------
    NotThere
        If the folder or its ``candidates.parquet`` does not exist.
    BadProblem
        If a file is no Parquet, or the content contradicts itself.
    """
    if not folder.is_dir():
        raise NotThere(f"there is no problem folder {str(folder)!r}")
    if not (folder / "candidates.parquet").exists():
        raise NotThere(f"the problem folder {str(folder)!r} holds no candidates.parquet")
    with nothing_kept():
        return build_problem(
            _read(folder / "candidates.parquet"),
            _parts(folder / "usage.parquet"),
            _read(folder / "resources.parquet"),
            _read(folder / "exclusions.parquet"),
        )


def _read(file: Path) -> pd.DataFrame | None:
    if not file.exists():
        return None
    with _read_from(file):
        table = pq.read_table(file, use_threads=False).combine_chunks()
        read: pd.DataFrame = table.to_pandas(integer_object_nulls=True, use_threads=False)
        return read


def _parts(file: Path) -> Iterator[pd.DataFrame]:
    """A table some rows at a time, beginning with none, so that its columns are seen in any case."""
    if not file.exists():
        return
    with _read_from(file):
        rows = pq.ParquetFile(file, read_dictionary=["resource_id"])
        yield rows.schema_arrow.empty_table().to_pandas()
        for part in rows.iter_batches(PART_ROWS, use_threads=False):
            yield part.to_pandas(integer_object_nulls=True, use_threads=False)


@contextmanager
def _read_from(file: Path) -> Iterator[None]:
    """What Arrow says of a file in the words of a problem."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise BadProblem(f"{file.name} of the problem is no readable Parquet file: {error}") from None


def write_problem(problem: Problem, folder: Path) -> None:
    """Write a problem folder; the same problem gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in TABLES.items():
        frame = getattr(problem, name)
        arrays = [
            pa.array(frame[column].astype(object).where(frame[column].notna(), None).tolist(), _kind(column))
            for column in columns
        ]
        table = pa.table(arrays, names=list(columns))
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _kind(column: str) -> pa.DataType:
    return pa.int64() if column in INTEGERS else pa.string()
