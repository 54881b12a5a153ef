"""Folders that lie beside a data set's tables without being of it, such as a simulator's truth.

Each carries a mark with the fingerprint of the data set that it was written with. The mark says two things: that
the folder is no user's own, so whoever replaces the data set may remove it; and that it belongs to this data set
and no other, also where a writer was killed between the folder and the manifest.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from domain.errors import NotThere
from domain.facts import FACTS
from store.dataset import Dataset

MARK = "of-data-set.txt"
NAME = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = {*FACTS, "quarantine"}


def folder_beside(dataset: Dataset, name: str) -> Path:
    """The folder that was written together with a data set.

    Raises
    ------
    NotThere
        If there is none, or it was written with another data set.
    """
    folder = dataset.folder / name
    if not is_marked(folder):
        raise NotThere(f"{folder} is not there; this data set was written without it")
    if (folder / MARK).read_text(encoding="utf-8").strip() != dataset.fingerprint:
        raise NotThere(f"{folder} belongs to another data set than the one in {dataset.folder}; write both again")
    return folder


def refuse_name(folder: Path, name: str) -> None:
    """Refuse a folder that cannot lie beside the tables, or that is a user's own.

    Raises
    ------
    NotThere
        If the name is taken, or a folder of this name does not carry the mark.
    """
    if name in RESERVED or not NAME.fullmatch(name):
        raise NotThere(f"{name!r} cannot name a folder beside the tables: small letters, no table's name")
    if (folder / name).exists() and not is_marked(folder / name):
        raise NotThere(f"{folder / name} was not written with a data set (it holds no {MARK}); move it elsewhere")


def is_marked(folder: Path) -> bool:
    """Whether a folder was written with a data set."""
    return (folder / MARK).is_file()


def mark(folder: Path, fingerprint: str) -> None:
    """Say which data set a folder was written with."""
    (folder / MARK).write_text(f"{fingerprint}\n", encoding="utf-8")


def marked(folder: Path) -> Iterator[str]:
    """Names of the marked folders of a data set's folder."""
    return (file.parent.name for file in sorted(folder.glob(f"*/{MARK}")))
