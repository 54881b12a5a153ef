"""Folders that an import declares: beside it, anywhere on the machine, or inside an installed package."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from domain.errors import BadManifest, NotThere

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def find_folders(home: Path, declared: Mapping[str, Any], overrides: Mapping[str, Path]) -> dict[str, Path]:
    """Find every declared folder.

    Parameters
    ----------
    home
        The import folder; relative paths start there.
    declared
        ``[folders]`` of the manifest: a path, or ``{ package = "…", path = "…" }``.
    overrides
        Folders that the caller puts elsewhere, by name.

    Raises
    ------
    NotThere
        If a folder does not exist; the message says how to set it.
    BadManifest
        If a declaration says something else, or an override names no declared folder.
    """
    for name in overrides:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise BadManifest(f"the folder {name!r} is not declared under [folders] (declared: {known})")
    return {name: _find(home, name, said, overrides.get(name)) for name, said in declared.items()}


def _find(home: Path, name: str, said: Any, override: Path | None) -> Path:
    if override is not None:
        path = override.absolute()
    elif isinstance(said, str):
        path = home / said
    elif isinstance(said, Mapping) and isinstance(said.get("package"), str) and set(said) <= {"package", "path"}:
        path = _in_package(name, said["package"]) / str(said.get("path", "."))
    else:
        raise BadManifest(f'[folders] {name} must be a path or {{ package = "…", path = "…" }}, but is {said!r}')
    if not path.is_dir():
        raise NotThere(
            f"the folder {name!r} does not exist: {path} (from {'--folder' if override else '[folders]'}); "
            f"correct [folders] {name} in manifest.toml, or say where it is with --folder {name}=PATH"
        )
    return path.resolve()


def _in_package(name: str, package: str) -> Path:
    """The package's folder, found without importing it: an old one may no longer import."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise NotThere(
            f"the folder {name!r} lies in the Python package {package!r}, which is not installed; "
            f"`pip install {package}`, or say where its files are with --folder {name}=PATH"
        )
    return Path(next(iter(spec.submodule_search_locations)))
