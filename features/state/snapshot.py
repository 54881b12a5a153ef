"""A whole state in a folder: tables as Parquet, the rest as JSON, and an index with each file's hash, written last.

The folder takes its name when all its files are on the disk, so that whoever finds it finds all of it.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.live import Fate, Live
from features.state.errors import Damaged
from features.state.learned import learn_again, learned_tables
from features.state.shape import document_of, shape_of
from features.state.stamp import check_stamp, stamp
from features.state.told import tell_again, told_tables, vocabulary_of
from store.atomic import sync_folder, write_atomically

INDEX = "index.json"
HEAD = "state.json"
OURS = re.compile(r"state\.json|[a-z]+(-[a-z]+)?\.parquet")
"""Names of files that an index may list."""
MAX_INDEX_BYTES = 1_000_000
MENDED = "restore an older snapshot, or replay the records into a new state"


def write_snapshot(folder: Path, state: Live) -> None:
    """Write a state into a folder that is not there yet; it appears in one step that survives a loss of power."""
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    draft.mkdir()
    try:
        files = {name: _write(draft / name, content) for name, content in _contents(state)}
        write_atomically(draft / INDEX, _json(stamp() | {"files": files}))
        os.replace(draft, folder)  # noqa: PTH105 - the test that kills the process counts calls of os.replace
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def read_snapshot(folder: Path) -> Live:
    """The state in a folder, bit for bit.

    Raises
    ------
    OtherDefinitions
        If it was kept in another format, or under other definitions of features.
    Damaged
        If a file is missing, or is not what was written.
    """
    index = _index(folder)
    check_stamp(f"the snapshot {folder}", index)
    try:
        files = {name: _read(folder, name, said) for name, said in index["files"].items()}
        return state_of(json.loads(files.pop(HEAD)), {name.partition(".")[0]: _table(b) for name, b in files.items()})
    except (KeyError, TypeError, ValueError, AttributeError, pa.ArrowException) as error:
        raise Damaged(f"the snapshot {folder} does not hold what a snapshot holds ({error!r}); {MENDED}") from None


def state_of(head: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> Live:
    """A state out of its parts; see :func:`head_of` and :func:`tables_of`."""
    state = Live(shape_of(head["shape"]), vocabulary_of(tables))
    state.now, state.entered = head["now"], head["entered"]
    state.fates.update({Fate(name): count for name, count in head["fates"].items()})
    tell_again(state, tables)
    learn_again(state, tables)
    return state


def head_of(state: Live) -> dict[str, Any]:
    """What is no table: the shape, the moment, counts."""
    return {"shape": document_of(state.shape), "now": state.now, "entered": state.entered, "fates": dict(state.fates)}


def tables_of(state: Live) -> dict[str, pa.Table]:
    """All other parts of a state by name; none of them is empty."""
    tables = told_tables(state) | learned_tables(state)
    return {name: table for name, table in tables.items() if table.num_rows}


def _contents(state: Live) -> list[tuple[str, bytes]]:
    tables = ((f"{name}.parquet", _parquet(table)) for name, table in tables_of(state).items())
    return [(HEAD, _json(head_of(state))), *tables]


def _write(path: Path, content: bytes) -> dict[str, Any]:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _read(folder: Path, name: str, said: Mapping[str, Any]) -> bytes:
    """The bytes that were written, and no more of them than the index says."""
    if not OURS.fullmatch(name):
        raise Damaged(f"the index of the snapshot {folder} lists {name!r}, which no snapshot holds; {MENDED}")
    try:
        with (folder / name).open("rb") as file:
            content = file.read(int(said["bytes"]) + 1)
    except FileNotFoundError:
        raise Damaged(f"the snapshot {folder} lacks {name}; {MENDED}") from None
    found = hashlib.sha256(content).hexdigest()
    if len(content) != said["bytes"] or found != said["sha256"]:
        raise Damaged(
            f"the snapshot {folder} is damaged: {name} was written with {said['bytes']} bytes and the sha256 "
            f"{str(said['sha256'])[:12]}, but {len(content)} and {found[:12]} came; {MENDED}"
        )
    return content


def _index(folder: Path) -> dict[str, Any]:
    try:
        with (folder / INDEX).open("rb") as file:
            document = json.loads(file.read(MAX_INDEX_BYTES))
    except (FileNotFoundError, ValueError) as error:
        raise Damaged(f"the snapshot {folder} has no index that can be read ({error!r}); {MENDED}") from None
    if not isinstance(document, dict):
        raise Damaged(f"the index of the snapshot {folder} is no JSON object; {MENDED}")
    return document


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=1).encode()


def _parquet(table: pa.Table) -> bytes:
    """Bytes of numbers side by side by place: those that all numbers share compress to nothing, and none is rounded."""
    sink = pa.BufferOutputStream()
    numbers = [one.name for one in table.schema if pa.types.is_integer(one.type) or pa.types.is_floating(one.type)]
    encoding = dict.fromkeys(numbers, "BYTE_STREAM_SPLIT")
    pq.write_table(
        table, sink, compression="zstd", use_dictionary=False, column_encoding=encoding, write_statistics=False
    )
    return bytes(sink.getvalue())


def _table(content: bytes) -> pa.Table:
    return pq.read_table(pa.BufferReader(content))
