"""The home's own copies of registered models, and which version of each is in service.

``var/models/<name>/<version>/`` holds a copy of every version, ``var/models/current.json`` says which one the
champion is, so that predicting and serving never import MLflow. ``<version>.sha256`` beside a copy is the hash that it
was registered with. MLflow's alias is the truth; :func:`disagreements`
tells where the copy does not follow it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import DamagedFile, NotThere, WrongModel
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
        raise NotThere(
            f"{models_folder(home)} has no copy of version {version} of {name}; `lanewise models` lists what is "
            f"registered, and `lanewise promote` and `lanewise compare` fetch a registered version from MLflow"
        )
    return folder


def has_copy(home: Path, name: str, version: str) -> bool:
    """Whether the home has a copy of a version."""
    return (models_folder(home) / name / version).is_dir()


def keep_copy(home: Path, name: str, version: str, folder: Path, sha256: str = "") -> str:
    """Copy a model's folder under its version, whole or not at all; return the hash that is kept with it.

    Parameters
    ----------
    sha256
        The hash that the version was registered with, where it was before.
    """
    target = models_folder(home) / name / version
    staged = target.with_name(f".{version}-{os.getpid()}")
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(folder, staged)
    kept = sha256 or folder_hash(staged)
    write_atomically(_hash_file(home, name, version), f"{kept}\n".encode())
    shutil.rmtree(target, ignore_errors=True)
    staged.replace(target)
    return kept


def kept_hash(home: Path, name: str, version: str) -> str:
    """The hash that is kept with a copy; empty where a version was registered before hashes were kept so."""
    file = _hash_file(home, name, version)
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""


def vouch(folder: Path, name: str, version: str, sha256: str) -> None:
    """Refuse a version's files where they are not those that were registered.

    Raises
    ------
    WrongModel
        If they hash otherwise; the message says what to do.
    """
    if not is_whole(folder, sha256):
        raise WrongModel(
            f"the files of {name} {version} in {folder} were changed since they were registered. Put them back from a "
            f"copy of the home; or move the folder away, and `lanewise promote {name} {version} …` or `lanewise "
            "compare` fetches them from MLflow; or train the model again"
        )


def in_service(home: Path) -> dict[str, InService]:
    """Champion of each name, as ``current.json`` says; empty where nothing was trained yet.

    Raises
    ------
    DamagedFile
        If it cannot be read; the message says what to do.
    """
    file = models_folder(home) / "current.json"
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return {name: _champion(said) for name, said in json.loads(content).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedFile(
            f"{file} is damaged ({error!r}): expected a JSON object that gives each model's version, run_id and "
            "sha256. Put it back from a copy of the home; where there is none, remove it: `lanewise models` then tells "
            "which champions `lanewise promote` puts back, and `lanewise recalibrate` updates them anew"
        ) from None


def _champion(said: dict[str, Any]) -> InService:
    kept = {item.name: said[item.name] for item in fields(InService) if item.name in said}
    if wrong := [name for name, value in kept.items() if not isinstance(value, str)]:
        raise TypeError(f"{', '.join(wrong)} is no text")
    return InService(**kept)


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
        f"{aliased.get(name, 'none')}; `lanewise promote {name} {aliased.get(name) or said[name]}` mends it"
        for name in names
        if said.get(name) != aliased.get(name)
    ]


def folder_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of all files of a folder, each after its length, so that no two are taken alike."""
    digest = hashlib.sha256(b"\0")
    for name, content in _files(folder):
        for part in (name, content):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def is_whole(folder: Path, sha256: str) -> bool:
    """Whether a folder's content has a hash, by today's rule or by the one before, which told of no lengths.

    Nothing is hashed alike by both: today's rule begins with a zero byte, which no file's name does.
    """
    return folder_hash(folder) == sha256 or _hash_of_before(folder) == sha256


def _hash_of_before(folder: Path) -> str:
    digest = hashlib.sha256()
    for name, content in _files(folder):
        digest.update(name + b"\0" + content + b"\0")
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each file of a folder, by name."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield file.relative_to(folder).as_posix().encode(), file.read_bytes()


def _hash_file(home: Path, name: str, version: str) -> Path:
    return models_folder(home) / name / f"{version}.sha256"


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
