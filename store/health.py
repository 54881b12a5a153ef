"""Health of models as a home remembers it: ``var/drift/<data set>.<model>.json``, written by ``lanewise drift``.

A file holds the whole report; its part ``health`` is what the service tells.
"""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.health import NEVER_LOOKED, Health, ModelHealth
from domain.moment import parse_moment
from store.atomic import write_atomically

FORMAT = 1


def health_file(home: Path, name: str) -> Path:
    """Where the health of a model lies, named as in the registry."""
    return home / "var" / "drift" / f"{name}.json"


def write_health(home: Path, name: str, content: bytes) -> Path:
    """Replace a model's file by a new one, whole or not at all."""
    file = health_file(home, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, content)
    return file


def later_look(home: Path, name: str, version: str, as_of: datetime | None) -> datetime | None:
    """When the version was looked at later than by a moment that was asked for; without one, nothing is later."""
    known = read_health(home, name, version).as_of
    return known if as_of is not None and known is not None and known > as_of else None


def read_health(home: Path, name: str, version: str) -> ModelHealth:
    """Health of the version in service; unknown where nobody has looked at it, or the file cannot be read.

    Reading is quick: a file is parsed again only once it was replaced.
    """
    file = health_file(home, name)
    try:
        stamp = file.stat()
        return _parsed(file, stamp.st_mtime_ns, stamp.st_ino, version)
    except FileNotFoundError:
        return NEVER_LOOKED
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return ModelHealth(Health.UNKNOWN, f"{file} cannot be read ({error!r}); `lanewise drift DIR` writes it anew")


@lru_cache(maxsize=64)
def _parsed(file: Path, changed: int, inode: int, version: str) -> ModelHealth:
    """What a file says; ``changed`` and ``inode`` tell one content of it from the next."""
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if document["format"] != FORMAT:
        return ModelHealth(Health.UNKNOWN, f"{file} is of another format; `lanewise drift DIR` writes it anew")
    if _trained(document["version"]) != _trained(version):
        looked = f"version {document['version']} was looked at, but version {version} is in service"
        return ModelHealth(Health.UNKNOWN, f"{looked}; `lanewise drift DIR` looks again")
    said = document["health"]
    return ModelHealth(
        Health(said["state"]), said["reason"], _moment(said["since"]), _moment(said["as_of"]), said["cost_per_day"]
    )


def _trained(version: str) -> str:
    """A version without its update: drift judges by what was served at each time, whichever update that was."""
    return version.partition("+")[0]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)
