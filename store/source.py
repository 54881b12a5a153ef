"""An import as its author wrote it: ``manifest.toml`` and one SQL file per table."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import BadManifest, BadQuery, BadTable, NotThere
from domain.facts import FACTS
from domain.manifest import SIMPLE_KEYS, Manifest, read_manifest
from store.folders import NAME, find_folders
from store.outside import Archive, Database, Outside, Workbook

MANIFEST = "manifest.toml"
KEYS = (*SIMPLE_KEYS, "cut_off", "severity", "costs", "calibration", "folders", "sources")
OUTSIDE: dict[str, type[Archive] | type[Workbook] | type[Database]] = {
    "archive": Archive,
    "excel": Workbook,
    "database": Database,
    "database_env": Database,
}


@dataclass(frozen=True)
class ImportSource:
    """Everything that an import reads.

    Attributes
    ----------
    folder
        The import folder.
    manifest
        The part of ``manifest.toml`` that describes the data.
    queries
        SQL text by table.
    folders
        Declared folders by name; each exists.
    sources
        Declared sources by the name of their view.
    """

    folder: Path
    manifest: Manifest
    queries: Mapping[str, str]
    folders: Mapping[str, Path]
    sources: Mapping[str, Outside]

    @property
    def readable(self) -> tuple[Path, ...]:
        """Folders that may be read, the import folder first."""
        return (self.folder, *self.folders.values())


def read_source(folder: Path, overrides: Mapping[str, Path]) -> ImportSource:
    """Read an import folder.

    Parameters
    ----------
    folder
        Holds ``manifest.toml`` and ``<table>.sql`` files.
    overrides
        Declared folders by name that lie elsewhere than the manifest says.

    Raises
    ------
    NotThere
        If the folder, its manifest or a declared folder does not exist.
    BadManifest
        If the manifest is no valid TOML or says what it may not.
    BadTable, BadQuery
        If a SQL file is named after no table, or none is there.
    """
    if not folder.is_dir():
        raise NotThere(f"{folder} is no folder; an import is a folder with {MANIFEST} and one SQL file per table")
    folder = folder.resolve()
    document = _document(folder / MANIFEST)
    try:
        manifest = read_manifest(document)
        folders = find_folders(folder, _section(document, "folders"), overrides)
        sources = {name: _outside(name, said) for name, said in _section(document, "sources").items()}
    except BadManifest as error:
        raise BadManifest(f"{folder / MANIFEST}: {error}") from None
    return ImportSource(folder, manifest, _queries(folder), folders, sources)


def nearest(name: str, known: Iterable[str]) -> str:
    """How a sentence about a name that is not known ends: with the nearest one that is, or a full stop."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else "."


def _document(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise NotThere(f'{file} does not exist; it says at least name = "…" (see "Bring your own data")')
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadManifest(f"{file} is no valid TOML: {error}") from None
    for key in document:
        if key not in KEYS:
            raise BadManifest(f"{file} has the unknown key {key!r}{nearest(key, KEYS)} It may hold {', '.join(KEYS)}")
    return document


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name, {})
    if not isinstance(section, Mapping):
        raise BadManifest(f"[{name}] must be a table of names, but is {section!r}")
    for key in section:
        if not NAME.fullmatch(key):
            raise BadManifest(
                f"[{name}] {key!r} must be a name that SQL can use: letters, digits and '_', no digit first"
            )
    return section


def _queries(folder: Path) -> dict[str, str]:
    found = {file.stem: file for file in sorted(folder.glob("*.sql"))}
    for table in found:
        if table not in FACTS:
            raise BadTable(
                f"{table}.sql is named after no canonical table{nearest(table, FACTS)} They are {', '.join(FACTS)}"
            )
    if not found:
        raise BadTable(f"{folder} holds no SQL file; name one after a canonical table: {', '.join(FACTS)}")
    return {table: _text(found[table]) for table in FACTS if table in found}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadQuery(f"{file.name} is no UTF-8 text: {error}") from None


def _outside(name: str, said: Any) -> Outside:
    kinds = [key for key in OUTSIDE if isinstance(said, Mapping) and key in said]
    if len(kinds) != 1:
        raise BadManifest(
            f"[sources] {name} must hold exactly one of {', '.join(OUTSIDE)}, "
            'as in { excel = "orders.xlsx", sheet = "Sheet1" }'
        )
    return OUTSIDE[kinds[0]].declared(name, dict(said))
