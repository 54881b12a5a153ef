"""A feature frame in a file: computed and written block by block, read column by column or block by block."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from domain.predictions import ModelName
from features.matrix import MatrixFile, blocks
from features.memory import BLOCK
from features.over import Walk
from features.past import past_of
from features.subjects import all_subjects, stages_of
from store.dataset import Dataset
from store.scratch import scratch_folder

PREFIX = "lanewise-frame-"
WHO = ("subject_id", "as_of")
"""Columns of the file that are no features."""
SAME_SUBJECT = ["subject_id", "stage"]


class FrameFile:
    """What a model needs of a frame to learn from it, without the frame.

    Columns that say nothing of any row are there too, where a frame in memory leaves them out.

    Attributes
    ----------
    folder
        With the file, and for what else is made of it; it is removed with this object, at the latest with the process,
        or where that is killed when the next one begins.
    """

    def __init__(self) -> None:
        self.folder = scratch_folder(self, PREFIX)

    @property
    def file(self) -> Path:
        """Parquet, a block a row group."""
        return self.folder / "frame.parquet"

    @property
    def columns(self) -> list[str]:
        """Names of the features."""
        return [name for name in pq.read_schema(self.file).names if name not in WHO]

    def __len__(self) -> int:
        return int(pq.read_metadata(self.file).num_rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> pd.Series:
        """One column in memory."""
        return pq.read_table(self.file, columns=[name]).to_pandas()[name]

    def blocks(self) -> Iterator[pd.DataFrame]:
        """The rows in their order, a block of them in memory."""
        whole = pq.ParquetFile(self.file)
        for group in range(whole.num_row_groups):
            yield whole.read_row_group(group, columns=self.columns).to_pandas()

    def tail(self, rows: int) -> pd.DataFrame:
        """The last rows as a frame."""
        whole = pq.ParquetFile(self.file)
        counts = [whole.metadata.row_group(group).num_rows for group in range(whole.num_row_groups)]
        later = np.cumsum(counts[::-1])[::-1] - counts  # rows after each group
        table = whole.read_row_groups(np.flatnonzero(later < rows).tolist(), columns=self.columns)
        return table.slice(max(0, len(table) - rows)).to_pandas()


def write_frame(dataset: Dataset, model: ModelName, subjects: pd.DataFrame, block: int = BLOCK) -> FrameFile:
    """Features of subjects of the data set in the order of time, as :class:`features.frame.FeatureFrames` has them.

    Parameters
    ----------
    block
        Rows in memory at a time.
    """
    frame = FrameFile()
    past = past_of(dataset)
    every = pd.MultiIndex.from_frame(all_subjects(dataset, model)[SAME_SUBJECT])
    places = every.get_indexer(pd.MultiIndex.from_frame(subjects[SAME_SUBJECT]))
    assert (np.diff(places, prepend=-1) > 0).all(), "subjects are the data set's, in its order"
    with MatrixFile(frame.file) as matrix:
        for table in blocks(Walk(past), model, stages_of(past, model).at(places), block):
            matrix.write(table)
    return frame
