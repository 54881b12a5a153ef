"""``manifest.json``: what a data set holds, in bytes that depend on nothing but the data."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from domain.errors import BadManifest, NotThere
from domain.manifest import CalibrationBounds, Manifest, read_manifest
from domain.moment import format_moment

FILE_NAME = "manifest.json"
HASHED = re.compile(r"[0-9a-f]{64}\.parquet")
"""Name of a file of rows; any other is not ours."""


@dataclass(frozen=True)
class StoredFile:
    """One Parquet file: path relative to the data set's folder, SHA-256 of its bytes, rows."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class StoredTable:
    """One table of a data set.

    Attributes
    ----------
    files
        Where its rows are.
    columns
        Columns the user supplied, ``x_…`` included.
    rows
        Rows kept.
    collapsed
        Identical rows left out.
    corrections
        Rows that correct an earlier one of the same fact.
    outcomes_after_cut_off
        Outcomes that were not known yet at the cut-off, and so were blanked.
    outcomes_untimed
        Outcomes without a time, which count as known at the cut-off.
    quarantined
        Rows set aside, by the rule they broke.
    """

    files: tuple[StoredFile, ...]
    columns: tuple[str, ...]
    rows: int
    collapsed: int = 0
    corrections: int = 0
    outcomes_after_cut_off: int = 0
    outcomes_untimed: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Description:
    """A data set's manifest and its tables."""

    manifest: Manifest
    tables: Mapping[str, StoredTable]

    def as_bytes(self) -> bytes:
        """JSON with sorted keys; the same for the same data on every run."""
        manifest = self.manifest
        cut_off = None if manifest.cut_off is None else format_moment(manifest.cut_off)
        said = asdict(manifest)
        if not manifest.simulated:
            del said["simulated"]
        if manifest.country is None:
            del said["country"]
        if manifest.calibration == CalibrationBounds():
            del said["calibration"]
        elif manifest.calibration.largest_slope == CalibrationBounds().largest_slope:
            del said["calibration"]["largest_slope"]  # as data sets were described before there was one
        document = {
            **said,
            "cut_off": cut_off,
            "costs": {name: value for name, value in asdict(manifest.costs).items() if value is not None},
            "tables": {name: asdict(table) for name, table in self.tables.items()},
        }
        return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the manifest's content, hashes of the files included."""
        return hashlib.sha256(self.as_bytes()).hexdigest()


def read_description(folder: Path) -> Description:
    """Read ``folder/manifest.json``.

    Raises
    ------
    NotThere
        If the folder holds no data set.
    BadManifest
        If the file is damaged.
    """
    file = folder / FILE_NAME
    if not file.is_file():
        raise NotThere(
            f"{folder} holds no data set (no {FILE_NAME} there); make one with `lanewise import SOURCE --out {folder}`"
        )
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        tables = {name: _stored_table(table) for name, table in document["tables"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadManifest(f"{file} is damaged ({error!r}); import the data set again") from None
    try:
        manifest = read_manifest(document)
    except BadManifest as error:
        raise BadManifest(f"{file}: {error}; import the data set again") from None
    if manifest.cut_off is None:
        raise BadManifest(f"{file} names no cut_off; import the data set again")
    return Description(manifest, tables)


def _stored_table(document: dict[str, Any]) -> StoredTable:
    files = tuple(StoredFile(**file) for file in document["files"])
    return StoredTable(**{**document, "files": files, "columns": tuple(document["columns"])})
