"""The home's own copies of registered models, and which version of each is in service.

``var/models/<name>/<version>/`` holds a copy of every version, ``var/models/current.json`` says which one the
champion is, so that predicting and serving never import MLflow. MLflow's alias is the truth; :func:`disagreements`
tells where the copy does not follow it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import NotThere
from store.atomic import write_atomically

CHAMPION = "champion"
CHALLENGER = "challenger"


@dataclass(frozen=True)
class InService:
    """A model version in service; ``sha256`` is of its folder's content.

    ``update`` is the SHA-256 of what was learned since it was trained (:mod:`store.updates`); empty for nothing.
    """

    version: str
    run_id: str
    sha256: str
    update: str = ""


def models_folder(home: Path) -> Path:
    """Where a home keeps its copies."""
    return home / "var" / "models"


def copy_of(home: Path, name: str, version: str) -> Path:
    """Folder of the copy of a version.

    Raises
    ------
    NotThere
        If the home has no such copy.
    """
    folder = models_folder(home) / name / version
    if not folder.is_dir():
        raise NotThere(f"there is no version {version} of {name}; `lanewise models` lists what there is")
    return folder


def keep_copy(home: Path, name: str, version: str, folder: Path) -> str:
    """Copy a model's folder under its version, whole or not at all; return the hash of its content."""
    target = models_folder(home) / name / version
    staged = target.with_name(f".{version}-{os.getpid()}")
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(folder, staged)
    shutil.rmtree(target, ignore_errors=True)
    staged.replace(target)
    return folder_hash(target)


def in_service(home: Path) -> dict[str, InService]:
    """Champion of each name, as ``current.json`` says; empty where nothing was trained yet."""
    file = models_folder(home) / "current.json"
    if not file.exists():
        return {}
    return {name: InService(**said) for name, said in json.loads(file.read_text(encoding="utf-8")).items()}


def mark_of_service(home: Path) -> tuple[int, int, int] | None:
    """What is another whenever ``current.json`` was written: its inode, time and size; ``None`` where there is none."""
    try:
        found = (models_folder(home) / "current.json").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def put_in_service(home: Path, changes: Mapping[str, InService]) -> None:
    """Make versions the champions in service, all at once; the others stay."""
    said = {name: asdict(champion) for name, champion in (in_service(home) | dict(changes)).items()}
    file = models_folder(home) / "current.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, (json.dumps(said, indent=1, sort_keys=True) + "\n").encode())


def disagreements(home: Path, tracking_uri: str) -> list[str]:
    """Where ``current.json`` and MLflow's champion aliases differ, in words.

    MLflow's database is read directly; a tracking server, or a database that is not there, is not compared: the
    home's copies serve without it.
    """
    said = {name: champion.version for name, champion in in_service(home).items()}
    aliased = _champion_aliases(tracking_uri)
    if aliased is None:
        return []
    names = sorted(set(said) | set(aliased))
    return [
        f"{name}: version {said.get(name, 'none')} is in service, but the registry's champion is "
        f"{aliased.get(name, 'none')}; `lanewise promote` mends it"
        for name in names
        if said.get(name) != aliased.get(name)
    ]


def folder_hash(folder: Path) -> str:
    """Sha256 over names and bytes of all files of a folder."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _champion_aliases(tracking_uri: str) -> dict[str, str] | None:
    """Champions by MLflow's database; ``None`` where it is no database that can be read from here."""
    if tracking_uri.startswith("sqlite:///") and not Path(tracking_uri.removeprefix("sqlite:///")).exists():
        return None
    if not tracking_uri.startswith(("sqlite:", "postgresql")):
        return None
    engine = create_engine(tracking_uri)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("registered_model_aliases"):
                return {}
            query = text("SELECT name, version FROM registered_model_aliases WHERE alias = :alias")
            return {row.name: str(row.version) for row in connection.execute(query, {"alias": CHAMPION})}
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()
