"""The journal: every record that was told since a snapshot, one checked line each.

A line is the CRC-32 of its content (8 hexadecimal digits), a blank, and JSON without line breaks: first the stamp, then
``["tenders", {…}]`` for a record or ``[moment]`` for time that passed. A line that was not written whole is known by
its check; what a crash left of it is cut off.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from domain.errors import LanewiseError
from features.one import TYPES, microseconds_of
from features.state.errors import BadState, Damaged
from features.state.stamp import check_stamp, stamp
from store.atomic import write_atomically
from store.contracts.columns import Kind

MAX_LINE_BYTES = 1_000_000
FARTHEST = 2**62
"""Moments are nearer than that, microseconds."""
Entry = list[Any]
"""A table and a row, or a moment alone."""


@dataclass(frozen=True)
class Extent:
    """How far a journal goes.

    Attributes
    ----------
    entries
        Whole ones.
    whole_bytes, torn_bytes
        Up to where its lines are whole, and what follows.
    """

    entries: int
    whole_bytes: int
    torn_bytes: int


def new_journal(path: Path) -> None:
    """Make an empty journal."""
    write_atomically(path, _line(stamp()))


def read_journal(path: Path, take: Callable[[Entry], None]) -> Extent:
    """Hand every whole entry of a journal to ``take``, in order.

    Raises
    ------
    OtherDefinitions
        If it was written in another format, or under other definitions of features.
    Damaged
        If a whole line follows a broken one: that is no torn tail.
    """
    with path.open("rb") as file:
        lines = _lines(file)
        whole, header = next(lines, (0, None))
        if not isinstance(header, dict):
            raise Damaged(f"the journal {path} does not begin as one; replay the records into a new state")
        check_stamp(f"the journal {path}", header)
        count = torn = 0
        for size, entry in lines:
            if entry is None:
                torn += size
            elif torn:
                raise Damaged(
                    f"the journal {path} is damaged: line {count + 2} is broken, but whole ones follow, so that no "
                    "crash has torn it; replay the records into a new state"
                )
            else:
                take(entry)
                count, whole = count + 1, whole + size
        return Extent(count, whole, torn)


class Journal:
    """A journal that is written on.

    Parameters
    ----------
    whole_bytes
        Up to where its lines are whole; what follows is cut off.
    sync_every
        After how many entries they are brought to the disk; a crash of the process loses none of them, a loss of
        power at most so many less one.
    """

    def __init__(self, path: Path, whole_bytes: int, sync_every: int) -> None:
        self._file = path.open("r+b", buffering=0)
        self._end = whole_bytes
        self._sync_every = sync_every
        self._unsynced = 0
        self._cut()

    def append(self, entry: Entry) -> int:
        """Write an entry, and return where it begins.

        Raises
        ------
        BadState
            If it is longer than a line may be.
        """
        line, begin = _line(entry), self._end
        if len(line) > MAX_LINE_BYTES:
            raise BadState(f"a record may take {MAX_LINE_BYTES:,} bytes, but {len(line):,} came")
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError(f"{written} of {len(line)} bytes were written; the disk may be full")
            self._end += len(line)
            self._unsynced += 1
            if self._unsynced >= self._sync_every:
                self.sync()
        except BaseException:
            self.take_back(begin)
            raise
        return begin

    def take_back(self, begin: int) -> None:
        """Remove entries from where one began."""
        self._end = begin
        self._cut()

    def sync(self) -> None:
        """Bring all entries to the disk."""
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def close(self) -> None:
        """Bring all entries to the disk, and close the file."""
        self.sync()
        self._file.close()

    def _cut(self) -> None:
        self._file.truncate(self._end)
        self._file.seek(self._end)


def entry_of(table: str, row: Mapping[str, Any], kinds: Mapping[str, Kind]) -> Entry:
    """A record as it is written: cells that say something, in the columns that are taken.

    Raises
    ------
    LanewiseError
        If a value is not of its column's kind.
    """
    said = {name: cell for name, cell in row.items() if name in kinds and cell is not None and cell == cell}
    return [table, {name: _plain(name, cell, kinds[name]) for name, cell in said.items()}]


def _plain(name: str, cell: Any, kind: Kind) -> str | int | float:
    """A cell as JSON writes it, exactly."""
    expected = isinstance(cell, TYPES[kind])
    if not expected:
        raise LanewiseError(f"{name} is a {kind.words}, but {cell!r} came")
    try:
        if kind is Kind.TEXT:
            cell.encode()
            return str(cell)
        if kind is Kind.NUMBER:
            return float(cell)
        if isinstance(cell, datetime) and cell.tzinfo is None:
            raise ValueError("it names no time zone")
        return checked_moment(microseconds_of(cell))
    except (ValueError, OverflowError) as error:
        raise LanewiseError(f"{name} is a {kind.words}, but {cell!r} came ({error})") from None


def checked_moment(moment: int) -> int:
    """A moment that can be reckoned with.

    Raises
    ------
    ValueError
        If it lies too far away.
    """
    if not -FARTHEST < moment < FARTHEST:
        raise ValueError(f"the moment {moment} lies too far away")
    return moment


def _line(entry: Any) -> bytes:
    content = json.dumps(entry, separators=(",", ":")).encode()
    return b"%08x %s\n" % (crc32(content), content)


def _lines(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Length of each line and what it says, ``None`` for a broken one; what a writer adds meanwhile is left out."""
    left = os.fstat(file.fileno()).st_size
    while line := file.readline(min(MAX_LINE_BYTES, left)):
        left -= len(line)
        yield len(line), _said(line)


def _said(line: bytes) -> Any:
    check, _, content = line.removesuffix(b"\n").partition(b" ")
    if not line.endswith(b"\n") or check != b"%08x" % crc32(content):
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None
