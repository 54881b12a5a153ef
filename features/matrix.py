"""The feature matrix on disk, written block by block in the order of time: memory does not grow with its rows."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from domain.predictions import ID_COLUMNS, ModelName
from features import catalogue
from features.family import Asked, Made, Text
from features.frame import columns_of
from features.memory import BLOCK
from features.over import Walk
from features.past import past_of
from features.records import Floats, Moments
from features.subjects import Stages, stages_of
from store.dataset import Dataset


def write_matrix(
    dataset: Dataset, model: ModelName, file: Path, only: Collection[str] | None = None, block: int = BLOCK
) -> int:
    """Write the features of every subject to Parquet; returns how many rows.

    Parameters
    ----------
    only
        Stages to write, by default all.
    block
        Rows computed at a time.
    """
    past = past_of(dataset)
    stages = stages_of(past, model, only)
    with MatrixFile(file) as matrix:
        for table in blocks(Walk(past), model, stages, block):
            matrix.write(table)
    return int(stages.names.size)


def blocks(walk: Walk, model: ModelName, stages: Stages, block: int = BLOCK) -> Iterator[pa.Table]:
    """The features of subjects in the order of time, so many at a time; one empty block where there are none."""
    past = walk.past
    for begin in range(0, max(stages.names.size, 1), block):
        some = stages.at(slice(begin, begin + block))
        record = past.described(model, some.names, some.as_of)
        said = Text(some.stages, some.words)
        asked = Asked(walk, model, some.names, some.as_of, record, past.words, said)
        yield _table(columns_of(catalogue.FAMILIES, asked), model, asked)


class MatrixFile:
    """A Parquet file that blocks of a matrix are appended to; it is made with the first."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failed: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Append a block; every block has the columns of the first."""
        if self._writer is None:
            named = [field.name for field in table.schema if pa.types.is_string(field.type)]
            self._writer = pq.ParquetWriter(self._file, table.schema, compression="lz4", use_dictionary=named)
        self._writer.write_table(table)


def _table(made: Made, model: ModelName, asked: Asked) -> pa.Table:
    """A block as Arrow: who and when, then the features."""
    names = Text(asked.subject, asked.words(ID_COLUMNS[model]))
    who = {"subject_id": _cells(names), "as_of": _moments(asked.as_of)}
    return pa.table(who | {name: _cells(column) for name, column in made.items()})


def _cells(column: Floats | Text) -> pa.Array:
    return column.words.arrow(column.numbers) if isinstance(column, Text) else pa.array(column)


def _moments(moments: Moments) -> pa.Array:
    return pa.array(moments).cast(pa.timestamp("us", tz="UTC"))
