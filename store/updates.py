"""Sub-versions of champions: what was learned since training, kept beside the version and named by its hash.

``var/models/<name>/<version>+<8 digits>/update.json`` holds an update, whole or not at all and never changed;
``current.json`` says which one is in service; ``var/models/<name>/updates.jsonl`` is the log of all that was made,
refused, reverted and dropped. The log is written before what is in service moves: no update is ever in service without
a line.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from domain.errors import DamagedLog, NotThere, WrongModel
from store.atomic import sync_folder, write_atomically
from store.current import in_service, models_folder, put_in_service

FILE_NAME = "update.json"
LOG_NAME = "updates.jsonl"
DIGITS = 8

logger = logging.getLogger(__name__)


class Fate(StrEnum):
    """What became of an update."""

    APPLIED = "applied"
    REFUSED = "refused"
    REVERTED = "reverted"
    DROPPED = "dropped"
    """A promotion or a rollback began without it."""


@dataclass(frozen=True)
class Record:
    """One line of the log.

    Attributes
    ----------
    version
        Of the model, as the registry numbers it.
    update
        SHA-256 of the update that is in service afterwards, or that was refused; empty for none.
    before
        The one in service before; empty for none.
    at, by
        When, ISO 8601, and who; a name is a claim.
    as_of
        Moment by whose knowledge it was made, ISO 8601.
    fingerprint
        Of the data it was made from.
    reason
        Why it was refused, or what it was dropped by.
    told
        What the update says of itself: shifts, outcomes, losses.
    """

    fate: Fate
    version: str
    update: str
    before: str
    at: str
    by: str
    as_of: str = ""
    fingerprint: str = ""
    reason: str = ""
    told: dict[str, Any] = field(default_factory=dict)


NEEDED = tuple(item.name for item in fields(Record) if item.default is MISSING and item.default_factory is MISSING)
"""What no line of the log lacks."""


def label(version: str, update: str) -> str:
    """Name of a sub-version: ``3+1a2b3c4d``; of a version without an update ``3``."""
    return f"{version}+{update[:DIGITS]}" if update else version


def hash_of(content: bytes) -> str:
    """SHA-256 of an update."""
    return hashlib.sha256(content).hexdigest()


def keep_update(home: Path, name: str, version: str, content: bytes) -> str:
    """Keep an update beside its version, whole or not at all; return its hash.

    What is kept already is believed by its hash only: a file that was changed or lost is written anew.
    """
    update = hash_of(content)
    target = models_folder(home) / name / label(version, update)
    if target.is_dir():
        _mend(target / FILE_NAME, content)
        return update
    staged = target.with_name(f".{target.name}-{os.getpid()}")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    write_atomically(staged / FILE_NAME, content)
    os.replace(staged, target)  # noqa: PTH105 - the test that kills the process counts calls of os.replace
    sync_folder(target.parent)
    return update


def _mend(file: Path, content: bytes) -> None:
    """Write a kept update anew where its bytes are not those that its name stands for."""
    if file.is_file() and file.read_bytes() == content:
        return
    logger.error("%s was changed or lost since it was made, and is written anew", file)
    write_atomically(file, content)


def kept_update(home: Path, name: str, version: str, update: str) -> bytes:
    """An update that is kept, by its hash or the first digits of it.

    Raises
    ------
    NotThere
        If the home has none of that name.
    WrongModel
        If its file was changed.
    """
    file = models_folder(home) / name / label(version, update) / FILE_NAME
    if not file.is_file():
        raise NotThere(f"there is no update {label(version, update)} of {name} in {models_folder(home)}")
    content = file.read_bytes()
    if not hash_of(content).startswith(update):
        raise WrongModel(
            f"{file} was changed since it was made; `lanewise recalibrate DIR` learns an update anew, "
            "and with --revert it goes back to the one before"
        )
    return content


def log(home: Path, name: str, record: Record) -> None:
    """Add a line to the log."""
    file = models_folder(home) / name / LOG_NAME
    file.parent.mkdir(parents=True, exist_ok=True)
    earlier = file.read_bytes() if file.exists() else b""
    line = json.dumps(asdict(record), ensure_ascii=False, sort_keys=True)
    write_atomically(file, earlier + line.encode() + b"\n")


def logged(home: Path, name: str) -> tuple[Record, ...]:
    """Every line of the log, oldest first.

    Raises
    ------
    DamagedLog
        If a line cannot be read; the message says which, and what to do.
    """
    file = models_folder(home) / name / LOG_NAME
    if not file.exists():
        return ()
    return tuple(_record(file, number, line) for number, line in enumerate(file.read_bytes().splitlines(), start=1))


def _record(file: Path, number: int, line: bytes) -> Record:
    known = {item.name for item in fields(Record)}
    try:
        said = json.loads(line)
        kept = {key: value for key, value in said.items() if key in known}
        return Record(**{**kept, "fate": Fate(said["fate"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedLog(
            f"{file}, line {number}, is damaged ({error!r}): expected a JSON object with {', '.join(NEEDED)}. "
            "Put the file back from a copy of the home; where there is none, remove that line: in service stays what "
            "var/models/current.json says, and only the way back past that line is lost"
        ) from None


def put_update_in_service(home: Path, name: str, record: Record) -> None:
    """Log an update, or a way back to one, and put it in service with the version that is there."""
    log(home, name, record)
    current = in_service(home)[name]
    put_in_service(home, {name: replace(current, update=record.update)})


def drop_update(home: Path, name: str, by: str, at: str, reason: str) -> str:
    """Log that the update in service ends because its version is appointed anew or leaves; return its sub-version.

    Parameters
    ----------
    reason
        The appointment, in words.

    Returns
    -------
    str
        Such as ``3+1a2b3c4d``; empty where none is in service, and nothing is logged.
    """
    current = in_service(home).get(name)
    if current is None or not current.update:
        return ""
    log(home, name, Record(Fate.DROPPED, current.version, "", current.update, at, by, reason=reason))
    return label(current.version, current.update)


def line_of(records: Sequence[Record], version: str, current: str) -> tuple[str, ...]:
    """Updates of a version that were in service one after the other, ``current`` last; it begins with none at all.

    An update adds to the line, and so does the model as it was trained, where an update was dropped; a revert ends the
    line where it went back to, so that the next one goes one further back.
    What is in service decides: where a command was killed between log and service, the line ends there.
    """
    line = [""]
    for one in records:
        if one.version != version or one.fate is Fate.REFUSED:
            continue
        if one.fate is Fate.REVERTED and one.update in line:
            line = _up_to(line, one.update)
        elif line[-1] != one.update:
            line.append(one.update)
    return tuple(_up_to(line, current) if current in line else [*line, current])


def _up_to(line: list[str], update: str) -> list[str]:
    """The line up to where an update was last in service."""
    return line[: len(line) - line[::-1].index(update)]
