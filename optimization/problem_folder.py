"""A problem as a folder of four Parquet tables (``candidates``, ``usage``, ``resources``, ``exclusions``)."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import BadProblem, NotThere
from optimization.problem import Problem, build_problem
from optimization.problem_checks import INTEGERS, TABLES


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
    tables = {name: _read(folder / f"{name}.parquet") for name in TABLES}
    candidates = tables["candidates"]
    if candidates is None:
        raise NotThere(f"the problem folder {str(folder)!r} holds no candidates.parquet")
    problem = build_problem(candidates, tables.pop("usage"), tables["resources"], tables["exclusions"])
    pa.default_memory_pool().release_unused()
    return problem


def _read(file: Path) -> pd.DataFrame | None:
    if not file.exists():
        return None
    try:
        table = pq.read_table(file, read_dictionary=["resource_id"]).combine_chunks()
        read: pd.DataFrame = table.to_pandas(integer_object_nulls=True)
    except (pa.ArrowException, OSError) as error:
        raise BadProblem(f"{file.name} of the problem is no readable Parquet file: {error}") from None
    return read


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
