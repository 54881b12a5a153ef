"""A design matrix in a file, from which LightGBM takes rows in batches: the raw numbers are never all in memory.

LightGBM keeps columns cut into bins, one byte a cell instead of eight; for that it reads the file twice, once to
sample the rows that bins are cut from and once to fill them (``lightgbm.Sequence``). Rows are stored one after the
other, as they are read: a stage's own booster takes some of them only.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import cast, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.frame_file import FrameFile
from models.boosted import Array
from models.encoder import Encoder

BATCH = 4096
"""Rows in memory at a time."""


class FileRows:
    """Rows of a matrix in a file, all of them or some; LightGBM takes it for a ``lightgbm.Sequence``.

    Parameters
    ----------
    file
        Numbers of 8 bytes, row by row.
    width
        Columns.
    picked
        Shape (n,): places of the rows that are meant in the file, ascending; by default all.
    """

    batch_size = BATCH

    def __init__(self, file: Path, width: int, picked: NDArray[np.int64] | None = None) -> None:
        self._file = file
        self._picked = picked
        self._count = file.stat().st_size // (8 * width) if picked is None else picked.size
        self._held: tuple[int, Array] = (-1, np.empty((0, width)))
        self.shape = self._count, width
        _take_for_sequence()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, chosen: "slice | int") -> Array: ...
    @overload
    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "FileRows": ...
    def __getitem__(self, chosen: "slice | int | NDArray[np.bool_] | NDArray[np.int64]") -> "Array | FileRows":
        """A stretch of rows, or one, read into memory; the rows of an array of places or answers, left in the file."""
        if isinstance(chosen, slice):
            return self._read(chosen)
        if isinstance(chosen, np.ndarray):
            every = np.arange(self._count) if self._picked is None else self._picked
            return FileRows(self._file, self.shape[1], every[chosen])
        return self._row(int(chosen))

    def _row(self, place: int) -> Array:
        """One row; those that follow it are held, because they are asked for next."""
        batch, within = divmod(place, self.batch_size)
        held, rows = self._held
        if held != batch:
            rows = self._read(slice(batch * self.batch_size, (batch + 1) * self.batch_size))
            self._held = batch, rows
        # A copy: whoever collects rows would otherwise keep every batch that one of them is of.
        return np.array(rows[within])

    def _read(self, chosen: slice) -> Array:
        if not self._count:
            return np.empty((0, self.shape[1]))
        # Opened anew each time: what was read of a mapped file counts as memory in use until it is closed.
        mapped = np.memmap(self._file, np.float64, "r").reshape(-1, self.shape[1])
        return np.array(mapped[chosen if self._picked is None else self._picked[chosen]])


def write_rows(file: Path, width: int, blocks: Iterable[Array]) -> FileRows:
    """Write blocks of rows one after the other, each of shape (rows, width)."""
    with file.open("wb") as out:
        for block in blocks:
            out.write(np.ascontiguousarray(block, np.float64).data)
    return FileRows(file, width)


def matrix_of(encoder: Encoder, frame: pd.DataFrame | FrameFile) -> Array:
    """A frame's matrix: in memory as the frame is, or :class:`FileRows` in a file beside the frame's."""
    if not isinstance(frame, FrameFile):
        return encoder.matrix(frame)
    rows = write_rows(frame.folder / "matrix", len(encoder.columns), map(encoder.matrix, frame.blocks()))
    return cast("Array", rows)  # chosen from like an array by whoever learns from it


def _take_for_sequence() -> None:
    from lightgbm import Sequence

    Sequence.register(FileRows)
