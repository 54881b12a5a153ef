"""An example's folder, where its raw files lie, and its import."""

import importlib.util
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from domain.params import ImportParams
from store.dataset import Dataset, open_dataset

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("cargo2000", "cargo2000-legs", "flights", "ttc-bus-delays", "yourcabs")


def raw_folder(name: str) -> Path:
    """The one folder that an example declares; the test is skipped where it is not there."""
    source = EXAMPLES / name
    (declared,) = tomllib.loads((source / "manifest.toml").read_text())["folders"].values()
    folder = source / declared if isinstance(declared, str) else _package_folder(**declared)
    if folder is None or not folder.is_dir():
        pytest.skip(f"data not here: {declared}")
    return folder


def imported(name: str, out: Path, folders: Mapping[str, Path] | None = None) -> Dataset:
    """Import an example, its folders replaced by those given."""
    from store.importer import import_source

    import_source(EXAMPLES / name, out, ImportParams(), folders=folders or {})
    return open_dataset(out)


def _package_folder(package: str, path: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / path
